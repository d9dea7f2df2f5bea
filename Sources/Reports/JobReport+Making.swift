// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
public import Ledger
import Planning
import Raster

extension JobReport {
  /// Makes the report of a job and checks that it fits together.
  ///
  /// It brings corners of chips into longitude and latitude, so it blocks for a moment.
  ///
  /// - Throws: `ReportError`; `MoneyError` where entries are of another currency than the budget;
  ///   `RasterError` where a chip has no longitude and latitude.
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
      pixelSizeM: inputs.scene.pixelSizeMetres, acquiredAt: inputs.scene.acquiredAt)
    reading = inputs.survey.reading
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
    classes = ClassArea.all(
      inputs.survey.classes, chips: chips, grid: grid, ground: try inputs.groundAreas(of: chips))
    accuracy = Accuracy(chips)
    choices = Choice.all(chips)
    priceSource = inputs.priceSource
    licence = inputs.licence
    attributions = inputs.notices
    stages = inputs.stages
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
    neededAreaM2 = squareMetres(order.draft.areaSquareMillimetres)
    billedAreaM2 = inputs.billedAreas[order.key].map(squareMetres)
    price = order.quote?.price
    captured = sums.captured
    charged = sums.spent
    disputed = sums.disputed
    dispute = order.dispute
    parking = order.parking
  }
}

extension JobReport.ClassArea {
  /// The classes in one pass over the chips; `ground` has the ellipsoidal area of each.
  static func all(
    _ names: [String], chips: [ReportChip], grid: ChipGrid, ground: [Double]
  ) -> [JobReport.ClassArea] {
    var counts = names.map { _ in 0 }
    var probabilities = names.map { _ in 0.0 }
    var areas = names.map { _ in 0.0 }
    for (chip, area) in zip(chips, ground) {
      guard let answer = chip.answer else { continue }
      counts[answer.classIndex] += 1
      probabilities[answer.classIndex] += Double(answer.probability)
      areas[answer.classIndex] += area
    }
    let answers = counts.reduce(0, +)
    let chipArea = Int64(grid.patchGrid.patchCount) * grid.patchAreaSquareMillimetres
    return names.enumerated().map { index, name in
      let (count, areaM2) = (counts[index], squareMetres(Int64(counts[index]) * chipArea))
      return JobReport.ClassArea(
        index: index, name: name, chips: count, areaM2: areaM2, areaKm2: areaM2 / 1e6,
        geodesicAreaM2: (areas[index] * 100).rounded() / 100,
        share: Double(count) / Double(max(1, answers)),
        meanProbability: count > 0 ? probabilities[index] / Double(count) : nil)
    }
  }
}

extension JobReport.Choice {
  /// The reasons of the surveyed chips, the most frequent first.
  static func all(_ chips: [ReportChip]) -> [JobReport.Choice] {
    Dictionary(grouping: chips.compactMap(\.reason)) { $0 }
      .map { JobReport.Choice(reason: $0.key, chips: $0.value.count) }
      .sorted { ($1.chips, $0.reason.rawValue) < ($0.chips, $1.reason.rawValue) }
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
