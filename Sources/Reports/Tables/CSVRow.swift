// SPDX-License-Identifier: Apache-2.0

/// A line of a table with commas (RFC 4180), which spreadsheets open.
enum CSVRow {
  /// The fields as a line with its end; quotes are put where they are needed.
  static func text(_ fields: [String]) -> String {
    fields.map(field).joined(separator: ",") + "\n"
  }

  private static func field(_ text: String) -> String {
    // A spreadsheet takes these beginnings as a formula, and vendors' names come from outside;
    // numbers of ours may begin with a minus.
    let isFormula =
      text.first.map { "=+-@\t\r".contains($0) } ?? false && Double(text) == nil
    let text = isFormula ? "'" + text : text
    guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
