// SPDX-License-Identifier: Apache-2.0

import Foundation
import PatchDrop
import Platform
import Raster
import TestSupport

/// Data sets of little pictures, made for a test.
struct DataFixture {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  var url: URL { folder.url }

  func write(_ name: String, _ data: Data) throws {
    let file = url.appending(path: name)
    try DurableFile.createFolder(file.deletingLastPathComponent())
    try data.write(to: file)
  }

  func write(_ name: String, _ text: String) throws { try write(name, Data(text.utf8)) }

  /// A picture that `seed` gives its samples.
  static func window(
    width: Int = 8, height: Int = 8, bandCount: Int = 3, seed: Int = 0
  ) -> Window<UInt8> {
    Window(
      bandCount: bandCount, height: height, width: width,
      samples: (0..<bandCount * height * width).map { UInt8(($0 * 7 + seed * 31) % 256) })
  }

  func picture(
    _ name: String, width: Int = 8, height: Int = 8, bandCount: Int = 3, seed: Int = 0
  ) throws {
    let window = Self.window(width: width, height: height, bandCount: bandCount, seed: seed)
    try write(name, PNG.encode(window))
  }

  /// Twelve pictures each of the classes dark and bright; returns a table that names them.
  @discardableResult
  func twoClasses(in parent: String = "") throws -> String {
    var table = "path\tclass\tsplit\n"
    for (place, name) in ["dark", "bright"].enumerated() {
      for number in 0..<12 {
        try picture("\(parent)\(name)/\(number).png", seed: place * 100 + number)
        table += "\(name)/\(number).png\t\(name)\t\(number < 10 ? "train" : "val")\n"
      }
    }
    return table
  }

  /// A record of CIFAR's layout: label bytes and 32 x 32 pixels in three planes.
  static func record(_ labels: [UInt8], seed: Int) -> Data {
    Data(labels) + Data(window(width: 32, height: 32, seed: seed).samples)
  }

  /// An archive of the folder's content, as tar writes it.
  func archive(_ arguments: [String] = ["--format=ustar"], of name: String = ".") throws -> URL {
    let target = url.deletingLastPathComponent()
      .appending(path: "\(url.lastPathComponent)-\(UUID().uuidString.prefix(4)).tar")
    let tar = Process()
    tar.executableURL = URL(filePath: "/usr/bin/tar")
    tar.arguments = arguments + ["-cf", target.path, "-C", url.path, name]
    try tar.run()
    tar.waitUntilExit()
    return target
  }

  /// What `LabelledChips` says of a data set that it refuses.
  func refusal(
    zoom: Int = 4, wanted: Set<DataSplit> = Set(DataSplit.allCases),
    options: DataOptions = DataOptions()
  ) -> String {
    do {
      _ = try LabelledChips(contentsOf: url, zoom: zoom, wanted: wanted, options: options)
      return "nothing"
    } catch {
      return "\(error)"
    }
  }
}

extension LabelledChips {
  /// Everything that a training sees of an image.
  func facts(_ index: Int) -> String {
    "\(paths[index]) \(classes[labels[index]]) \(splits[index].rawValue) "
      + Digest.sha256(Data(highSamples(index)) + Data(lowSamples(index)))
  }

  var facts: [String] { paths.indices.map { facts($0) } }
}
