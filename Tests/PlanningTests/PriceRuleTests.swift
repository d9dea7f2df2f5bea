// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Planning
import Platform
import Testing

/// What holds for every price rule, on rules drawn at random.
@Suite struct PriceRuleTests {
  private static let million: Int64 = 1_000_000

  /// A rule with falling tiers, so that more ground in one order is never dearer than in two.
  private static func rule(_ generator: inout SeededGenerator) throws -> PriceRule {
    func number(_ range: ClosedRange<Int64>) -> Int64 { .random(in: range, using: &generator) }
    func decimal(_ range: ClosedRange<Int64>) throws -> DecimalRate {
      try #require(DecimalRate("\(number(range)).\(number(0...999))"))
    }
    var rate = number(500...2000)
    var from: Int64 = 0
    var tiers: [PriceRule.Tier] = []
    for _ in 0...number(0...3) {
      tiers.append(PriceRule.Tier(from: from, rate: try #require(DecimalRate("\(rate).5"))))
      from += number(1...5_000_000) * million
      rate -= number(0...150)
    }
    var rule = PriceRule(
      currency: try Currency(code: "EUR"), per: .squareKilometre, tiers: tiers, mode: .bySlice)
    rule.minimumSquareMillimetres = number(0...2) * number(0...3_000_000) * million
    rule.minimumChargeMinorUnits = number(0...2) * number(0...3000)
    rule.feePerOrderMinorUnits = number(0...200)
    if number(0...1) == 1 {
      rule.areaStep = PriceRule.AreaStep(squareMillimetres: number(1...100_000) * million)
    }
    if number(0...1) == 1 {
      rule.loadings = [
        PriceRule.Loading(name: "a", amount: .percent(try decimal(0...50))),
        PriceRule.Loading(name: "b", amount: .flat(number(0...300))),
      ]
    }
    rule.rounding = PriceRounding(mode: .up, step: [1, 1, 10, 100][Int(number(0...3))])
    return rule
  }

  private static func order(_ area: Int64) -> OrderQuantity {
    var order = OrderQuantity()
    order.areaSquareMillimetres = area
    return order
  }

  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func neverFallsWithTheAreaAndNeverRewardsSplitting(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let rule = try Self.rule(&generator)
    var last: Int64 = 0
    var areas = (0..<40).map { _ in Int64.random(in: 0...20_000_000, using: &generator) }
    areas.sort()
    for area in areas {
      let price = try rule.price(of: Self.order(area * Self.million))
      #expect(price.total.minorUnits >= last, "more ground became cheaper")
      #expect(price.charge.minorUnits + price.fees.minorUnits == price.total.minorUnits)
      #expect(price.charge.minorUnits >= 0 && price.fees.minorUnits >= 0)
      #expect(price.charge.minorUnits % rule.rounding.step == 0)
      #expect((price.billedSquareMillimetres ?? 0) >= area * Self.million)
      last = price.total.minorUnits
    }
    for (one, two) in zip(areas, areas.reversed()) {
      let parts = try [one, two].reduce(Int64(0)) {
        $0 + (try rule.price(of: Self.order($1 * Self.million)).total.minorUnits)
      }
      let whole = try rule.price(of: Self.order((one + two) * Self.million)).total.minorUnits
      #expect(whole <= parts, "one order of \(one) and \(two) m2 is dearer than two")
    }
  }

  /// With tiers by past use the slices of a year cost what their own time's rate says.
  @Test func countsEachUseOfATierOnce() throws {
    let rule = PriceRule(
      currency: try Currency(code: "EUR"), per: .patch,
      tiers: [
        PriceRule.Tier(from: 0, rate: try #require(DecimalRate("10"))),
        PriceRule.Tier(from: 5, rate: try #require(DecimalRate("7"))),
      ], mode: .bySlice)
    var order = OrderQuantity()
    order.patchCount = 8
    #expect(try rule.price(of: order).total.minorUnits == 5 * 10 + 3 * 7)
    order.ownedPatchCount = 8
    #expect(try rule.price(of: order).placesOrder == false)
  }

  @Test func takesPacksToTheLastMinorUnit() throws {
    var generator = SeededGenerator(seed: 5)
    var rule = try PlannerFixture.perSquareKilometre("1000")
    rule.packs = PriceRule.Packs()
    let day = try #require(CalendarDay("2026-11-23"))
    for _ in 0..<30 {
      let size = Int64.random(in: 1...9_000_000, using: &generator) * Self.million
      let price = Int64.random(in: 0...10_000, using: &generator)
      var circumstances = PriceCircumstances()
      circumstances.day = day
      circumstances.packs = [
        PricePack(
          id: "a", sizeSquareMillimetres: size, price: try PlannerFixture.euro(price),
          balanceSquareMillimetres: size, expires: day)
      ]
      var (taken, cost) = (Int64(0), Int64(0))
      while taken < size {
        let part = Int64.random(in: 1...size, using: &generator)
        let order = try rule.price(of: Self.order(part), in: circumstances)
        taken += order.fromPacks.reduce(0) { $0 + $1.areaSquareMillimetres }
        cost += order.fromPacks.reduce(0) { $0 + $1.cost.minorUnits }
        circumstances.packs = order.packsAfter
      }
      #expect(taken == size, "a pack gives its size")
      #expect(cost == price, "and costs its price")
    }
  }

  @Test func asksNoMinimumChargeForWhatPacksCover() throws {
    var rule = try PlannerFixture.perSquareKilometre("1000")
    rule.packs = PriceRule.Packs()
    rule.minimumChargeMinorUnits = 2000
    rule.feePerOrderMinorUnits = 100
    var circumstances = PriceCircumstances()
    circumstances.packs = [
      PricePack(
        id: "a", sizeSquareMillimetres: 2_000_000 * Self.million,
        price: try PlannerFixture.euro(1000), balanceSquareMillimetres: 1_000_000 * Self.million,
        expires: try #require(CalendarDay("2026-12-31")))
    ]
    func total(_ squareMetres: Int64) throws -> Int64 {
      try rule.price(of: Self.order(squareMetres * Self.million), in: circumstances)
        .total.minorUnits
    }
    #expect(try total(1_000_000) == 100)
    #expect(try total(1_000_001) == 2100)
  }

  @Test func saysWhatItDoesNotKnow() throws {
    let euro = try Currency(code: "EUR")
    let rate = try #require(DecimalRate("1"))
    for (unit, name) in [
      (PriceRule.Unit.squareKilometre, "the area"), (.patch, "patches"), (.request, "requests"),
      (.scene, "scenes"), (.gigabyte, "bytes"),
    ] {
      let rule = PriceRule(currency: euro, per: unit, rate: rate)
      let error = #expect(throws: PlanningError.self) { try rule.price(of: OrderQuantity()) }
      #expect(error?.description.contains(name) == true)
      #expect(error?.description.contains("Correct the product's rule") == true)
    }
  }

  @Test func countsFeesOfRequests() throws {
    var rule = try PlannerFixture.perSquareKilometre("100")
    rule.feePerRequestMinorUnits = 7
    rule.feePerOrderMinorUnits = 1
    var order = Self.order(1_000_000 * Self.million)
    order.requestCount = 3
    #expect(try rule.price(of: order).fees.minorUnits == 22)
  }

  @Test func keepsABreakdownAsJSON() throws {
    let rule = try PlannerFixture.withFees()
    let price = try rule.price(of: Self.order(62_500 * Self.million))
    #expect(price.base == "53.125")
    let bytes = try JSON.encoder().encode(price)
    #expect(try JSON.decoder().decode(PriceBreakdown.self, from: bytes) == price)
  }

  @Test(arguments: ["2026-02-29", "2026-13-01", "2026-1-01", "26-01-01", "2026-00-10", "today"])
  func refusesADay(_ text: String) { #expect(CalendarDay(text) == nil) }

  @Test(arguments: ["2028-02-29", "2026-12-31", "0001-01-01"])
  func keepsADay(_ text: String) { #expect(CalendarDay(text)?.description == text) }
}
