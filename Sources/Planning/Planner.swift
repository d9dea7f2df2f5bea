// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// The choice of what to buy: a pure function of survey, prices, budget and what is owned.
///
/// The policy's threshold says what is wanted of each chip. When that costs more than the budget,
/// patches are ranked over the whole region by what they are worth (``PatchRanking``), one by one, in
/// parts of chips and in whole chips. Of each ranking a beginning is affordable, merged orders,
/// minimum charges and fees included; the one that is worth most is bought. Beginnings are found by
/// bisection, so that a larger budget is never worth less.
///
/// ```swift
/// let planner = Planner(product: product, prices: rule, keepThreshold: 0.5, gains: gains)
/// let plan = try planner.plan(survey, owned: owned, budget: free)
/// ```
public struct Planner: Sendable {
  private let product: ProductID
  private let prices: PriceRule
  private let keepThreshold: Float
  private let gains: PatchGains?
  private let merger: OrderMerger
  private let circumstances: PriceCircumstances
  private let measure: OrderMeasure

  /// Creates a planner.
  ///
  /// - Parameters:
  ///   - keepThreshold: a patch is wanted when its keep probability is above, strictly.
  ///   - gains: what patches are worth; without them doubtful chips are bought whole.
  ///   - merger: the vendor's limits on an order.
  ///   - circumstances: packs and past use; orders draw on them one after another.
  ///   - measure: how the vendor counts an order; by its geometry where it does not say.
  public init(
    product: ProductID, prices: PriceRule, keepThreshold: Float, gains: PatchGains? = nil,
    merger: OrderMerger = OrderMerger(),
    circumstances: PriceCircumstances = PriceCircumstances(),
    measure: @escaping OrderMeasure = { OrderQuantity($0) }
  ) {
    self.product = product
    self.prices = prices
    self.keepThreshold = keepThreshold
    self.gains = gains
    self.merger = merger
    self.circumstances = circumstances
    self.measure = measure
  }

  /// Makes the plan.
  ///
  /// - Parameters:
  ///   - owned: the patches that are paid for and on disk; they cost nothing and are used.
  ///   - claimed: the patches that other jobs' open orders hold; they cannot be bought.
  ///   - budget: what may be spent; zero buys nothing.
  /// - Throws: `PlanningError`.
  public func plan(
    _ survey: Survey, owned: [ChipIndex: PatchMask] = [:],
    claimed: [ChipIndex: PatchMask] = [:], budget: Money
  ) throws(PlanningError) -> Plan {
    guard budget.currency == prices.currency else {
      throw .wrongCurrency(budget: budget.currency, prices: prices.currency)
    }
    let (candidates, unplanned) = try candidates(survey, owned, claimed)
    let wanted = candidates.flatMap { $0.positions($0.available, on: survey.grid) }
    let all = PatchMask.all(of: survey.grid.patchGrid)
    let rest = candidates.flatMap { $0.positions(all.subtracting($0.owned), on: survey.grid) }
    let bought = try choose(candidates, wanted: wanted, budget: budget, on: survey.grid)
    let orders = try orders(for: bought, on: survey.grid)
    let masks = Self.masks(bought, on: survey.grid)
    return Plan(
      product: product, grid: survey.grid, classes: survey.classes,
      sceneDigest: survey.sceneDigest, modelDigest: survey.modelDigest,
      keepThreshold: keepThreshold, budget: budget,
      chips: candidates.map { $0.planned(toBuy: masks[$0.chip] ?? .none) },
      unplanned: unplanned, orders: orders, price: try sum(orders),
      neededSquareMillimetres: orders.reduce(0) { $0 + $1.neededSquareMillimetres },
      billedSquareMillimetres: prices.unit == .squareKilometre
        ? orders.reduce(0) { $0 + ($1.breakdown.billedSquareMillimetres ?? 0) } : nil,
      priceOfWanted: try listPrice(of: wanted, on: survey.grid),
      priceOfEverything: try listPrice(of: rest, on: survey.grid),
      counts: Plan.Counts(
        toBuy: bought.count, owned: candidates.reduce(0) { $0 + $1.owned.count },
        wanted: candidates.reduce(0) { $0 + $1.wanted.count },
        everything: candidates.count * survey.grid.patchGrid.patchCount),
      estimatedLowResolutionAccuracy: mean(candidates) { Double($0.answer.probability) },
      estimatedAccuracy: gains.flatMap { gains in
        mean(candidates) { chip in
          chip.estimatedAccuracy(buying: masks[chip.chip]?.count ?? 0, gains)
        }
      }, reading: survey.reading)
  }

