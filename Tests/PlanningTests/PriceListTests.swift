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
        bill_by: footprint
        scene_area: 637 km2
        minimum_area: 0.25 km2
        minimum_width: 2 km
        when_narrower: refuse
        area_step: 1 ha
        area_rounding: nearest
        fee_per_request: 3
        loadings: [{name: licence, percent: "12.5"}, {name: rush, flat: 500}]
        packs: allowed
        when_pack_empty: refuse
        overage_percent: "20"
        licence: {id: x-1, url: "https://example.org", seats: 5,
          attribution: "© {year} X", restrictions: [internal, no-training]}
      tiers:
        per: gigabyte
        tiers:
          - {from: 0 GB, rate: "9"}
          - {from: 1.5 GB, rate: "7"}
        tier_mode: by_past_use
        window_days: 183

    """

  @Test func readsTheShippedExamples() throws {
    let folder = TestPaths.root.appending(path: "etc/vendors")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".yaml") }
    var rules: [PriceRule] = []
    for file in files {
      let list = try PriceList(contentsOf: folder.appending(path: file))
      #expect(!list.products.isEmpty && !list.source.isEmpty, "\(file)")
      rules += list.products.values
    }
    #expect(Set(rules.map(\.unit)) == Set(PriceRule.Unit.allCases), "each unit has an example")
    #expect(Set(rules.map(\.areaBasis)) == Set(PriceRule.AreaBasis.allCases))
    #expect(rules.contains { $0.packs != nil } && rules.contains { !$0.loadings.isEmpty })
    #expect(rules.contains { $0.licence?.restrictions == [.internalUse] })
  }

  @Test func pricesTheDemo() throws {
    let list = try PriceList(
      contentsOf: TestPaths.root.appending(path: "etc/vendors/fovea-vendor.yaml"))
    let rule = try list.rule(for: ProductID(vendor: "fovea-vendor", product: "hr"))
    func price(_ area: Int64) throws -> Int64 {
      var order = OrderQuantity()
      order.areaSquareMillimetres = area
      return try rule.price(of: order).total.minorUnits
    }
    // A patch of 160 m is 0.0256 km2: 21.76 minor units, so the minimum charge counts.
    #expect(try price(25_600_000_000) == 650)
    // 100 of them: 2176, and the fee.
    #expect(try price(2_560_000_000_000) == 2326)
    #expect(try price(0) == 0)
  }

  @Test func readsEveryKey() throws {
    let list = try PriceList(yaml: Self.good, file: "x.yaml")
    let rule = try #require(list.products["hr"])
    #expect(list.vendor == "example")
    #expect(list.source == "nowhere")
    var expected = PriceRule(
      currency: try Currency(code: "EUR"), per: .squareKilometre,
      rate: try #require(DecimalRate("12.5")))
    expected.areaBasis = .footprint
    expected.sceneSquareMillimetres = 637_000_000_000_000
    expected.minimumSquareMillimetres = 250_000_000_000
    expected.minimumWidthMillimetres = 2_000_000
    expected.narrowOrder = .refuse
    expected.areaStep = PriceRule.AreaStep(
      squareMillimetres: 10_000_000_000, direction: .nearest)
    expected.minimumChargeMinorUnits = 500
    expected.feePerOrderMinorUnits = 150
    expected.feePerRequestMinorUnits = 3
    expected.loadings = [
      PriceRule.Loading(name: "licence", amount: .percent(try #require(DecimalRate("12.5")))),
      PriceRule.Loading(name: "rush", amount: .flat(500)),
    ]
    expected.rounding = PriceRounding(mode: .halfEven, step: 10)
    var packs = PriceRule.Packs()
    packs.refusesWhenEmpty = true
    packs.overagePercent = try #require(DecimalRate("20"))
    expected.packs = packs
    expected.licence = Licence(
      id: "x-1", url: "https://example.org", seats: 5, attribution: "© {year} X",
      restrictions: [.internalUse, .noTraining])
    #expect(rule == expected)
    #expect(rule.licence?.attribution(year: 2026) == "© 2026 X")
    let tiers = try #require(list.products["tiers"])
    #expect(tiers.tiers.map(\.from) == [0, 1_500_000_000])
    #expect(tiers.tiers.map(\.rate.description) == ["9", "7"])
    #expect(tiers.tierMode == .byPastUse && tiers.windowDays == 183)
    let missing = ProductID(vendor: "example", product: "hq")
    #expect(
      throws: PlanningError.unknownProduct(
        vendor: "example", product: "hq", known: ["hr", "tiers"])
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
    Mistake(from: "per: km2", to: "per: acre", says: ["x.yaml:6", "\"acre\"", "Use km2, patch"]),
    Mistake(from: "currency: EUR", to: "currency: EURO", says: ["x.yaml:2", "ISO 4217"]),
    Mistake(
      from: "charge: 500", to: "charge: -5",
      says: ["x.yaml:8", "\"minimum_charge\" must be a whole"]),
    Mistake(from: "charge: 500", to: "charge: 5.5", says: ["x.yaml:8", "Write a number from 0"]),
    Mistake(from: "half_even", to: "sideways", says: ["x.yaml:10", "half_even"]),
    Mistake(from: "half_even", to: "half_evn", says: ["x.yaml:10", "Did you mean half_even?"]),
    Mistake(from: "footprint", to: "hull", says: ["x.yaml:11", "polygon, bbox, new_area"]),
    Mistake(from: "scene_area: 637 km2", to: "", says: ["x.yaml:11", "Add scene_area"]),
    Mistake(
      from: "637 km2", to: "637", says: ["x.yaml:12", "a number and a unit, km2 or ha or m2"]),
    Mistake(from: "0.25 km2", to: "0.25 acres", says: ["x.yaml:13", "Write minimum_area: 5 km2."]),
    Mistake(from: "2 km\n", to: "2 km2\n", says: ["x.yaml:14", "km or m"]),
    Mistake(from: "1 ha", to: "0 ha", says: ["x.yaml:16", "\"area_step\" is nothing"]),
    Mistake(
      from: "percent: \"12.5\"", to: "share: 2",
      says: ["x.yaml:19", "a percentage or a flat amount"]),
    Mistake(from: "flat: 500", to: "flat: 500, percent: \"1\"", says: ["a flat amount"]),
    Mistake(from: "[{name: licence", to: "{name: licence", says: ["x.yaml", "not YAML"]),
    Mistake(from: "packs: allowed", to: "packs: none", says: ["x.yaml:21", "none are allowed"]),
    Mistake(
      from: "internal,", to: "intern,", says: ["\"intern\" is no restriction", "no-training"]),
    Mistake(from: "seats: 5", to: "seat: 5", says: ["Did you mean \"seats\"?"]),
    Mistake(
      from: "per: gigabyte", to: "per: gigabyte\n    bill_by: bbox",
      says: ["x.yaml:27", "is about areas", "per gigabyte"]),
    Mistake(from: "from: 1.5 GB", to: "from: 0 GB", says: ["x.yaml:29", "must ascend"]),
    Mistake(from: "from: 0 GB", to: "from: 1 GB", says: ["x.yaml:28", "begins at 0"]),
    Mistake(from: "from: 0 GB, ", to: "", says: ["a tier has no \"from\""]),
    Mistake(
      from: "per: gigabyte", to: "per: gigabyte\n    rate: \"1\"",
      says: ["x.yaml:27", "\"rate\" and \"tiers\""]),
    Mistake(
      from: "by_past_use", to: "by_slice", says: ["x.yaml:31", "tier_mode: by_past_use only"]),
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
      currency: try Currency(code: "EUR"), per: .squareKilometre,
      rate: try #require(DecimalRate("999999999999")))
    var order = OrderQuantity()
    order.areaSquareMillimetres = .max
    #expect(throws: PlanningError.priceTooLarge(quantity: "9223372 km2")) {
      try rule.price(of: order)
    }
  }

  @Test(arguments: ["850", "12.5", "0.000001", "0", "999999999999"])
  func keepsARate(_ text: String) throws {
    #expect(try #require(DecimalRate(text)).description == text)
  }

  @Test(arguments: ["", ".5", "5.", "1.0000001", "1234567890123", "1,0", "1.2.3", "٣", "+1"])
  func refusesARate(_ text: String) { #expect(DecimalRate(text) == nil) }
}
