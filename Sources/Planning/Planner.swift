// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// The choice of what to buy: a pure function of survey, prices, budget and what is owned.
///
/// The policy's threshold says what is wanted of each chip. When that costs more than the budget,
/// patches are ranked over the whole region (``PatchRanking``), and the longest beginning of the
/// ranking is bought whose merged orders, minimum charges and fees included, cost at most the
/// budget.
///
/// ```swift
/// let planner = Planner(product: product, prices: rule, keepThreshold: 0.5)
/// let plan = try planner.plan(survey, owned: owned, budget: free)
/// ```
public struct Planner: Sendable {
  private let product: ProductID
  private let prices: PriceRule
  private let keepThreshold: Float
  private let merger: OrderMerger

  /// Creates a planner.
  ///
  /// - Parameters:
  ///   - keepThreshold: a patch is wanted when its keep probability is above, strictly.
  ///   - merger: the vendor's limits on an order.
  public init(
    product: ProductID, prices: PriceRule, keepThreshold: Float,
    merger: OrderMerger = OrderMerger()
  ) {
    self.product = product
    self.prices = prices
    self.keepThreshold = keepThreshold
    self.merger = merger
  }

  /// Makes the plan.
  ///
  /// - Parameters:
  ///   - owned: the patches that are paid for and on disk; they cost nothing and are used.
  ///   - claimed: the patches that other jobs' open orders hold; they cannot be bought.
  ///   - budget: what may be spent; zero buys nothing.
  ///   - gain: how much more probably right an answer becomes by so many patches of a chip, from
  ///     the LR classifier's margin; for the plan's estimate only.
  /// - Throws: `PlanningError.wrongCurrency`, `PlanningError.malformedSurvey`,
  ///   `PlanningError.priceTooLarge`.
  public func plan(
    _ survey: Survey, owned: [ChipIndex: PatchMask] = [:],
    claimed: [ChipIndex: PatchMask] = [:], budget: Money,
    gain: (_ margin: Double, _ patchCount: Int) -> Double = { _, _ in 0 }
  ) throws(PlanningError) -> Plan {
    guard budget.currency == prices.currency else {
      throw .wrongCurrency(budget: budget.currency, prices: prices.currency)
    }
    var candidates: [ChipCandidate] = []
    var unplanned: [UnplannedChip] = []
    for chip in survey.chips.sorted(by: { $0.chip < $1.chip }) {
      if chip.state == .surveyed {
        candidates.append(
          try ChipCandidate(
            chip, in: survey, keepThreshold: keepThreshold, owned: owned[chip.chip] ?? .none,
            claimed: claimed[chip.chip] ?? .none))
      } else {
        unplanned.append(UnplannedChip(chip: chip.chip, state: chip.state))
      }
    }
    let wanted = candidates.flatMap { $0.positions($0.available, on: survey.grid) }
    let all = PatchMask.all(of: survey.grid.patchGrid)
    let priceOfEverything = try price(
      of: candidates.flatMap { $0.positions(all.subtracting($0.owned), on: survey.grid) },
      on: survey.grid)
    let bought = try choose(candidates, wanted: wanted, budget: budget, on: survey.grid)
    let orders = try orders(for: bought, on: survey.grid)
    let masks = Self.masks(bought, on: survey.grid)
    let planned = candidates.map { $0.planned(toBuy: masks[$0.chip] ?? .none) }
    return Plan(
      product: product, grid: survey.grid, classes: survey.classes,
      sceneDigest: survey.sceneDigest, modelDigest: survey.modelDigest,
      keepThreshold: keepThreshold, budget: budget,
      chips: planned,
      unplanned: unplanned, orders: orders, price: try sum(orders),
      priceOfWanted: try price(of: wanted, on: survey.grid),
      priceOfEverything: priceOfEverything,
      counts: Plan.Counts(
        toBuy: bought.count, owned: candidates.reduce(0) { $0 + $1.owned.count },
        wanted: candidates.reduce(0) { $0 + $1.wanted.count },
        everything: candidates.count * survey.grid.patchGrid.patchCount),
      estimatedLowResolutionAccuracy: Self.mean(planned) { Double($0.lowResolutionProbability) },
      estimatedAccuracy: Self.mean(planned) { chip in
        let gain = gain(Double(chip.lowResolutionMargin), chip.mask.count)
        return min(1, Double(chip.lowResolutionProbability) + gain)
      })
  }

  private static func mean(_ chips: [PlannedChip], _ figure: (PlannedChip) -> Double) -> Double? {
    chips.isEmpty ? nil : chips.reduce(0) { $0 + figure($1) } / Double(chips.count)
  }

  /// The patches of each chip.
  private static func masks(
    _ positions: [PatchPosition], on grid: ChipGrid
  ) -> [ChipIndex: PatchMask] {
    positions.reduce(into: [:]) { masks, position in
      let (chip, patch) = position.chipAndPatch(in: grid.patchGrid)
      masks[chip, default: .none].insert(patch)
    }
  }

  /// The patches to buy: all that is wanted, or the best beginning of the ranking.
  private func choose(
    _ candidates: [ChipCandidate], wanted: [PatchPosition], budget: Money, on grid: ChipGrid
  ) throws(PlanningError) -> [PatchPosition] {
    if try price(of: wanted, on: grid).minorUnits <= budget.minorUnits { return wanted }
    let ranking = PatchRanking(candidates, on: grid)
    let wholeChips = try affordable(ranking.patches(perChip: nil), budget, on: grid)
    guard let perChip = ranking.patchesPerChip(affordableCount: wholeChips.count) else {
      return wholeChips
    }
    return try affordable(ranking.patches(perChip: perChip), budget, on: grid)
  }

  /// The longest beginning of a list, as bisection finds it, that the budget pays.
  ///
  /// A longer list never covers less ground, but it may need fewer rectangles, so its price may
  /// drop by a fee here and there. Whatever beginning is returned was priced and is affordable,
  /// and a larger budget never gets a shorter one.
  private func affordable(
    _ ranked: [PatchPosition], _ budget: Money, on grid: ChipGrid
  ) throws(PlanningError) -> [PatchPosition] {
    // Put in order once: a beginning of the list is then what in it has a low rank, in order.
    let byPlace = ranked.indices.sorted { ranked[$0] < ranked[$1] }
    func beginning(_ count: Int) -> [PatchPosition] {
      byPlace.compactMap { $0 < count ? ranked[$0] : nil }
    }
    var most = 0
    var tooMany = ranked.count + 1
    while tooMany - most > 1 {
      let count = (most + tooMany) / 2
      let price = try price(of: beginning(count), on: grid)
      if price.minorUnits <= budget.minorUnits { most = count } else { tooMany = count }
    }
    return beginning(most)
  }

  private func price(
    of patches: [PatchPosition], on grid: ChipGrid
  ) throws(PlanningError) -> Money {
    try sum(orders(for: patches, on: grid))
  }

  private func orders(
    for patches: [PatchPosition], on grid: ChipGrid
  ) throws(PlanningError) -> [PlannedOrder] {
    var orders: [PlannedOrder] = []
    for draft in merger.orders(for: patches, of: product, on: grid) {
      orders.append(PlannedOrder(draft: draft, price: try prices.price(of: draft)))
    }
    return orders
  }

  private func sum(_ orders: [PlannedOrder]) throws(PlanningError) -> Money {
    var total = Money.zero(prices.currency)
    for order in orders {
      do {
        total = try total.adding(order.price)
      } catch {
        throw .priceTooLarge(areaSquareMillimetres: order.draft.areaSquareMillimetres)
      }
    }
    return total
  }
}
