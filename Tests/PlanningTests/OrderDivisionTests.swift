// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Planning
import Platform
import Testing

/// Orders under price rules for which the division matters.
@Suite struct OrderDivisionTests {
  private typealias Fixture = PlannerFixture

  private func cost(_ orders: [OrderDraft], _ rule: PriceRule) throws -> Int64 {
    try orders.reduce(0) { $0 + (try rule.price(of: $1).minorUnits) }
  }

  private func orders(
    _ patches: Set<PatchPosition>, _ rule: PriceRule, _ merger: OrderMerger = OrderMerger()
  ) -> [OrderDraft] {
    merger.orders(for: patches, of: Fixture.product, on: Fixture.grid, under: rule)
  }

  private func patches(_ places: [(Int, Int)]) -> Set<PatchPosition> {
    Set(places.map { PatchPosition(column: $0.0, row: $0.1) })
  }

  private func boxes(fee: Int64, minimumCharge: Int64 = 0) throws -> PriceRule {
    var rule = try Fixture.tenPerPatch()
    rule.areaBasis = .boundingBox
    rule.feePerOrderMinorUnits = fee
    rule.minimumChargeMinorUnits = minimumCharge
    return rule
  }

  @Test func splitsABoxThatIsMostlyEmpty() throws {
    let corners = patches([(0, 0), (1, 0), (30, 20)])
    let rule = try boxes(fee: 0)
    let orders = orders(corners, rule)
    #expect(orders.map(\.patchCount) == [2, 1])
    #expect(try cost(orders, rule) == 30)
  }

  @Test func mergesUnderAFee() throws {
    let near = patches([(0, 0), (2, 0)])
    #expect(try orders(near, boxes(fee: 0)).count == 2)
    // The patch between them costs 10, a second order 11.
    #expect(try orders(near, boxes(fee: 11)).count == 1)
    let far = patches([(0, 0), (2, 0), (40, 40)])
    #expect(try orders(far, boxes(fee: 11)).map(\.patchCount) == [2, 1])
    #expect(try orders(near, boxes(fee: 0, minimumCharge: 25)).count == 1)
  }

  @Test func keepsFewOrdersWherePolygonsAreBilled() throws {
    let far = patches([(0, 0), (2, 0), (40, 40)])
    #expect(try orders(far, Fixture.tenPerPatch()).count == 1)
    #expect(try orders(far, Fixture.withFees()).count == 1)
  }

  @Test func widensAStripOrLeavesIt() throws {
    var rule = try Fixture.tenPerPatch()
    rule.minimumWidthMillimetres = 4 * 160_000
    // Two far patches: alone each is billed as 16, in one order the box is wide enough.
    let far = patches([(0, 0), (9, 9)])
    let one = orders(far, rule)
    #expect(one.count == 1)
    #expect(try cost(one, rule) == 20)
    // In a row nothing helps: the strip is 10 wide and padded to 4 high.
    let row = patches([(0, 0), (9, 0)])
    #expect(try cost(orders(row, rule), rule) == 320)
    rule.narrowOrder = .refuse
    #expect(throws: PlanningError.self) { try rule.price(of: orders(row, rule)[0]) }
    #expect(try cost(orders(far, rule), rule) == 20)
  }

  private static func randomPatches(_ seed: UInt64, side: Int, count: Int) -> Set<PatchPosition> {
    var generator = SeededGenerator(seed: seed)
    return Set(
      (0..<count).map { _ in
        PatchPosition(
          column: .random(in: 0..<side, using: &generator),
          row: .random(in: 0..<side, using: &generator))
      })
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func coversExactlyAndKeepsTheLimits(_ seed: UInt64) throws {
    let patches = Self.randomPatches(seed, side: 24, count: 80)
    let rule = try boxes(fee: Int64(seed % 5) * 12, minimumCharge: Int64(seed % 3) * 20)
    let merger = OrderMerger(largestItemCount: 7, largestSide: 4, largestPatchCount: 16)
    let orders = orders(patches, rule, merger)
    let covered = orders.flatMap(\.positions)
    #expect(covered.count == patches.count && Set(covered) == patches)
    #expect(orders.allSatisfy { $0.rectangles.count <= 7 && $0.patchCount <= 16 })
    #expect(self.orders(Set(patches.sorted().reversed()), rule, merger) == orders)
    let few = merger.orders(for: patches, of: Fixture.product, on: Fixture.grid)
    #expect(try cost(orders, rule) <= cost(few, rule))
  }

  /// Against all ways to divide some rectangles among orders.
  @Test func isNearTheBestDivision() throws {
    var (found, best, exact) = (Int64(0), Int64(0), 0)
    let cases = 1...60 as ClosedRange<UInt64>
    for seed in cases {
      let patches = Self.randomPatches(seed, side: 12, count: 6)
      let rule = try boxes(fee: Int64(seed % 6) * 15)
      let mine = try cost(orders(patches, rule), rule)
      let rectangles = OrderMerger().rectangles(covering: patches)
      let least = try leastCost(rectangles, rule)
      #expect(mine >= least)
      #expect(Double(mine) <= 1.25 * Double(least), "seed \(seed): \(mine) for \(least)")
      found += mine
      best += least
      if mine == least { exact += 1 }
    }
    #expect(Double(found) <= 1.02 * Double(best), "\(found) for \(best), \(exact) exact")
  }

  private func leastCost(_ rectangles: [PatchRectangle], _ rule: PriceRule) throws -> Int64 {
    func order(_ rectangles: [PatchRectangle]) -> OrderDraft {
      OrderDraft(product: Fixture.product, grid: Fixture.grid, rectangles: rectangles)
    }
    guard let first = rectangles.first else { return 0 }
    let others = Array(rectangles.dropFirst())
    var least = Int64.max
    for bits in 0..<(1 << others.count) {
      let with = others.indices.filter { bits >> $0 & 1 == 1 }.map { others[$0] }
      let without = others.indices.filter { bits >> $0 & 1 == 0 }.map { others[$0] }
      let price = try rule.price(of: order([first] + with)).minorUnits
      if price < least { least = min(least, price + (try leastCost(without, rule))) }
    }
    return least
  }

  @Test func plansAndShowsWhatIsBilled() throws {
    let survey = Fixture.survey([
      Fixture.chip(0, wanted: 6, margin: 0), Fixture.chip(5, wanted: 1, margin: 0),
    ])
    var rule = try boxes(fee: 0)
    rule.minimumSquareMillimetres = 4 * 25_600_000_000
    let plan = try Planner(product: Fixture.product, prices: rule, keepThreshold: 0.5)
      .plan(survey, budget: Fixture.euro(1000))
    // Six patches in two rows of four are a box of eight; the seventh is billed as four.
    #expect(plan.neededSquareMillimetres == 7 * 25_600_000_000)
    #expect(plan.billedSquareMillimetres == Int64(12 * 25_600_000_000))
    #expect(plan.price.minorUnits == 120)
    #expect(plan.orders.map(\.breakdown.base) == ["80", "40"])
  }
}
