// SPDX-License-Identifier: Apache-2.0

/// A table of comma-separated values with a head line, as RFC 4180 has it: a field in double quotes
/// may hold commas, line ends and, doubled, quotes.
struct CommaSeparatedTable {
  let head: [String]
  /// Each with the line on which it begins, from 1.
  private(set) var rows: [(line: Int, fields: [String])] = []

  /// - Parameter path: the file, for messages.
  init(_ text: String, path: String) throws(DataSetError) {
    var reader = Reader(bytes: Array(text.utf8))
    head = try reader.row(path: path) ?? []
    while true {
      let line = reader.line
      guard let fields = try reader.row(path: path) else { break }
      // An empty line is a row of one empty field.
      if fields == [""] { continue }
      guard fields.count == head.count else {
        throw .malformedTable(
          path: path, line: line, reason: "\(fields.count) fields, not \(head.count)")
      }
      rows.append((line, fields))
    }
  }

  /// The place of a column, whatever the case of its name.
  func column(_ name: String) -> Int? {
    head.firstIndex { $0.lowercased() == name }
  }

  private struct Reader {
    let bytes: [UInt8]
    var place = 0
    var line = 1

    private static let (quote, comma) = (UInt8(ascii: "\""), UInt8(ascii: ","))
    private static let (newline, carriage) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))

    /// The next row; nil at the end.
    mutating func row(path: String) throws(DataSetError) -> [String]? {
      guard place < bytes.count else { return nil }
      var fields: [String] = []
      while true {
        fields.append(try field(path: path))
        guard place < bytes.count else { return fields }
        let end = bytes[place]
        place += 1
        if end == Self.comma { continue }
        if end == Self.carriage, place < bytes.count, bytes[place] == Self.newline { place += 1 }
        line += 1
        return fields
      }
    }

    /// A field; `place` is then at what ended it.
    private mutating func field(path: String) throws(DataSetError) -> String {
      var content: [UInt8] = []
      guard place < bytes.count, bytes[place] == Self.quote else {
        while place < bytes.count, !isEnd(bytes[place]) {
          content.append(bytes[place])
          place += 1
        }
        return String(decoding: content, as: UTF8.self)
      }
      let start = line
      place += 1
      while place < bytes.count {
        let byte = bytes[place]
        place += 1
        if byte == Self.quote {
          guard place < bytes.count, bytes[place] == Self.quote else {
            guard place == bytes.count || isEnd(bytes[place]) else {
              throw .malformedTable(
                path: path, line: line, reason: "text follows a closing quote")
            }
            return String(decoding: content, as: UTF8.self)
          }
          place += 1
        }
        if byte == Self.newline { line += 1 }
        content.append(byte)
      }
      throw .malformedTable(path: path, line: start, reason: "a quote is not closed")
    }

    private func isEnd(_ byte: UInt8) -> Bool {
      byte == Self.comma || byte == Self.newline || byte == Self.carriage
    }
  }
}
