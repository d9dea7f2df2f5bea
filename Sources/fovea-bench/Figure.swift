// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Numbers and tables as a person reads them.
enum Figure {
  /// Three digits or all before the point: 0.00156, 14.3, 2504.
  static func text(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return "\(value)" }
    let digits = max(0, 2 - Int(floor(log10(abs(value)))))
    return String(format: "%.\(digits)f", value)
  }

  /// A number that may be missing.
  static func text(_ value: Double?) -> String { value.map { text($0) } ?? "-" }

  /// Rows in columns under their heads, the first column from the left, the others from the right.
  static func table(_ heads: [String], _ rows: [[String]]) -> String {
    let widths = heads.indices.map { column in
      ([heads] + rows).map { $0[column].count }.max() ?? 0
    }
    return ([heads] + rows).map { row in
      row.enumerated().map { column, field in
        let space = String(repeating: " ", count: widths[column] - field.count)
        return column == 0 ? field + space : space + field
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
