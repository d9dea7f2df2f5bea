// SPDX-License-Identifier: Apache-2.0

/// Fixed fields of messages between processes, written one after the other, lowest byte first.
struct FieldWriter {
  private(set) var bytes: [UInt8] = []

  mutating func add<Number: FixedWidthInteger>(_ number: Number) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func add(_ number: Double) { add(number.bitPattern) }

  /// Text cut or filled with zeros to `byteCount` bytes.
  mutating func add(_ text: String, byteCount: Int) {
    let utf8 = Array(text.utf8.prefix(byteCount))
    bytes += utf8 + [UInt8](repeating: 0, count: byteCount - utf8.count)
  }
}

/// Fixed fields, read one after the other; nil once there are too few bytes.
struct FieldReader {
  private let bytes: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Whether every byte was read.
  var isAtEnd: Bool { place == bytes.count }

  mutating func read<Number: FixedWidthInteger>(_: Number.Type = Number.self) -> Number? {
    let size = Number.bitWidth / 8
    guard bytes.count - place >= size else { return nil }
    defer { place += size }
    return bytes[place..<place + size].reversed().reduce(0) { $0 << 8 | Number($1) }
  }

  mutating func readDouble() -> Double? { read(UInt64.self).map(Double.init(bitPattern:)) }

  /// A whole number that fits into `Int`.
  mutating func readCount() -> Int? { read(UInt32.self).map(Int.init) }

  /// Text of at most `byteCount` bytes, up to the first zero.
  mutating func readText(byteCount: Int) -> String? {
    guard bytes.count - place >= byteCount else { return nil }
    defer { place += byteCount }
    return String(decoding: bytes[place..<place + byteCount].prefix { $0 != 0 }, as: UTF8.self)
  }
}
