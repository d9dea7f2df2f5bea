// SPDX-License-Identifier: Apache-2.0

import Foundation
import Raster

/// A `labels.tsv`: the columns path, class and, where it likes, split.
struct LabelTable {
  static let name = "labels.tsv"

  struct Row {
    let path: String
    let className: String
    let split: DataSplit?
  }

  let rows: [Row]

  init(_ text: String, path: String) throws(DataSetError) {
    let table = path + "/" + Self.name
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let head = lines[0].split(separator: "\t").map(String.init)
    guard let pathColumn = head.firstIndex(of: "path"),
      let classColumn = head.firstIndex(of: "class")
    else {
      throw .malformedTable(path: table, line: 1, reason: "no columns path and class")
    }
    let splitColumn = head.firstIndex(of: "split")
    var rows: [Row] = []
    var seen: [String: Int] = [:]
    for (index, line) in lines.enumerated().dropFirst() where !line.isEmpty {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      func malformed(_ reason: String) -> DataSetError {
        .malformedTable(path: table, line: index + 1, reason: reason)
      }
      guard fields.count == head.count else {
        throw malformed("\(fields.count) fields, not \(head.count)")
      }
      let split = splitColumn.map { DataSplit(rawValue: fields[$0]) }
      if let splitColumn, split == .some(nil) {
        throw malformed("the split \"\(fields[splitColumn])\" is none of train, tune and val")
      }
      let row = Row(
        path: fields[pathColumn], className: fields[classColumn], split: split ?? nil)
      guard !row.path.isEmpty, !row.className.isEmpty else {
        throw malformed("the path or the class is empty")
      }
      if let earlier = seen.updateValue(index + 1, forKey: row.path) {
        throw malformed("\(row.path) stands in line \(earlier) already")
      }
      rows.append(row)
    }
    self.rows = rows
  }

  /// The images of the rows; one that is not there is listed with that as the reason.
  func images(in files: DataFiles) throws -> [DataListing.Image] {
    let names = Set(files.names)
    let records = try CIFARRecords(files)
    return rows.map { row in
      let place: DataListing.Place =
        if names.contains(row.path) {
          .file(row.path)
        } else {
          records.place(row.path)
            ?? .nowhere(reason: "\(Self.name) names it, but there is no such file")
        }
      return DataListing.Image(
        path: row.path, className: row.className, split: row.split, place: place)
    }
  }
}
