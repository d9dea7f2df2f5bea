// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Platform
import Testing

@Suite struct MoneyTests {
  @Test(arguments: [
    ("12.50 EUR", 1250, "12.50 EUR"), ("0 EUR", 0, "0.00 EUR"), ("7.5 USD", 750, "7.50 USD"),
    ("1200 JPY", 1200, "1200 JPY"), ("0.005 KWD", 5, "0.005 KWD"), ("007 EUR", 700, "7.00 EUR"),
    ("10000000000.00 EUR", 1_000_000_000_000, "10000000000.00 EUR"),
  ])
  func `reads exact amounts`(text: String, minorUnits: Int64, printed: String) throws {
    let money = try Money(parsing: text)
    #expect(money.minorUnits == minorUnits)
    #expect(money.description == printed)
  }

  @Test(arguments: [
    "1e3 EUR", "1,000.00 EUR", ".5 EUR", "5. EUR", "12.345 EUR", "1.0 JPY", "12.50", "EUR", "",
    "12.50 ABC", "12.50 eur", "NaN EUR", "-1 EUR", "+1 EUR", "12.50  EUR", " 12.50 EUR",
    "10000000000.01 EUR", "99999999999999999999 EUR", "1.2.3 EUR", "١٢ EUR", "0x10 EUR",
  ])
  func `refuses everything else with words`(text: String) {
    let error = #expect(throws: MoneyError.self) { try Money(parsing: text) }
    #expect(error?.description.contains(". ") == true)
  }

  @Test func `says how many decimals a currency has`() {
    let error = #expect(throws: MoneyError.self) { try Money(parsing: "12.345 EUR") }
    #expect(
      error?.description
        == "\"12.345 EUR\" is not an amount: EUR has 2 decimals. Write it as 12.50 EUR.")
  }

  @Test func `adds and subtracts exactly, and never across currencies`() throws {
    let euro = try Currency(code: "EUR")
    let one = try Money(minorUnits: 1, currency: euro)
    let most = try Money(minorUnits: Money.largestMinorUnits, currency: euro)
    #expect(try most.subtracting(one).minorUnits == Money.largestMinorUnits - 1)
    #expect(try Money.zero(euro).subtracting(one).description == "-0.01 EUR")
    #expect(throws: MoneyError.self) { try most.adding(one) }
    let yen = try Money(parsing: "1 JPY")
    #expect(throws: MoneyError.mixedCurrencies("EUR", "JPY")) { try one.adding(yen) }
    #expect(throws: MoneyError.mixedCurrencies("EUR", "JPY")) { try one.isLess(than: yen) }
  }

  @Test func `sums of random amounts conserve, and text goes both ways`() throws {
    var generator = SeededGenerator(seed: 11)
    let euro = try Currency(code: "EUR")
    for _ in 0..<200 {
      let parts = (0..<20).map { _ in Int64.random(in: 0...1_000_000, using: &generator) }
      var sum = Money.zero(euro)
      for part in parts { sum = try sum.adding(Money(minorUnits: part, currency: euro)) }
      #expect(sum.minorUnits == parts.reduce(0, +))
      #expect(try Money(parsing: sum.description) == sum)
    }
  }

  @Test func `JSON holds minor units and the currency`() throws {
    let money = try Money(parsing: "12.50 EUR")
    let data = try JSON.encoder().encode(money)
    #expect(String(decoding: data, as: UTF8.self) == #"{"currency":"EUR","minor_units":1250}"#)
    #expect(try JSON.decoder().decode(Money.self, from: data) == money)
    let bad = Data(#"{"currency":"EUR","minor_units":12.5}"#.utf8)
    #expect(throws: (any Error).self) { try JSON.decoder().decode(Money.self, from: bad) }
  }
}
