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

  /// A number with so many decimals.
  static func decimals(_ value: Double, _ count: Int) -> String {
    String(format: "%.\(count)f", value)
  }

  /// A share as a person reads it.
  static func percent(_ share: Double) -> String { decimals(100 * share, 1) + " %" }

  /// A length on the ground, without decimals that say nothing.
  static func length(_ metres: Double) -> String { String(format: "%g m", metres) }

  /// The size of a file in MB of a million bytes.
  static func size(bytes: Int) -> String { decimals(Double(bytes) / 1e6, 1) + " MB" }

  /// The length of a file.
  static func byteCount(of url: URL) throws -> Int {
    try url.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
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
