// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Planning
import Platform
import Testing

@Suite struct PlannerTests {
  private typealias Fixture = PlannerFixture

  private func planner(_ prices: PriceRule, itemCount: Int = 100) -> Planner {
    Planner(
      product: Fixture.product, prices: prices, keepThreshold: 0.5,
      merger: OrderMerger(largestItemCount: itemCount))
  }

  @Test func buysAllThatIsWantedWhenItCan() throws {
    let survey = Fixture.survey(seed: 1)
    let plan = try planner(Fixture.withFees()).plan(survey, budget: Fixture.euro(1_000_000))
    #expect(plan.price == plan.priceOfWanted)
    #expect(plan.counts.toBuy == plan.counts.wanted)
    #expect(plan.unplanned.count == 2)
    #expect(plan.counts.everything == 18 * 16)
    for (chip, planned) in zip(survey.chips.filter { $0.state == .surveyed }, plan.chips) {
      #expect(planned.toBuy.patches == (0..<16).filter { chip.keepProbabilities[$0] > 0.5 })
    }
    // Rate times the area of everything, and one fee for what fits into one order.
    #expect(plan.priceOfEverything.minorUnits == Int64((18 * 16 * 0.0256 * 850).rounded(.up)) + 150)
  }

  @Test(arguments: 1..<25 as Range<UInt64>)
  func neverGoesOverTheBudget(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let survey = Fixture.survey(seed: seed)
    let planner = planner(try Fixture.withFees(), itemCount: Int(seed % 5) + 1)
    let budget = try Fixture.euro(Int64.random(in: 0...6000, using: &generator))
    let plan = try planner.plan(survey, budget: budget)
    #expect(plan.price.minorUnits <= budget.minorUnits)
    let rule = try Fixture.withFees()
    var total: Int64 = 0
    for order in plan.orders {
      #expect(order.price == (try rule.price(of: order.draft)))
      total += order.price.minorUnits
    }
    #expect(plan.price.minorUnits == total)
    let patchArea = Fixture.grid.patchAreaSquareMillimetres
    #expect(plan.neededSquareMillimetres == Int64(plan.counts.toBuy) * patchArea)
    #expect(plan.billedSquareMillimetres == plan.neededSquareMillimetres)
    let ordered = plan.orders.flatMap(\.draft.positions)
    let planned = plan.chips.flatMap { chip in
      chip.toBuy.patches.map { PatchPosition(chip: chip.chip, patch: $0, in: .paper) }
    }
    #expect(ordered.count == plan.counts.toBuy)
    #expect(ordered.sorted() == planned.sorted())
    #expect(plan.chips.allSatisfy { $0.toBuy.subtracting($0.wanted).isEmpty })
    let again = try planner.plan(survey, budget: budget)
    let encoder = JSON.encoder()
    #expect(try encoder.encode(again) == encoder.encode(plan))
    #expect(try JSON.decoder().decode(Plan.self, from: encoder.encode(plan)) == plan)
  }

  /// Without fees the price grows with every patch, so the choice can be checked against all
  /// beginnings of a ranking that this test makes for itself.
  @Test(arguments: 1..<9 as Range<UInt64>)
  func buysTheLongestBeginningOfTheRanking(_ seed: UInt64) throws {
    let survey = Fixture.survey(seed: seed, columns: 3, rows: 3)
    let planner = planner(try Fixture.tenPerPatch())
    var least = 0
    for minorUnits in stride(from: Int64(0), through: 16 * 9 * 10, by: 7) {
      let plan = try planner.plan(survey, budget: try Fixture.euro(minorUnits))
      let count = min(Int(minorUnits / 10), plan.counts.wanted)
      #expect(plan.counts.toBuy == count)
      #expect(plan.counts.toBuy >= least, "more money bought less")
      least = plan.counts.toBuy
      #expect(bought(plan) == Set(Self.ranking(survey).prefix(count)))
    }
  }

  private func bought(_ plan: Plan) -> Set<PatchPosition> {
    Set(plan.orders.flatMap(\.draft.positions))
  }

  private static func ranking(_ survey: Survey) -> [PatchPosition] {
    let chips = survey.chips.filter { $0.state == .surveyed }.sorted { left, right in
      (margin(left, survey), left.chip) < (margin(right, survey), right.chip)
    }
    return chips.flatMap { chip in
      (0..<16).filter { chip.keepProbabilities[$0] > 0.5 }
        .sorted { chip.keepProbabilities[$0] > chip.keepProbabilities[$1] }
        .map { PatchPosition(chip: chip.chip, patch: $0, in: .paper) }
    }
  }

  private static func margin(_ chip: ChipSurvey, _ survey: Survey) -> Double {
    let powers = chip.lowResolutionLogits.map {
      exp(Double($0) / Double(survey.lowResolutionTemperature))
    }
    let sorted = powers.sorted(by: >)
    return (sorted[0] - sorted[1]) / powers.reduce(0, +)
  }

