// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The rows of a `labels.tsv`: path, class, split.
struct LabelTable {
  struct Row {
    let path: String
    let className: String
    let split: DataSplit
  }

  let rows: [Row]
  let classes: [String]
  /// The class of each row, an index into `classes`.
  let labels: [Int]
  /// The split of each row, `tune` set apart.
  let splits: [DataSplit]

  init(_ text: String, path: String) throws(ModelError) {
    let lines = text.split(whereSeparator: \.isNewline)
    guard let head = lines.first?.split(separator: "\t").map(String.init),
      let pathColumn = head.firstIndex(of: "path"), let classColumn = head.firstIndex(of: "class"),
      let splitColumn = head.firstIndex(of: "split")
    else {
      throw .malformedTable(path: path, line: 1, reason: "no columns path, class and split")
    }
    var rows: [Row] = []
    for (number, line) in lines.enumerated().dropFirst() {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == head.count else {
        throw .malformedTable(
          path: path, line: number + 1, reason: "\(fields.count) fields, not \(head.count)")
      }
      guard let split = DataSplit(rawValue: fields[splitColumn]), split != .tune else {
        throw .malformedTable(
          path: path, line: number + 1,
          reason: "the split \"\(fields[splitColumn])\" is neither train nor val")
      }
      rows.append(Row(path: fields[pathColumn], className: fields[classColumn], split: split))
    }
    let classes = Set(rows.map(\.className)).sorted()
    guard classes.count > 1 else {
      throw .tooFewClasses(path: path, count: classes.count)
    }
    let places = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
    let labels = rows.map { places[$0.className] ?? 0 }
    self.rows = rows
    self.classes = classes
    self.labels = labels
    splits = DataSplit.settingTuneApart(rows.map(\.split), paths: rows.map(\.path), labels: labels)
  }
}
