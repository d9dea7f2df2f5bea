// SPDX-License-Identifier: Apache-2.0

/// An exact amount of money: a whole number of minor units of one currency.
///
/// Arithmetic throws on overflow and on mixed currencies; nothing here is a floating-point number.
///
/// ```swift
/// let price = try Money(parsing: "12.50 EUR")   // 1250 minor units
/// let total = try price.adding(price)           // 25.00 EUR
/// ```
public struct Money: Hashable, Sendable {
  /// The largest magnitude of an amount, in minor units: 10^12.
  public static let largestMinorUnits: Int64 = 1_000_000_000_000

  /// The amount in minor units; may be negative.
  public let minorUnits: Int64
  /// The currency.
  public let currency: Currency

  /// Creates an amount.
  ///
  /// - Throws: `MoneyError.outOfRange` beyond ``largestMinorUnits``.
  public init(minorUnits: Int64, currency: Currency) throws(MoneyError) {
    guard minorUnits.magnitude <= Self.largestMinorUnits.magnitude else {
      throw .outOfRange(operation: "\(minorUnits) \(currency)")
    }
    self.minorUnits = minorUnits
    self.currency = currency
  }

  /// Nothing, in a currency.
  public static func zero(_ currency: Currency) -> Money { Money(unchecked: 0, currency) }

  private init(unchecked minorUnits: Int64, _ currency: Currency) {
    self.minorUnits = minorUnits
    self.currency = currency
  }

  /// A part of an amount, which is never beyond the largest one.
  init(part minorUnits: Int64, of whole: Money) {
    precondition(minorUnits.magnitude <= whole.minorUnits.magnitude, "a part is not more than all")
    self.init(unchecked: minorUnits, whole.currency)
  }

  /// The sum.
  ///
  /// - Throws: `MoneyError.mixedCurrencies`, `MoneyError.outOfRange`.
  public func adding(_ other: Money) throws(MoneyError) -> Money {
    try checkCurrency(other)
    return try Money(minorUnits: minorUnits + other.minorUnits, currency: currency)
  }

  /// The difference.
  ///
  /// - Throws: `MoneyError.mixedCurrencies`, `MoneyError.outOfRange`.
  public func subtracting(_ other: Money) throws(MoneyError) -> Money {
    try checkCurrency(other)
    return try Money(minorUnits: minorUnits - other.minorUnits, currency: currency)
  }

  /// Whether this amount is less than another of the same currency.
  ///
  /// - Throws: `MoneyError.mixedCurrencies`.
  public func isLess(than other: Money) throws(MoneyError) -> Bool {
    try checkCurrency(other)
    return minorUnits < other.minorUnits
  }

  // Both magnitudes are at most 10^12, so Int64 itself cannot overflow in one step.
  private func checkCurrency(_ other: Money) throws(MoneyError) {
    guard currency == other.currency else {
      throw .mixedCurrencies(currency.code, other.currency.code)
    }
  }
}

extension Money: CustomStringConvertible {
  /// The amount in major units with all decimals, then the code: `12.50 EUR`.
  public var description: String { "\(decimalText) \(currency.code)" }

  /// The amount in major units with all decimals, without the currency: `-0.05`.
  public var decimalText: String {
    let scale = UInt64(currency.minorUnitsPerMajorUnit)
    let whole = minorUnits.magnitude / scale
    let sign = minorUnits < 0 ? "-" : ""
    guard currency.minorDigits > 0 else { return "\(sign)\(whole)" }
    let fraction = String(minorUnits.magnitude % scale)
    let padding = String(repeating: "0", count: currency.minorDigits - fraction.count)
    return "\(sign)\(whole).\(padding)\(fraction)"
  }

  /// Reads `12.50 EUR`: digits, at most as many decimals as the currency has, one space, the code.
  ///
  /// Never rounds. Signs, exponents, separators of thousands and a bare decimal point are refused;
  /// an amount that a person writes is never negative.
  ///
  /// - Throws: `MoneyError.malformed`, `MoneyError.unknownCurrency`, `MoneyError.outOfRange`.
  public init(parsing text: String) throws(MoneyError) {
    let parts = text.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      throw .malformed(text: text, reason: "it needs a number, one space and a currency")
    }
    let currency = try Currency(code: String(parts[1]))
    let halves = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let digitsOnly = halves.allSatisfy { half in
      !half.isEmpty && half.utf8.allSatisfy { (48...57).contains($0) }
    }
    guard (1...2).contains(halves.count), digitsOnly else {
      throw .malformed(text: text, reason: "the number must be digits with one decimal point")
    }
    let decimals = halves.count == 2 ? halves[1] : ""
    guard decimals.count <= currency.minorDigits else {
      throw .malformed(text: text, reason: "\(currency) has \(currency.minorDigits) decimals")
    }
    let zeros = String(repeating: "0", count: currency.minorDigits - decimals.count)
    guard let minorUnits = Int64("\(halves[0])\(decimals)\(zeros)") else {
      throw .outOfRange(operation: "\"\(text.prefix(40))\"")
    }
    try self.init(minorUnits: minorUnits, currency: currency)
  }
}

extension Money: Codable {
  private enum Key: String, CodingKey {
    case minorUnits
    case currency
  }

  /// Reads `{"minor_units": 1250, "currency": "EUR"}`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let code = try container.decode(String.self, forKey: .currency)
    try self.init(
      minorUnits: container.decode(Int64.self, forKey: .minorUnits), currency: Currency(code: code))
  }

  /// Writes `{"minor_units": 1250, "currency": "EUR"}`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(minorUnits, forKey: .minorUnits)
    try container.encode(currency.code, forKey: .currency)
  }
}
