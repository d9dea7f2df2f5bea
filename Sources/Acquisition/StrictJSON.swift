// SPDX-License-Identifier: Apache-2.0

/// A JSON document as a value, read strictly: RFC 8259, UTF-8 without a byte-order mark, no name
/// twice in an object, bounded depth; every refusal says the line and column.
///
/// ```swift
/// let document = try StrictJSON.parse(bytes)
/// if case .object(let members) = document { ... }
/// ```
public enum StrictJSON: Hashable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number, as it was written and as the nearest double, which is finite.
  case number(text: String, value: Double)
  /// A string.
  case string(String)
  /// An array.
  case array([StrictJSON])
  /// An object, its members in the document's order.
  case object([Member])

  /// One name and value of an object.
  public struct Member: Hashable, Sendable {
    /// The name, unescaped.
    public let name: String
    /// The value.
    public let value: StrictJSON
  }

  /// Why a document was refused, and where.
  public struct Failure: Error, Hashable, CustomStringConvertible {
    /// The line, from 1.
    public let line: Int
    /// The column in bytes, from 1.
    public let column: Int
    /// The value that was being read, as a JSON pointer; empty for the document itself.
    public let pointer: String
    /// What is wrong.
    public let reason: String
    /// The place and the reason.
    public var description: String { "\(line):\(column): \(reason)" }
  }

  /// The deepest nesting that is read.
  public static let deepestNesting = 32

  /// Reads a whole document.
  public static func parse(_ bytes: [UInt8]) throws(Failure) -> StrictJSON {
    var parser = StrictJSONParser(bytes: bytes)
    return try parser.document()
  }

  /// The value of a member, where this is an object that has one of that name.
  public subscript(_ name: String) -> StrictJSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// What kind of value this is, for messages.
  public var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "true or false"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}
