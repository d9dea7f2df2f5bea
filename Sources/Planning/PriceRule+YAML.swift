// SPDX-License-Identifier: Apache-2.0

import Acquisition

extension PriceRule {
  /// Reads a product of a price list.
  init(_ section: inout PriceListSection, currency: Currency) throws(PlanningError) {
    _ = try section.text("per")
    let unit = try section.choice("per", otherwise: Unit.squareKilometre)
    let mode = try section.choice("tier_mode", otherwise: TierMode.bySlice)
    self.init(
      currency: currency, per: unit, tiers: try Self.tiers(&section, unit: unit), mode: mode)
    windowDays = Int(try section.integer("window_days", in: 1...3660) ?? 365)
    if mode != .byPastUse, section.has("window_days") {
      throw section.refusal(
        at: "window_days", "\"window_days\" counts for tier_mode: by_past_use only",
        "Remove it, or write tier_mode: by_past_use.")
    }
    try readArea(&section)
    minimumChargeMinorUnits = try section.minorUnits("minimum_charge")
    feePerOrderMinorUnits = try section.minorUnits("fee_per_order")
    feePerRequestMinorUnits = try section.minorUnits("fee_per_request")
    for var entry in try section.list("loadings") {
      loadings.append(try Loading(&entry))
    }
    if var entry = try section.section("rounding") {
      rounding = PriceRounding(
        mode: try entry.choice("mode", otherwise: PriceRounding.Mode.up),
        step: try entry.integer("to", in: 1...1_000_000) ?? 1)
      try entry.finish()
    }
    try readPacks(&section)
    if var entry = try section.section("licence") { licence = try Licence(&entry) }
    try section.finish()
  }

  private static func tiers(
    _ section: inout PriceListSection, unit: Unit
  ) throws(PlanningError) -> [Tier] {
    guard section.has("tiers") else { return [Tier(from: 0, rate: try section.rate("rate"))] }
    guard !section.has("rate") else {
      throw section.refusal(
        at: "rate", "there are \"rate\" and \"tiers\"", "Keep one of them.")
    }
    var tiers: [Tier] = []
    for var entry in try section.list("tiers") {
      let from: Int64? =
        switch unit {
        case .squareKilometre: try entry.area("from")
        case .gigabyte: try entry.measure("from", ["GB": 1_000_000_000, "MB": 1_000_000])
        case .patch, .request, .scene: try entry.integer("from", in: 0...Money.largestMinorUnits)
        }
      guard let from else { throw entry.refusal(at: "from", "a tier has no \"from\"", "Add it.") }
      guard tiers.last.map({ $0.from < from }) ?? (from == 0) else {
        throw entry.refusal(
          at: "from", "tiers must ascend, and the first begins at 0",
          "Sort them by \"from\", and begin with 0.")
      }
      tiers.append(Tier(from: from, rate: try entry.rate("rate")))
      try entry.finish()
    }
    guard !tiers.isEmpty else {
      throw section.refusal(at: "tiers", "\"tiers\" is empty", "Add a tier, or write a rate.")
    }
    return tiers
  }

  private mutating func readArea(_ section: inout PriceListSection) throws(PlanningError) {
    areaBasis = try section.choice("bill_by", otherwise: AreaBasis.polygon)
    sceneSquareMillimetres = try section.area("scene_area")
    minimumSquareMillimetres = try section.area("minimum_area") ?? 0
    minimumWidthMillimetres = try section.length("minimum_width") ?? 0
    narrowOrder = try section.choice("when_narrower", otherwise: NarrowOrder.pad)
    let step = try section.area("area_step")
    let direction = try section.choice("area_rounding", otherwise: AreaStep.Direction.up)
    if let step {
      guard step > 0 else {
        throw section.refusal(at: "area_step", "\"area_step\" is nothing", "Write 1 ha, or more.")
      }
      areaStep = AreaStep(squareMillimetres: step, direction: direction)
    }
    if areaBasis == .footprint, sceneSquareMillimetres == nil {
      throw section.refusal(
        at: "bill_by", "bill_by: footprint needs the area of a whole scene",
        "Add scene_area: 637 km2, or what a scene of the product covers.")
    }
    guard unit != .squareKilometre else { return }
    // Keys that would be read and then do nothing are mistakes.
    for key in [
      "bill_by", "scene_area", "minimum_area", "minimum_width", "when_narrower", "area_step",
      "area_rounding", "packs",
    ] where section.has(key) {
      throw section.refusal(
        at: key, "\"\(key)\" is about areas, and the product is sold per \(unit.rawValue)",
        "Remove it, or write per: km2.")
    }
  }

  private mutating func readPacks(_ section: inout PriceListSection) throws(PlanningError) {
    let takesPacks = try section.choice("packs", of: ["allowed", "none"], otherwise: "none")
    let whenEmpty = try section.choice(
      "when_pack_empty", of: ["list", "refuse"], otherwise: "list")
    let overage = section.has("overage_percent") ? try section.rate("overage_percent") : .zero
    guard takesPacks == "allowed" else {
      for key in ["when_pack_empty", "overage_percent"] where section.has(key) {
        throw section.refusal(
          at: key, "\"\(key)\" says what happens without packs, and none are allowed",
          "Add packs: allowed, or remove it.")
      }
      return
    }
    var packs = Packs()
    packs.refusesWhenEmpty = whenEmpty == "refuse"
    packs.overagePercent = overage
    self.packs = packs
  }
}

extension PriceRule.Loading {
  fileprivate init(_ entry: inout PriceListSection) throws(PlanningError) {
    let name = try entry.text("name")
    let flat = try entry.integer("flat", in: 0...Money.largestMinorUnits)
    guard (flat != nil) != entry.has("percent") else {
      throw entry.refusal(
        at: "name", "the loading \"\(name)\" needs a percentage or a flat amount",
        "Write percent: \"15\", or flat: 500 in minor units.")
    }
    if let flat {
      self.init(name: name, amount: .flat(flat))
    } else {
      self.init(name: name, amount: .percent(try entry.rate("percent")))
    }
    try entry.finish()
  }
}

extension Licence {
  fileprivate init(_ entry: inout PriceListSection) throws(PlanningError) {
    var restrictions: [Restriction] = []
    for text in try entry.texts("restrictions") {
      guard let restriction = Restriction(rawValue: text) else {
        throw entry.refusal(
          at: "restrictions", "\"\(text)\" is no restriction",
          "Use \(Restriction.allCases.map(\.rawValue).joined(separator: ", ")).")
      }
      restrictions.append(restriction)
    }
    self.init(
      id: try entry.text("id"), url: try entry.optionalText("url"),
      seats: try entry.integer("seats", in: 1...1_000_000).map(Int.init),
      attribution: try entry.optionalText("attribution"), restrictions: restrictions)
    try entry.finish()
  }
}