  @Test func asksTheUnsureChipsFirst() throws {
    let survey = Fixture.survey([
      Fixture.chip(0, wanted: 16, margin: 3), Fixture.chip(1, wanted: 16, margin: 0.1),
      Fixture.chip(2, wanted: 0, margin: 0), Fixture.chip(3, wanted: 16, margin: 1),
    ])
    let planner = planner(try Fixture.tenPerPatch())
    // 8 of 16 patches of the least sure chip, which are its last ones.
    let plan = try planner.plan(survey, budget: Fixture.euro(80))
    #expect(plan.chips.map(\.toBuy.count) == [0, 8, 0, 0])
    #expect(plan.chips[1].toBuy.patches == Array(8..<16))
    #expect(
      plan.chips.map(\.reason) == [.overBudget, .boughtInPart, .notWanted, .overBudget])
    #expect(plan.estimatedAccuracy == nil)
    #expect(
      try planner.plan(survey, budget: Fixture.euro(240)).chips.map(\.toBuy.count)
        == [0, 16, 0, 8])
  }

  @Test func buysNothingForNothing() throws {
    let plan = try planner(Fixture.withFees()).plan(
      Fixture.survey(seed: 3), budget: Fixture.euro(0))
    #expect(plan.orders.isEmpty)
    #expect(plan.price.minorUnits == 0)
    #expect(plan.priceOfWanted.minorUnits > 0)
    #expect(plan.chips.allSatisfy { $0.mask.isEmpty && $0.reason == .overBudget })
    let estimate = try #require(plan.estimatedLowResolutionAccuracy)
    #expect(estimate > 1.0 / 3 && estimate < 1)
  }

  @Test func buysFreePatchesWithoutMoney() throws {
    let rule = try Fixture.perSquareKilometre("0")
    let plan = try planner(rule).plan(Fixture.survey(seed: 3), budget: Fixture.euro(0))
    #expect(plan.counts.toBuy == plan.counts.wanted)
  }

  @Test func paysNothingForWhatIsOwned() throws {
    let survey = Fixture.survey(seed: 4)
    let planner = planner(try Fixture.withFees())
    let first = try planner.plan(survey, budget: Fixture.euro(100_000))
    let owned = Dictionary(uniqueKeysWithValues: first.chips.map { ($0.chip, $0.toBuy) })
    let second = try planner.plan(survey, owned: owned, budget: Fixture.euro(0))
    #expect(second.orders.isEmpty)
    #expect(second.priceOfWanted.minorUnits == 0)
    #expect(second.chips.map(\.mask) == first.chips.map(\.mask))
    #expect(second.chips.allSatisfy { $0.reason == .owned })
    #expect(second.priceOfEverything.minorUnits < first.priceOfEverything.minorUnits)
  }

  @Test func usesAnOwnedPatchThatThePolicyDoesNotWant() throws {
    let survey = Fixture.survey([Fixture.chip(0, wanted: 2, margin: 0)])
    let plan = try planner(Fixture.tenPerPatch()).plan(
      survey, owned: [ChipIndex(column: 0, row: 0): PatchMask([1, 9])],
      budget: Fixture.euro(100))
    #expect(plan.chips[0].toBuy == PatchMask([0]))
    #expect(plan.chips[0].mask == PatchMask([0, 1, 9]))
    #expect(plan.price.minorUnits == 10)
  }

  @Test func leavesAloneWhatAnotherJobIsBuying() throws {
    let survey = Fixture.survey([
      Fixture.chip(0, wanted: 4, margin: 0), Fixture.chip(1, wanted: 4, margin: 0),
    ])
    let plan = try planner(Fixture.tenPerPatch()).plan(
      survey,
      claimed: [
        ChipIndex(column: 0, row: 0): PatchMask([0, 1, 2, 3]),
        ChipIndex(column: 1, row: 0): PatchMask([3]),
      ], budget: Fixture.euro(1000))
    #expect(plan.chips.map(\.toBuy) == [.none, PatchMask([0, 1, 2])])
    #expect(plan.chips.map(\.reason) == [.claimed, .bought])
  }

  @Test func plansARegionWithoutChips() throws {
    let plan = try planner(Fixture.withFees()).plan(Fixture.survey([]), budget: Fixture.euro(500))
    #expect(plan.orders.isEmpty && plan.chips.isEmpty)
    #expect(plan.estimatedLowResolutionAccuracy == nil)
  }

  @Test func refusesWhatItCannotPlan() throws {
    let planner = planner(try Fixture.withFees())
    let dollars = try Money(parsing: "1.00 USD")
    let error = #expect(throws: PlanningError.self) {
      try planner.plan(Fixture.survey(seed: 1), budget: dollars)
    }
    #expect(error?.description.contains("USD") == true)
    let index = ChipIndex(column: 0, row: 0)
    for (keep, logits) in [(0.7, [1, .nan, 2]), (.infinity, [1, 2, 3])] as [(Float, [Float])] {
      let chip = ChipSurvey(
        chip: index, state: .surveyed, keepProbabilities: [Float](repeating: keep, count: 16),
        lowResolutionLogits: logits)
      let budget = try Fixture.euro(10)
      #expect(throws: PlanningError.self) {
        try planner.plan(Fixture.survey([chip]), budget: budget)
      }
    }
  }
}
