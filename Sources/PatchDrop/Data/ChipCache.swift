// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform

/// Decoded images in one file, so that the next training maps them and decodes nothing.
///
/// A page of facts, the samples of all images one after another, and a ``ChipTable`` as JSON. Each
/// data set has one file for each way to read it; a file whose fingerprint is not that of the data
/// set is replaced.
struct ChipCache {
  /// The format that this program writes; others are replaced.
  static let format: UInt64 = 1
  /// Where the samples begin: a page, so that they are mapped as they are.
  static let firstPage = 4096
  static let magic = Array("fovea chips\n".utf8)

  let url: URL
  /// What the images were decoded from, and how.
  let fingerprint: String

  /// The place of a data set's images.
  ///
  /// - Parameters:
  ///   - wanted: the splits that are decoded.
  init(
    folder: URL, dataSet: URL, sidePixels: Int?, wanted: Set<DataSplit>, fingerprint: String
  ) {
    let way = "\(sidePixels ?? 0) \(wanted.map(\.rawValue).sorted().joined(separator: ","))"
    let place = dataSet.standardizedFileURL.path
    let digest = Digest.sha256(Data("\(place)\n\(way)".utf8)).prefix(16)
    let name = dataSet.deletingPathExtension().lastPathComponent.prefix(64)
    url = folder.appending(path: "\(name)-\(digest).chips")
    self.fingerprint = Digest.sha256(Data("\(fingerprint)\n\(way)".utf8))
  }

  /// The images, mapped; nil where there are none, or not these, or they are damaged.
  func read() -> (table: ChipTable, samples: SampleMemory)? {
    guard let data = try? Data(contentsOf: url, options: .alwaysMapped),
      let head = Head(data.prefix(Self.firstPage)), head.fingerprint == fingerprint
    else { return nil }
    let (tableStart, overflows) = Self.firstPage.addingReportingOverflow(head.sampleByteCount)
    guard !overflows, data.count - tableStart == head.tableByteCount else { return nil }
    let bytes = Data(data[tableStart...])
    guard Digest.sha256(bytes) == head.tableDigest,
      let table = try? JSON.decoder().decode(ChipTable.self, from: bytes), table.isConsistent,
      table.paths.count * table.sampleCount == head.sampleByteCount
    else { return nil }
    return (table, .mapped(data[Self.firstPage..<tableStart]))
  }

  /// The first page.
  struct Head {
    let fingerprint: String
    let tableDigest: String
    let sampleByteCount: Int
    let tableByteCount: Int

    init(fingerprint: String, tableDigest: String, sampleByteCount: Int, tableByteCount: Int) {
      (self.fingerprint, self.tableDigest) = (fingerprint, tableDigest)
      (self.sampleByteCount, self.tableByteCount) = (sampleByteCount, tableByteCount)
    }

    /// Nil where the bytes are no head of this format.
    init?(_ data: Data) {
      guard data.count == ChipCache.firstPage, data.starts(with: ChipCache.magic) else {
        return nil
      }
      let lines = data.dropFirst(ChipCache.magic.count).split(separator: UInt8(ascii: "\n"))
        .map { String(decoding: $0, as: UTF8.self) }
      guard lines.count > 4, lines[0] == "\(ChipCache.format)", let sampleByteCount = Int(lines[3]),
        let tableByteCount = Int(lines[4]), sampleByteCount >= 0, tableByteCount > 0
      else { return nil }
      self.init(
        fingerprint: lines[1], tableDigest: lines[2], sampleByteCount: sampleByteCount,
        tableByteCount: tableByteCount)
    }

    /// The whole page: a line each, then zeros.
    var bytes: Data {
      let lines =
        [
          "\(ChipCache.format)", fingerprint, tableDigest, "\(sampleByteCount)",
          "\(tableByteCount)",
        ].joined(separator: "\n") + "\n"
      var page = Data(ChipCache.magic) + Data(lines.utf8)
      page.append(Data(count: ChipCache.firstPage - page.count))
      return page
    }
  }
}
