// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform

/// What commands print.
enum Printing {
  /// Prints a value as JSON.
  static func json(_ value: some Encodable) throws {
    print(String(decoding: try JSON.encoder(pretty: false).encode(value), as: UTF8.self))
  }

  /// Prints rows in columns under their heads; nothing but the heads where there is no row.
  static func table(_ heads: [String], _ rows: [[String]]) {
    let widths = heads.indices.map { column in
      ([heads] + rows).map { $0[column].count }.max() ?? 0
    }
    for row in [heads] + rows {
      let cells = zip(row, widths).map { text, width in
        text + String(repeating: " ", count: width - text.count)
      }
      print(cells.joined(separator: "  ").trimmingTrailingSpaces)
    }
  }

  /// Writes bytes to standard output as they are.
  static func raw(_ data: Data) throws { try FileHandle.standardOutput.write(contentsOf: data) }

  /// Writes a line to standard error.
  static func error(_ text: String) {
    // There is nowhere left to report that standard error cannot be written.
    try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
  }

  /// A point in time as a person reads it, in UTC to the second.
  static func time(_ date: Date) -> String {
    String(Timestamp.text(date).prefix(19)).replacing("T", with: " ")
  }
}

extension String {
  fileprivate var trimmingTrailingSpaces: String {
    String(reversed().drop { $0 == " " }.reversed())
  }
}
