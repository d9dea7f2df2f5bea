// SPDX-License-Identifier: Apache-2.0

import Foundation
import Raster

/// CIFAR's published binary files: records of a label, or two, and 32 x 32 pixels in three planes.
struct CIFARRecords {
  /// The side of a picture in pixels.
  static let side = 32
  /// The bytes of a picture.
  static let pictureByteCount = 3 * side * side

  /// The files of CIFAR-10 have one label byte a record, those of CIFAR-100 a coarse and a fine one.
  static func labelByteCount(_ file: String) -> Int? {
    if file == "train.bin" || file == "test.bin" { return 2 }
    return file == "test_batch.bin" || file.wholeMatch(of: /data_batch_\d+\.bin/) != nil ? 1 : nil
  }

  /// The records of each file, by its name.
  let counts: [String: Int]

  /// Measures the files that are there.
  init(_ files: DataFiles) throws {
    var counts: [String: Int] = [:]
    for name in files.names {
      guard let labelByteCount = Self.labelByteCount(name) else { continue }
      let recordByteCount = labelByteCount + Self.pictureByteCount
      let byteCount = try files.byteCount(name)
      guard byteCount > 0, byteCount.isMultiple(of: recordByteCount) else {
        throw DataSetError.damagedFile(
          path: "\(files.path)/\(name)",
          reason: "its \(byteCount) bytes are no whole records of \(recordByteCount)")
      }
      counts[name] = byteCount / recordByteCount
    }
    self.counts = counts
  }

  /// The name of a record, with so many digits that names sort as numbers do.
  static func path(_ file: String, _ index: Int) -> String {
    let digits = String(index)
    return "\(file)#\(String(repeating: "0", count: max(0, 5 - digits.count)))\(digits)"
  }

  /// Where the picture of a record begins, named `FILE#INDEX`; nil for another name.
  func place(_ path: String) -> DataListing.Place? {
    let parts = path.split(separator: "#")
    guard parts.count == 2, let index = Int(parts[1]), index >= 0 else { return nil }
    let file = String(parts[0])
    guard let labelByteCount = Self.labelByteCount(file), let count = counts[file] else {
      return nil
    }
    guard index < count else { return .nowhere(reason: "\(file) has \(count) records") }
    return .planes(
      file: file, offset: index * (labelByteCount + Self.pictureByteCount) + labelByteCount)
  }
}

/// CIFAR-10 or CIFAR-100 as published, without a `labels.tsv`: `test` files are for `val`.
struct CIFARLayout {
  private let files: DataFiles
  private let records: CIFARRecords
  private let classes: [String]
  private let namesFile: String

  /// Nil where the files are not of this layout.
  init?(_ files: DataFiles) throws {
    let records = try CIFARRecords(files)
    guard
      let labelByteCount = records.counts.keys.sorted().first.flatMap(CIFARRecords.labelByteCount)
    else { return nil }
    namesFile = labelByteCount == 1 ? "batches.meta.txt" : "fine_label_names.txt"
    guard files.names.contains(namesFile) else {
      throw DataSetError.missingFile(
        path: files.path, name: namesFile, purpose: "names the classes, a line each")
    }
    classes = try files.text(namesFile).split(whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    self.files = files
    self.records = records
  }

  func images() throws -> [DataListing.Image] {
    try records.counts.sorted { $0.key < $1.key }.flatMap { file, count in
      let labelByteCount = CIFARRecords.labelByteCount(file) ?? 1
      let recordByteCount = labelByteCount + CIFARRecords.pictureByteCount
      return try (0..<count).map { index in
        let start = index * recordByteCount
        // The fine label is the last one.
        let label = try files.bytes(file, start..<start + labelByteCount)[labelByteCount - 1]
        guard Int(label) < classes.count else {
          throw DataSetError.damagedFile(
            path: "\(files.path)/\(file)",
            reason: "record \(index) has the label \(label), and \(namesFile) names "
              + "\(classes.count) classes")
        }
        return DataListing.Image(
          path: CIFARRecords.path(file, index), className: classes[Int(label)],
          split: file.hasPrefix("test") ? .val : .train,
          place: .planes(file: file, offset: start + labelByteCount))
      }
    }
  }
}
