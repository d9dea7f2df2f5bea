// SPDX-License-Identifier: Apache-2.0

import Foundation

/// fMoW's tables as the paper's code reads them: `train.csv` and `test.csv` (or `val.csv`) with the
/// columns `label` and `location`, a path from the table's folder on.
struct CSVLayout {
  private let files: DataFiles
  private let tables: [(name: String, split: DataSplit, table: CommaSeparatedTable)]

  /// Nil where no such table with these columns is there.
  init?(_ files: DataFiles) throws {
    let names = Set(files.names.filter { $0.hasSuffix(".csv") }.map { String($0.dropLast(4)) })
    var tables: [(name: String, split: DataSplit, table: CommaSeparatedTable)] = []
    for (part, split) in DataSplit.ofFolders(names).sorted(by: { $0.key < $1.key }) {
      let name = part + ".csv"
      let table = try CommaSeparatedTable(files.text(name), path: "\(files.path)/\(name)")
      guard table.column("label") != nil, table.column("location") != nil else { return nil }
      tables.append((name, split, table))
    }
    guard !tables.isEmpty else { return nil }
    (self.files, self.tables) = (files, tables)
  }

  func images() throws -> [DataListing.Image] {
    let names = Set(files.names)
    var seen: [String: String] = [:]
    return try tables.flatMap { name, split, table in
      guard let label = table.column("label"), let location = table.column("location") else {
        return [DataListing.Image]()
      }
      return try table.rows.map { line, fields in
        var path = fields[location]
        while path.hasPrefix("./") { path = String(path.dropFirst(2)) }
        func malformed(_ reason: String) -> DataSetError {
          .malformedTable(path: "\(files.path)/\(name)", line: line, reason: reason)
        }
        guard !path.isEmpty, !fields[label].isEmpty else {
          throw malformed("the label or the location is empty")
        }
        if let earlier = seen.updateValue("\(name), line \(line),", forKey: path) {
          throw malformed("\(path) stands in \(earlier) already")
        }
        return DataListing.Image(
          path: path, className: fields[label], split: split,
          place: names.contains(path)
            ? .file(path) : .nowhere(reason: "\(name) names it, but there is no such file"))
      }
    }
  }
}
