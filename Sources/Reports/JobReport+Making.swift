// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
public import Ledger

extension JobReport {
  /// Makes the report of a job and checks that it fits together.
  ///
  /// - Throws: `ReportError`; `MoneyError` where entries are of another currency than the budget.
  public init(_ inputs: ReportInputs) throws {
    try self.init(inputs, chips: inputs.joinedChips())
  }

  init(_ inputs: ReportInputs, chips: [ReportChip]) throws {
    guard !chips.isEmpty else { throw ReportError.noChips(job: inputs.job.id) }
    let grid = inputs.survey.grid
    format = Self.currentFormat
    job = inputs.job
    scene = Scene(
      id: inputs.scene.id, name: inputs.scene.name, digest: inputs.scene.digest,
      pixelSizeM: inputs.scene.pixelSizeMetres)
    model = inputs.model
    product = inputs.product
    self.grid = Grid(
      crs: grid.lattice.crs, chipSideM: grid.lattice.chipSideMetres, chipPixels: grid.chipPixels,
      zoom: grid.zoom, patchesPerChip: grid.patchGrid.patchCount,
      patchAreaM2: squareMetres(grid.patchAreaSquareMillimetres))
    self.chips = Chips(chips)
    patches = Patches(chips, patchesPerChip: grid.patchGrid.patchCount)
    money = try Amounts(inputs)
    let entries = Dictionary(grouping: inputs.entries, by: \.order)
    orders = try inputs.orders.map { try Order($0, entries: entries[$0.key] ?? [], in: inputs) }
    classes = inputs.survey.classes.enumerated().map { index, name in
      ClassArea(index: index, name: name, chips: chips, grid: grid)
    }
    accuracy = Accuracy(chips)
    attributions = inputs.attributions
    facts = inputs.facts
    try check(against: inputs.entries)
  }

  /// Checks that the report's money is what the ledger has for the job's orders (invariant I7).
  ///
  /// - Parameter entries: the ledger's; those of other budgets and jobs are passed over.
  /// - Throws: `ReportError.ledgerDisagrees`; `MoneyError` where currencies are mixed.
  public func check(against entries: some Sequence<LedgerEntry>) throws {
    let currency = money.captured.currency
    let keys = Set(orders.map(\.key))
    let own = entries.filter { $0.order.map { keys.contains($0.text) } ?? false }
    let sums = try LedgerSums(of: own, currency: currency)
    func equal(_ what: String, _ reported: Money, _ ledger: Money) throws(ReportError) {
      guard reported == ledger else {
        throw .ledgerDisagrees(what: what, reported: "\(reported)", ledger: "\(ledger)")
      }
    }
    let sumOfOrders = try orders.reduce(Money.zero(currency)) { try $0.adding($1.captured) }
    try equal("the sum of the orders' captures", sumOfOrders, sums.captured)
    try equal("what was captured", money.captured, sums.captured)
    try equal("what was held", money.heldInAll, sums.held)
    try equal("what was released", money.released, sums.released)
    try equal("what was spent", money.spent, sums.spent)
    var captured: [String: Set<Int>] = [:]
    for entry in own where entry.operation == .capture {
      guard let order = entry.order, let item = entry.item else { continue }
      captured[order.text, default: []].insert(item)
    }
    for order in orders {
      let items = captured[order.key] ?? []
      guard items.count == order.itemsBought else {
        throw ReportError.ledgerDisagrees(
          what: "the count of items bought with order \(order.key)",
          reported: "\(order.itemsBought)", ledger: "\(items.count)")
      }
    }
  }
}

extension JobReport.Chips {
  init(_ chips: [ReportChip]) {
    total = chips.count
    surveyed = chips.count { $0.state == .surveyed }
    classified = chips.count { $0.answer != nil }
    notSurveyed = chips.filter { $0.state != .surveyed }.map {
      JobReport.NotSurveyed(column: $0.chip.column, row: $0.chip.row, reason: $0.state.name)
    }
  }
}

