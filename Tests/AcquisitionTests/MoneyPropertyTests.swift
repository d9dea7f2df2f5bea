// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Platform
import Testing

/// Money against whole numbers without bounds, over random amounts of every kind of currency.
@Suite struct MoneyPropertyTests {
  private static let largest = Money.largestMinorUnits

  /// One currency of each number of decimals, and every other one by its code.
  private static let digits = [
    "JPY": 0, "KRW": 0, "VND": 0, "XPF": 0, "UGX": 0, "EUR": 2, "USD": 2, "CHF": 2, "MRU": 2,
    "XCG": 2, "BHD": 3, "KWD": 3, "TND": 3,
  ]

  /// Amounts small, large, at the bounds and just beyond them.
  private func amount(_ generator: inout SeededGenerator) -> Int64 {
    let size = Int64.random(in: 0...13, using: &generator)
    let bound = (0..<size).reduce(Int64(1)) { product, _ in product * 10 }
    let value = Int64.random(in: -bound...bound, using: &generator)
    return Bool.random(using: &generator)
      ? value : value.signum() * (Self.largest + Int64.random(in: -2...2, using: &generator))
  }

  @Test func `what is printed is read again, in every currency`() throws {
    var generator = SeededGenerator(seed: 101)
    for (code, digits) in Self.digits {
      let currency = try Currency(code: code)
      #expect(currency.minorDigits == digits, "\(code)")
      for _ in 0..<300 {
        let value = amount(&generator)
        guard value.magnitude <= Self.largest else {
          #expect(throws: MoneyError.self) { try Money(minorUnits: value, currency: currency) }
          continue
        }
        let money = try Money(minorUnits: value, currency: currency)
        // The text once more, by hand: digits, padded, with a point before the last ones.
        var text = String(value.magnitude)
        while text.count <= digits { text = "0" + text }
        let point = text.index(text.endIndex, offsetBy: -digits)
        let decimals = digits == 0 ? "" : "." + text[point...]
        #expect(money.decimalText == (value < 0 ? "-" : "") + text[..<point] + decimals)
        if value >= 0 {
          #expect(try Money(parsing: money.description) == money)
        } else {
          #expect(throws: MoneyError.self) { try Money(parsing: money.description) }
        }
      }
    }
  }

  @Test func `more decimals than the currency has are never rounded away`() throws {
    var generator = SeededGenerator(seed: 102)
    for (code, digits) in Self.digits {
      for _ in 0..<50 {
        let whole = Int.random(in: 0...1_000_000, using: &generator)
        let count = digits + Int.random(in: 1...5, using: &generator)
        let zeros = String(repeating: "0", count: count)
        #expect(throws: MoneyError.self) { try Money(parsing: "\(whole).\(zeros) \(code)") }
      }
    }
  }

  @Test func `sums, differences and order are those of whole numbers, or throw`() throws {
    var generator = SeededGenerator(seed: 103)
    let (euro, yen) = (try Currency(code: "EUR"), try Currency(code: "JPY"))
    func held(_ value: Int64) -> Int64 { min(max(value, -Self.largest), Self.largest) }
    for _ in 0..<3000 {
      let (a, b) = (held(amount(&generator)), held(amount(&generator)))
      let one = try Money(minorUnits: a, currency: euro)
      let other = try Money(minorUnits: b, currency: euro)
      for (value, result) in [
        (Int128(a) + Int128(b), Result { try one.adding(other) }),
        (Int128(a) - Int128(b), Result { try one.subtracting(other) }),
      ] {
        let isHeld = value.magnitude <= Self.largest.magnitude
        #expect((try? result.get())?.minorUnits == (isHeld ? Int64(value) : nil), "\(a) \(b)")
      }
      #expect(try one.isLess(than: other) == (a < b))
      let foreign = try Money(minorUnits: b, currency: yen)
      #expect(throws: MoneyError.mixedCurrencies("EUR", "JPY")) { try one.adding(foreign) }
      #expect(throws: MoneyError.mixedCurrencies("EUR", "JPY")) { try one.subtracting(foreign) }
      #expect(throws: MoneyError.mixedCurrencies("EUR", "JPY")) { try one.isLess(than: foreign) }
    }
  }

  @Test func `parts sum up exactly, and none is a whole unit off its share`() throws {
    var generator = SeededGenerator(seed: 104)
    let euro = try Currency(code: "EUR")
    for _ in 0..<1000 {
      let value = min(max(amount(&generator), -Self.largest), Self.largest)
      let most: Int64 = Bool.random(using: &generator) ? 3 : .max / 64
      let weights = (0..<Int.random(in: 1...40, using: &generator)).map { _ in
        Int64.random(in: 0...most, using: &generator)
      }
      let parts = try Money(minorUnits: value, currency: euro).parts(byWeights: weights)
      #expect(parts.count == weights.count)
      #expect(parts.reduce(0) { $0 + $1.minorUnits } == value)
      let total = weights.reduce(Int128(0)) { $0 + Int128($1) }
      guard total > 0 else { continue }
      for (part, weight) in zip(parts, weights) {
        let error = Int128(part.minorUnits) * total - Int128(value) * Int128(weight)
        #expect(error.magnitude < total.magnitude, "\(value) by \(weights)")
      }
    }
  }

  @Test func `parts are as they are written down`() throws {
    let price = try Money(parsing: "6.50 EUR")
    #expect(price.parts(byWeights: [1, 1, 1]).map(\.minorUnits) == [216, 217, 217])
    #expect(price.parts(byWeights: [.max / 2, 1]).map(\.minorUnits) == [649, 1])
    #expect(price.parts(byWeights: [5]).map(\.minorUnits) == [650])
    #expect(price.parts(byWeights: [0, 0]).map(\.minorUnits) == [0, 650])
    #expect(price.parts(byWeights: []).isEmpty)
  }
}
