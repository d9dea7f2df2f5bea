// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Planning
import Platform
import Testing

/// The choice by what patches are worth.
@Suite struct PlannerGainTests {
  private typealias Fixture = PlannerFixture

  private func planner(_ prices: PriceRule, _ gains: PatchGains = Fixture.gains) -> Planner {
    Planner(product: Fixture.product, prices: prices, keepThreshold: 0.5, gains: gains)
  }

  /// The margin of a chip before calibration.
  private func margin(_ chip: ChipIndex, _ survey: Survey) -> Float {
    let logits = survey.chips.first { $0.chip == chip }?.lowResolutionLogits ?? []
    let powers = logits.map { exp(Double($0)) }.sorted(by: >)
    return Float((powers[0] - powers[1]) / powers.reduce(0, +))
  }

  /// What a plan is expected to be right about, in chips, beyond what LR is.
  private func value(
    _ plan: Plan, _ survey: Survey, _ gains: PatchGains = Fixture.gains
  ) -> Double {
    plan.chips.reduce(0) { sum, chip in
      sum + gains.gain(margin: margin(chip.chip, survey), patchCount: chip.mask.count)
    }
  }

  /// The best that so many patches can do, over all ways to share them out.
  private func bestValue(
    _ plan: Plan, _ survey: Survey, patches budget: Int, _ gains: PatchGains = Fixture.gains
  ) -> Double {
    plan.chips.reduce(into: [Double](repeating: 0, count: budget + 1)) { best, chip in
      let before = best
      for count in 0...budget {
        for taken in 0...min(count, chip.wanted.count) {
          let gain = gains.gain(margin: margin(chip.chip, survey), patchCount: taken)
          best[count] = max(best[count], before[count - taken] + gain)
        }
      }
    }[budget]
  }

  @Test(arguments: 1..<7 as Range<UInt64>)
  func isAsGoodAsTryingEverything(_ seed: UInt64) throws {
    let survey = Fixture.survey(seed: seed, columns: 3, rows: 2)
    let prices = try Fixture.tenPerPatch()
    let everything = try planner(prices).plan(survey, budget: Fixture.euro(10_000))
    for count in 0...everything.counts.wanted {
      let plan = try planner(prices).plan(survey, budget: Fixture.euro(Int64(count) * 10 + 3))
      #expect(plan.counts.toBuy == count)
      let best = bestValue(plan, survey, patches: count)
      // Three patches belong together: a budget may end in the midst of them.
      #expect(value(plan, survey) <= best + 1e-9)
      #expect(value(plan, survey) + 0.15 >= best - 1e-9, "\(count) patches")
    }
    // Where gains only fall there is no such piece, and nothing is better.
    let concave = PatchGains(
      marginEdges: [0.3],
      gains: [Fixture.gains.gains[0], Fixture.gains.gains[0].map { $0 / 3 }])
    for count in 0...everything.counts.wanted {
      let budget = try Fixture.euro(Int64(count) * 10)
      let plan = try planner(prices, concave).plan(survey, budget: budget)
      let best = bestValue(plan, survey, patches: count, concave)
      #expect(abs(value(plan, survey, concave) - best) < 1e-9, "\(count) patches")
    }
  }

  @Test(arguments: 1..<13 as Range<UInt64>)
  func isNeverWorthLessForMoreMoney(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var prices = try seed % 2 == 0 ? Fixture.withFees() : Fixture.perSquareKilometre("900")
    if seed % 3 == 0 { prices.areaBasis = .boundingBox }
    if seed % 4 == 0 { prices.minimumSquareMillimetres = 300_000_000_000 }
    let survey = Fixture.survey(seed: seed, columns: 4, rows: 3)
    let planner = planner(prices)
    var budgets = (0..<40).map { _ in Int64.random(in: 0...4000, using: &generator) }
    budgets.sort()
    var (last, lastAccuracy) = (0.0, 0.0)
    for budget in budgets {
      let plan = try planner.plan(survey, budget: Fixture.euro(budget))
      #expect(plan.price.minorUnits <= budget)
      #expect(value(plan, survey) >= last, "a larger budget is worth less")
      let accuracy = try #require(plan.estimatedAccuracy)
      #expect(accuracy >= lastAccuracy)
      (last, lastAccuracy) = (value(plan, survey), accuracy)
    }
  }

  @Test func buysWhatSettlesAChipTogether() throws {
    // One patch of either chip: the first is worth 0.025 each, the third of the second 0.15 in all.
    let survey = Fixture.survey([
      Fixture.chip(0, wanted: 16, margin: 0.1), Fixture.chip(1, wanted: 16, margin: 0.8),
    ])
    let margins = (0..<2).map { margin(ChipIndex(column: $0, row: 0), survey) }
    #expect(margins[0] < 0.2 && margins[1] > 0.2 && margins[1] < 0.5)
    let plan = try planner(Fixture.tenPerPatch()).plan(survey, budget: Fixture.euro(30))
    #expect(plan.chips.map(\.toBuy.count) == [0, 3])
  }

  /// Where the first patch of a chip costs as much as all of them, single patches are a bad bargain.
  @Test func buysWholeChipsWhereTheFirstPatchIsTheDearest() throws {
    let survey = Fixture.survey((0..<8).map { Fixture.chip($0 * 5, wanted: 16, margin: 0.1) })
    let planner = Planner(
      product: Fixture.product,
      prices: PriceRule(
        currency: try Currency(code: "EUR"), per: .request,
        rate: try #require(DecimalRate("100"))),
      keepThreshold: 0.5, gains: Fixture.gains)
    let plan = try planner.plan(survey, budget: Fixture.euro(300))
    #expect(plan.chips.map(\.toBuy.count) == [16, 16, 16, 0, 0, 0, 0, 0])
    #expect(plan.price.minorUnits == 300)
  }

  @Test func countsWhatIsOwnedAsBought() throws {
    let survey = Fixture.survey([
      Fixture.chip(0, wanted: 16, margin: 0.1), Fixture.chip(1, wanted: 16, margin: 0.1),
    ])
    // Of two like chips the one with less has more to gain.
    let plan = try planner(Fixture.tenPerPatch()).plan(
      survey, owned: [ChipIndex(column: 0, row: 0): PatchMask(8..<16)], budget: Fixture.euro(80))
    #expect(plan.chips.map(\.toBuy.count) == [0, 8])
    let low = try #require(plan.estimatedLowResolutionAccuracy)
    let gain = Fixture.gains.gains[0][8]
    #expect(abs(try #require(plan.estimatedAccuracy) - (low + gain)) < 1e-6)
  }

  @Test func neverExpectsMoreThanCertainty() throws {
    let gains = PatchGains(marginEdges: [], gains: [(0...16).map { Double($0) }])
    let plan = try planner(Fixture.tenPerPatch(), gains).plan(
      Fixture.survey(seed: 2), budget: Fixture.euro(100_000))
    #expect(try #require(plan.estimatedAccuracy) <= 1)
  }
}