extension JobReport.Patches {
  init(_ chips: [ReportChip], patchesPerChip: Int) {
    let surveyed = chips.filter { $0.state == .surveyed }
    total = surveyed.count * patchesPerChip
    wanted = chips.reduce(0) { $0 + $1.wanted.count }
    bought = chips.reduce(0) { $0 + $1.bought.count }
    owned = chips.reduce(0) { $0 + $1.owned.count }
    let used = chips.reduce(0) { $0 + $1.used.count }
    usedPerChip = Double(used) / Double(max(1, surveyed.count))
    boughtShare = Double(bought) / Double(max(1, total))
  }
}

extension JobReport.Amounts {
  init(_ inputs: ReportInputs) throws(MoneyError) {
    let keys = Set(inputs.orders.map(\.key))
    let own = inputs.entries.filter { $0.order.map(keys.contains) ?? false }
    let sums = try LedgerSums(of: own, currency: inputs.currency)
    let ofBudget = inputs.entries.filter { $0.budget == inputs.budget }
    budget = inputs.budget
    granted = try LedgerSums(of: ofBudget, currency: inputs.currency).granted
    heldInAll = sums.held
    captured = sums.captured
    released = sums.released
    refunded = sums.refunded
    spent = sums.spent
    disputed = sums.disputed
    priceOfEverything = inputs.priceOfEverything
    saved = try inputs.priceOfEverything.map { all throws(MoneyError) in
      try all.subtracting(sums.spent)
    }
    costShare = inputs.priceOfEverything.flatMap { all in
      all.minorUnits > 0 ? Double(sums.spent.minorUnits) / Double(all.minorUnits) : nil
    }
  }
}

extension JobReport.Order {
  init(
    _ order: OrderRecord, entries: [LedgerEntry], in inputs: ReportInputs
  ) throws(MoneyError) {
    let sums = try LedgerSums(of: entries, currency: inputs.currency)
    let bought = order.boughtPositions.count
    key = order.key.text
    vendorOrder = order.vendorOrderID
    product = order.draft.product
    state = order.state
    items = order.items.count
    itemsBought = order.boughtItems.count
    patches = order.draft.patchCount
    patchesBought = bought
    areaM2 = squareMetres(Int64(bought) * inputs.survey.grid.patchAreaSquareMillimetres)
    price = order.quote?.price
    captured = sums.captured
    charged = sums.spent
  }
}

extension JobReport.ClassArea {
  init(index: Int, name: String, chips: [ReportChip], grid: ChipGrid) {
    let answers = chips.compactMap(\.answer)
    let own = answers.filter { $0.classIndex == index }
    let chipArea = Int64(grid.patchGrid.patchCount) * grid.patchAreaSquareMillimetres
    self.index = index
    self.name = name
    self.chips = own.count
    areaM2 = squareMetres(Int64(own.count) * chipArea)
    areaKm2 = areaM2 / 1e6
    share = Double(own.count) / Double(max(1, answers.count))
    meanProbability = mean(own.map(\.probability))
  }
}

extension JobReport.Accuracy {
  init(_ chips: [ReportChip]) {
    method = "mean calibrated probability of the answers: an estimate, not a measurement"
    estimated = mean(chips.compactMap(\.answer?.probability))
    estimatedFromLowResolution = mean(chips.compactMap(\.lowResolution?.probability))
  }
}

extension ChipState {
  /// The state as files have it.
  var name: String {
    switch self {
    case .surveyed: "surveyed"
    case .tooFewValidPixels: "too_few_valid_pixels"
    case .outsideScene: "outside_scene"
    }
  }
}

private func squareMetres(_ squareMillimetres: Int64) -> Double { Double(squareMillimetres) / 1e6 }

private func mean(_ values: [Float]) -> Double? {
  values.isEmpty ? nil : values.reduce(0) { $0 + Double($1) } / Double(values.count)
}