  private func candidates(
    _ survey: Survey, _ owned: [ChipIndex: PatchMask], _ claimed: [ChipIndex: PatchMask]
  ) throws(PlanningError) -> ([ChipCandidate], [UnplannedChip]) {
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
    return (candidates, unplanned)
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

  private func mean(
    _ chips: [ChipCandidate], _ figure: (ChipCandidate) -> Double
  ) -> Double? {
    chips.isEmpty ? nil : chips.reduce(0) { $0 + figure($1) } / Double(chips.count)
  }

  // MARK: The choice

  /// The patches to buy: all that is wanted, or a beginning of the ranking.
  private func choose(
    _ candidates: [ChipCandidate], wanted: [PatchPosition], budget: Money, on grid: ChipGrid
  ) throws(PlanningError) -> [PatchPosition] {
    if try isAffordable(wanted, budget, on: grid) { return wanted }
    guard let gains else {
      return try affordable(PatchRanking(candidates, gains: nil, on: grid), budget, on: grid)
    }
    // Single patches are worth most where each costs the same; parts of chips and whole ones where
    // the first patch of a place is the dearest. Whichever is worth most for this budget is bought.
    let patchCount = grid.patchGrid.patchCount
    var best: (patches: [PatchPosition], value: Double) = ([], 0)
    for grain in [1, patchCount / 4, patchCount] {
      let ranking = PatchRanking(candidates, gains: gains, grain: grain, on: grid)
      let patches = try affordable(ranking, budget, on: grid)
      let masks = Self.masks(patches, on: grid)
      let value = candidates.reduce(0) { sum, chip in
        guard let count = masks[chip.chip]?.count else { return sum }
        return sum + chip.gain(buying: count, gains) - chip.gain(buying: 0, gains)
      }
      // What is worth nothing by the gains may still be wanted by the policy.
      if value > best.value || best.patches.isEmpty { best = (patches, value) }
    }
    return best.patches
  }

  /// The longest beginning of a ranking that bisection finds to be affordable.
  private func affordable(
    _ ranking: PatchRanking, _ budget: Money, on grid: ChipGrid
  ) throws(PlanningError) -> [PatchPosition] {
    let ranking = ranking.patches
    // Merging needs the patches by place: sorted once, each beginning is filtered out of them.
    let ranks = ranking.indices.sorted { ranking[$0] < ranking[$1] }
    func beginning(_ count: Int) -> [PatchPosition] {
      ranks.compactMap { $0 < count ? ranking[$0] : nil }
    }
    var most = 0
    var tooMany = ranking.count
    while tooMany - most > 1 {
      let count = (most + tooMany) / 2
      if try isAffordable(beginning(count), budget, on: grid) {
        most = count
      } else {
        tooMany = count
      }
    }
    return beginning(most)
  }

  /// Whether orders for some patches are sold for at most the budget.
  private func isAffordable(
    _ patches: [PatchPosition], _ budget: Money, on grid: ChipGrid
  ) throws(PlanningError) -> Bool {
    do {
      return try sum(orders(for: patches, on: grid)).minorUnits <= budget.minorUnits
    } catch {
      switch error {
      case .narrowOrder, .packsExhausted: return false
      default: throw error
      }
    }
  }

  // MARK: Prices

  private func listPrice(
    of patches: [PatchPosition], on grid: ChipGrid
  ) throws(PlanningError) -> Money {
    let list = prices.withoutPacks
    var total = Money.zero(list.currency)
    for draft in merger.orders(for: patches, of: product, on: grid, under: list) {
      total = try adding(try list.price(of: measure(draft)).total, to: total)
    }
    return total
  }

  private func orders(
    for patches: [PatchPosition], on grid: ChipGrid
  ) throws(PlanningError) -> [PlannedOrder] {
    var orders: [PlannedOrder] = []
    var circumstances = circumstances
    for draft in merger.orders(for: patches, of: product, on: grid, under: prices) {
      let breakdown = try prices.price(of: measure(draft), in: circumstances)
      circumstances = circumstances.after(breakdown)
      orders.append(PlannedOrder(draft, breakdown))
    }
    return orders
  }

  private func sum(_ orders: [PlannedOrder]) throws(PlanningError) -> Money {
    var total = Money.zero(prices.currency)
    for order in orders { total = try adding(order.price, to: total) }
    return total
  }

  private func adding(_ price: Money, to total: Money) throws(PlanningError) -> Money {
    do {
      return try total.adding(price)
    } catch {
      throw .priceTooLarge(quantity: "all orders together")
    }
  }
}
