// SPDX-License-Identifier: Apache-2.0

package import Foundation
import Platform

/// The bytes that each seed of the mutation run stands for, the same on every machine with the same
/// good files.
package struct HostileRaster: Sendable {
  /// A file to try.
  package struct Sample: Sendable {
    package let seed: UInt64
    package let bytes: [UInt8]
    /// What was done, for the person who looks into a failure.
    package let story: String
  }

  private let goodFiles: [(name: String, bytes: [UInt8])]

  /// - Parameters:
  ///   - folders: where good TIFFs are; the sub-folders are not looked at.
  ///   - largestByteCount: larger ones are left out: most of them is pixels.
  package init(folders: [URL], largestByteCount: Int = 400_000) throws {
    var goodFiles: [(name: String, bytes: [UInt8])] = []
    for folder in folders {
      for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      where name.hasSuffix(".tif") {
        let bytes = [UInt8](try Data(contentsOf: folder.appending(path: name)))
        if bytes.count <= largestByteCount { goodFiles.append((name, bytes)) }
      }
    }
    self.goodFiles = goodFiles
  }

  /// How many good files there are to change.
  package var goodFileCount: Int { goodFiles.count }

  /// The file of a seed: half are written tag by tag, half are changed from good ones.
  package func sample(_ seed: UInt64) -> Sample {
    var generator = SeededGenerator(seed: seed)
    guard Bool.random(using: &generator), !goodFiles.isEmpty else {
      let plain = PlainRaster(using: &generator)
      let (file, changes) = HostileTIFF.spoil(plain.file(), using: &generator)
      return Sample(
        seed: seed, bytes: file.bytes(), story: "written: " + changes.joined(separator: "; "))
    }
    let good = goodFiles[Int.random(in: 0..<goodFiles.count, using: &generator)]
    let other = goodFiles[Int.random(in: 0..<goodFiles.count, using: &generator)]
    let (bytes, changes) = RasterMutation.mutate(good.bytes, with: other.bytes, using: &generator)
    return Sample(
      seed: seed, bytes: bytes,
      story: "\(good.name) changed, with \(other.name): " + changes.joined(separator: "; "))
  }
}
