// SPDX-License-Identifier: Apache-2.0

/// A number that stands for "no value": NaN and infinity among them, which JSON has only as text.
public struct NoDataValue: Hashable, Sendable, Codable, CustomStringConvertible {
  /// The number.
  public let number: Double

  /// A value from its number.
  public init(_ number: Double) { self.number = number }

  /// Reads a number, or one of `"nan"`, `"inf"` and `"-inf"`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      guard let number = ["nan": Double.nan, "inf": .infinity, "-inf": -.infinity][text] else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "\"\(text)\" is none of nan, inf and -inf")
      }
      self.number = number
    } else {
      number = try container.decode(Double.self)
    }
  }

  /// Writes the number, or its text where JSON has no number.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if number.isFinite { try container.encode(number) } else { try container.encode(description) }
  }

  /// Two values are the same where they empty the same pixels: unlike numbers, NaN is NaN.
  public static func == (left: Self, right: Self) -> Bool {
    left.number == right.number || left.number.isNaN && right.number.isNaN
  }

  /// As equality has it.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(number.isNaN ? nil : number)
  }

  /// The number as it is printed: whole ones without a fraction.
  public var description: String {
    if number.isNaN { return "nan" }
    guard number.isFinite else { return number < 0 ? "-inf" : "inf" }
    return Int64(exactly: number).map(String.init) ?? "\(number)"
  }
}
