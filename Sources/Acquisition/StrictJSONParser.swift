// SPDX-License-Identifier: Apache-2.0

/// The recursive-descent reader behind ``StrictJSON/parse(_:)``.
struct StrictJSONParser {
  /// One step from a value to a part of it.
  private enum Step {
    case name(String)
    case index(Int)
  }

  private let bytes: [UInt8]
  private var position = 0
  /// The way from the document to the value that is being read.
  private var path: [Step] = []

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(StrictJSON.Failure) -> StrictJSON {
    try refuseEncodings()
    skipSpace()
    guard position < bytes.count else { throw failure("there is nothing in it") }
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw failure("more text after the document's end") }
    return value
  }

  private func refuseEncodings() throws(StrictJSON.Failure) {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw failure("a byte-order mark is not JSON") }
    let marks: [[UInt8]] = [[0xFF, 0xFE], [0xFE, 0xFF]]
    // ASCII in two bytes: one of the first two is zero.
    if marks.contains(where: { bytes.starts(with: $0) }) || bytes.prefix(2).contains(0) {
      throw failure("this is UTF-16 or UTF-32, not UTF-8")
    }
  }

  private mutating func value(depth: Int) throws(StrictJSON.Failure) -> StrictJSON {
    guard depth <= StrictJSON.deepestNesting else {
      throw failure("nested too deeply: over \(StrictJSON.deepestNesting) levels")
    }
    switch peek() {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case let byte? where byte == UInt8(ascii: "-") || (48...57).contains(byte):
      return try number()
    case nil: throw failure("the document ends where a value should stand")
    default: throw failure("\(token(at: position)) is no JSON value")
    }
  }

  private mutating func object(depth: Int) throws(StrictJSON.Failure) -> StrictJSON {
    position += 1
    var members: [StrictJSON.Member] = []
    var names: Set<String> = []
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object([]) }
    while true {
      skipSpace()
      guard peek() == UInt8(ascii: "\"") else { throw failure("a member's name must stand here") }
      let start = position
      let name = try string()
      guard names.insert(name).inserted else {
        throw failure("the name \"\(Self.shortened(name))\" stands twice", at: start)
      }
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw failure("a colon must stand here") }
      skipSpace()
      path.append(.name(name))
      members.append(StrictJSON.Member(name: name, value: try value(depth: depth + 1)))
      path.removeLast()
      skipSpace()
      if take(UInt8(ascii: "}")) { return .object(members) }
      guard take(UInt8(ascii: ",")) else { throw failure("a comma or } must stand here") }
    }
  }

  private mutating func array(depth: Int) throws(StrictJSON.Failure) -> StrictJSON {
    position += 1
    var elements: [StrictJSON] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .array([]) }
    while true {
      skipSpace()
      path.append(.index(elements.count))
      elements.append(try value(depth: depth + 1))
      path.removeLast()
      skipSpace()
      if take(UInt8(ascii: "]")) { return .array(elements) }
      guard take(UInt8(ascii: ",")) else { throw failure("a comma or ] must stand here") }
    }
  }

  private mutating func number() throws(StrictJSON.Failure) -> StrictJSON {
    let start = position
    _ = take(UInt8(ascii: "-"))
    let wholeStart = position
    skipDigits()
    let wholeCount = position - wholeStart
    guard wholeCount > 0, wholeCount == 1 || bytes[wholeStart] != UInt8(ascii: "0") else {
      throw failure("\(token(at: start)) is no JSON number", at: start)
    }
    if take(UInt8(ascii: ".")) { try requireDigits(start) }
    if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
      position += 1
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try requireDigits(start)
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let value = Double(text), value.isFinite else {
      throw failure("the number \(Self.shortened(text)) is out of range", at: start)
    }
    return .number(text: text, value: value)
  }

  private mutating func string() throws(StrictJSON.Failure) -> String {
    let start = position
    position += 1
    var content: [UInt8] = []
    while let byte = peek() {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: content, as: UTF8.self) else {
          throw failure("a string is not UTF-8", at: start)
        }
        return text
      case UInt8(ascii: "\\"): try escape(into: &content)
      case 0..<0x20: throw failure("a control character in a string", at: position - 1)
      default: content.append(byte)
      }
    }
    throw failure("a string has no end", at: start)
  }

  private mutating func escape(into content: inout [UInt8]) throws(StrictJSON.Failure) {
    let start = position - 1
    guard let byte = peek() else { throw failure("a string has no end", at: start) }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
    case UInt8(ascii: "b"): content.append(8)
    case UInt8(ascii: "f"): content.append(12)
    case UInt8(ascii: "n"): content.append(10)
    case UInt8(ascii: "r"): content.append(13)
    case UInt8(ascii: "t"): content.append(9)
    case UInt8(ascii: "u"): content += Array(String(try unicodeScalar(start)).utf8)
    default: throw failure("no such escape in a string", at: start)
    }
  }

  private mutating func unicodeScalar(
    _ start: Int
  ) throws(StrictJSON.Failure) -> Character {
    var code = try fourHexadecimalDigits(start)
    if (0xD800..<0xDC00).contains(code) {
      guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
        throw failure("half of a surrogate pair", at: start)
      }
      let low = try fourHexadecimalDigits(start)
      guard (0xDC00..<0xE000).contains(low) else {
        throw failure("half of a surrogate pair", at: start)
      }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else {
      throw failure("half of a surrogate pair", at: start)
    }
    return Character(scalar)
  }

  private mutating func fourHexadecimalDigits(_ start: Int) throws(StrictJSON.Failure) -> UInt32 {
    guard position + 4 <= bytes.count else { throw failure("a string has no end", at: start) }
    let digits = bytes[position..<position + 4]
    guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw failure("\\u needs four hexadecimal digits", at: start) }
    position += 4
    return value
  }

  private mutating func word(
    _ text: String, _ value: StrictJSON
  ) throws(StrictJSON.Failure) -> StrictJSON {
    guard bytes[position...].starts(with: text.utf8) else {
      throw failure("\(token(at: position)) is no JSON value")
    }
    position += text.utf8.count
    return value
  }

  private mutating func requireDigits(_ start: Int) throws(StrictJSON.Failure) {
    let before = position
    skipDigits()
    guard position > before else {
      throw failure("\(token(at: start)) is no JSON number", at: start)
    }
  }

  private mutating func skipDigits() {
    while let byte = peek(), (48...57).contains(byte) { position += 1 }
  }

  private mutating func skipSpace() {
    while let byte = peek(), [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    position += 1
    return true
  }

  private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

  /// What stands at a place, up to the next mark or space, for messages.
  private func token(at start: Int) -> String {
    let marks = Array(" \t\n\r,:[]{}\"".utf8)
    let rest = bytes[start...].prefix(200)
    let end = rest.dropFirst().firstIndex { marks.contains($0) } ?? rest.endIndex
    return Self.shortened(String(decoding: bytes[start..<end], as: UTF8.self))
  }

  private static func shortened(_ text: String) -> String {
    text.count > 30 ? text.prefix(30).printable + "..." : text.printable
  }

  private func failure(_ reason: String, at place: Int? = nil) -> StrictJSON.Failure {
    let end = min(place ?? position, bytes.count)
    let before = bytes[..<end]
    let line = 1 + before.count { $0 == 0x0A }
    let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let pointer = path.map { step in
      switch step {
      case .index(let index): "/\(index)"
      case .name(let name):
        "/" + name.replacing("~", with: "~0").replacing("/", with: "~1")
      }
    }
    return StrictJSON.Failure(
      line: line, column: end - lineStart + 1, pointer: pointer.joined(), reason: reason)
  }
}

extension StringProtocol {
  /// The text with its control characters escaped: a document's words never steer a terminal.
  var printable: String {
    unicodeScalars.map { scalar in
      [.control, .format, .lineSeparator, .paragraphSeparator]
        .contains(scalar.properties.generalCategory)
        ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }.joined()
  }
}
