// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Planning
import TestSupport
import Testing

@Suite struct PriceListTests {
  private static let good = """
    vendor: example
    currency: EUR
    source: "nowhere"
    products:
      hr:
        per: km2
        rate: "12.5"
        minimum_charge: 500
        fee_per_order: 150
        rounding: {mode: half_even, to: 10}

    """

  @Test func readsTheShippedExamples() throws {
    let folder = TestPaths.root.appending(path: "etc/vendors")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".yaml") }
    #expect(!files.isEmpty)
    for file in files {
      let list = try PriceList(contentsOf: folder.appending(path: file))
      #expect(!list.products.isEmpty, "\(file)")
    }
  }

  @Test func pricesTheDemo() throws {
    let list = try PriceList(
      contentsOf: TestPaths.root.appending(path: "etc/vendors/fovea-vendor.yaml"))
    let rule = try list.rule(for: ProductID(vendor: "fovea-vendor", product: "hr"))
    // A patch of 160 m is 0.0256 km2: 21.76 minor units, so the minimum charge counts.
    #expect(try rule.price(ofSquareMillimetres: 25_600_000_000).minorUnits == 650)
    // 100 of them: 2176, and the fee.
    #expect(try rule.price(ofSquareMillimetres: 2_560_000_000_000).minorUnits == 2326)
    #expect(try rule.price(ofSquareMillimetres: 0).minorUnits == 0)
  }

  @Test func readsEveryKey() throws {
    let list = try PriceList(yaml: Self.good, file: "x.yaml")
    let rule = try #require(list.products["hr"])
    #expect(list.vendor == "example")
    #expect(list.source == "nowhere")
    #expect(rule.basis == .squareKilometre(rate: try #require(DecimalRate("12.5"))))
    #expect(rule.minimumCharge.minorUnits == 500)
    #expect(rule.rounding == PriceRounding(mode: .halfEven, step: 10))
    let missing = ProductID(vendor: "example", product: "hq")
    #expect(
      throws: PlanningError.unknownProduct(vendor: "example", product: "hq", known: ["hr"])
    ) { try list.rule(for: missing) }
  }

  private struct Mistake: Sendable, CustomTestStringConvertible {
    let from: String
    let to: String
    let says: [String]
    var testDescription: String { to.isEmpty ? "no \(from)" : to }
  }

  private static let mistakes = [
    Mistake(
      from: "fee_per_order", to: "fee_per_oder",
      says: ["x.yaml:9", "no key \"fee_per_oder\"", "Did you mean \"fee_per_order\"?"]),
    Mistake(from: "source:", to: "sauce:", says: ["x.yaml:1", "no \"source\"", "Add the key"]),
    Mistake(from: "\"12.5\"", to: "12.5", says: ["x.yaml:7", "\"rate\" must be a decimal"]),
    Mistake(from: "\"12.5\"", to: "\"1e3\"", says: ["x.yaml:7", "must be a decimal in quotes"]),
    Mistake(from: "\"12.5\"", to: "\"-1\"", says: ["must be a decimal in quotes"]),
    Mistake(from: "per: km2", to: "per: acre", says: ["x.yaml:6", "\"acre\"", "Use km2."]),
    Mistake(from: "currency: EUR", to: "currency: EURO", says: ["x.yaml:2", "ISO 4217"]),
    Mistake(from: "500", to: "-5", says: ["x.yaml:8", "\"minimum_charge\" must be a whole"]),
    Mistake(from: "500", to: "5.5", says: ["x.yaml:8", "Write a number from 0"]),
    Mistake(from: "half_even", to: "sideways", says: ["x.yaml:10", "half_even"]),
    Mistake(from: "to: 10", to: "to: 0", says: ["x.yaml:10", "\"to\" must be a whole number"]),
    Mistake(from: "vendor: example", to: "vendor: [", says: ["x.yaml", "not YAML"]),
    Mistake(from: "products:", to: "products: {}\nitems:", says: ["\"products\" is empty"]),
    Mistake(from: "vendor: example", to: "vendor: a\nvendor: b", says: ["x.yaml", "not YAML"]),
  ]

  @Test(arguments: mistakes) private func names(_ mistake: Mistake) throws {
    let yaml = Self.good.replacing(mistake.from, with: mistake.to)
    #expect(yaml != Self.good)
    let error = #expect(throws: PlanningError.self) { try PriceList(yaml: yaml, file: "x.yaml") }
    let text = error?.description ?? ""
    for part in mistake.says { #expect(text.contains(part), "\(text)") }
  }

  @Test func saysWhichFileCannotBeRead() {
    let error = #expect(throws: PlanningError.self) {
      try PriceList(contentsOf: URL(filePath: "/nowhere/x.yaml"))
    }
    #expect(error?.description.contains("/nowhere/x.yaml") == true)
  }

  @Test func refusesAPriceBeyondMoney() throws {
    let rule = PriceRule(
      currency: try Currency(code: "EUR"),
      basis: .squareKilometre(rate: try #require(DecimalRate("999999999999"))))
    #expect(throws: PlanningError.priceTooLarge(areaSquareMillimetres: .max)) {
      try rule.price(ofSquareMillimetres: .max)
    }
  }

  @Test(arguments: ["850", "12.5", "0.000001", "0", "999999999999"])
  func keepsARate(_ text: String) throws {
    #expect(try #require(DecimalRate(text)).description == text)
  }

  @Test(arguments: ["", ".5", "5.", "1.0000001", "1234567890123", "1,0", "1.2.3", "٣", "+1"])
  func refusesARate(_ text: String) { #expect(DecimalRate(text) == nil) }
}
