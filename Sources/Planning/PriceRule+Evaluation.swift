// SPDX-License-Identifier: Apache-2.0

public import Acquisition

extension PriceRule {
  /// The price of one order by its geometry alone, without packs or use before.
  ///
  /// - Throws: `PlanningError`.
  public func price(of draft: OrderDraft) throws(PlanningError) -> Money {
    try price(of: OrderQuantity(draft)).total
  }

  /// The price of an order, step by step.
  ///
  /// 1. The quantity: the basis, then the minimum width, the minimum area and the area step. When
  ///    nothing is new there is no order, and no fee.
  /// 2. Packs, the one that expires first before the others; what has expired is written off.
  /// 3. Tiers or the rate on what packs did not cover, then the overage on that.
  /// 4. Loadings: percentages are summed and applied once, then flat amounts.
  /// 5. The minimum charge, unless packs covered everything.
  /// 6. The rounding of the charge.
  /// 7. Fees.
  ///
  /// - Throws: `PlanningError.priceTooLarge`, `.unknownQuantity`, `.narrowOrder`, `.packsExhausted`.
  public func price(
    of order: OrderQuantity, in circumstances: PriceCircumstances = PriceCircumstances()
  ) throws(PlanningError) -> PriceBreakdown {
    let quantity = try quantity(of: order)
    let billed = unit == .squareKilometre ? quantity : nil
    guard quantity > 0 || order.placesOrderForNothing(unit) else {
      let nothing = Money.zero(currency)
      return PriceBreakdown(
        billedSquareMillimetres: billed, base: "0", charge: nothing, fees: nothing, total: nothing,
        placesOrder: false, fromPacks: [], writtenOff: [], packsAfter: circumstances.packs)
    }
    let drawn = draw(quantity, circumstances)
    let rest = quantity - drawn.uses.reduce(0) { $0 + $1.areaSquareMillimetres }
    if let packs, packs.refusesWhenEmpty, rest > 0 {
      throw .packsExhausted(missingSquareMillimetres: rest)
    }
    guard let base = base(rest, usedBefore: circumstances.usedSquareMillimetres),
      let loaded = loaded(base)
    else { throw tooLarge(quantity) }
    let isCovered = !drawn.uses.isEmpty && rest == 0
    let least = ExactAmount(isCovered ? 0 : Int128(minimumChargeMinorUnits))
    let charge = max(loaded, least).rounded(rounding)
    let fees = try fees(order)
    return PriceBreakdown(
      billedSquareMillimetres: billed, base: base.decimalText,
      charge: try money(charge, quantity), fees: try money(fees, quantity),
      total: try money(charge.flatMap { charge in fees.map { charge + $0 } }, quantity),
      placesOrder: true, fromPacks: drawn.uses, writtenOff: drawn.writtenOff,
      packsAfter: drawn.packs)
  }

  // MARK: 1. The quantity

  /// Square millimetres, bytes or a count.
  private func quantity(of order: OrderQuantity) throws(PlanningError) -> Int64 {
    switch unit {
    case .squareKilometre: try billedArea(order)
    case .patch:
      max(0, try known(order.patchCount, "the number of patches") - order.ownedPatchCount)
    case .request: try known(order.requestCount, "the number of requests")
    case .scene: try known(order.sceneCount, "the number of scenes")
    case .gigabyte: try known(order.byteCount, "the number of bytes")
    }
  }

  private func billedArea(_ order: OrderQuantity) throws(PlanningError) -> Int64 {
    let owned = areaBasis == .newArea ? order.ownedSquareMillimetres : 0
    var area: Int64
    switch areaBasis {
    case .polygon, .newArea:
      area = max(0, try known(order.areaSquareMillimetres, "the area of the items") - owned)
    case .boundingBox:
      area = try known(order.boundingBox, "the box around the items").area
    case .footprint:
      area = try known(
        order.sceneSquareMillimetres ?? sceneSquareMillimetres, "the area of the whole scene")
    }
    guard area > 0 else { return 0 }
    if minimumWidthMillimetres > 0, areaBasis != .footprint {
      let box = try known(order.boundingBox, "the box around the items")
      let narrow = min(box.width, box.height)
      if narrow < minimumWidthMillimetres {
        guard narrowOrder == .pad else {
          throw .narrowOrder(
            widthMillimetres: narrow, minimumMillimetres: minimumWidthMillimetres)
        }
        let padded = OrderQuantity.Box(
          width: max(box.width, minimumWidthMillimetres),
          height: max(box.height, minimumWidthMillimetres))
        area = max(area, padded.area - min(owned, padded.area))
      }
    }
    area = max(area, minimumSquareMillimetres)
    guard let areaStep else { return area }
    return try stepped(area, areaStep)
  }

  private func stepped(_ area: Int64, _ step: AreaStep) throws(PlanningError) -> Int64 {
    let unit = step.squareMillimetres
    let (whole, rest) = area.quotientAndRemainder(dividingBy: unit)
    let isUp =
      switch step.direction {
      case .up: rest > 0
      case .nearest: rest >= unit - rest
      case .down: false
      }
    let (product, overflows) = (isUp ? whole + 1 : whole).multipliedReportingOverflow(by: unit)
    guard !overflows else { throw tooLarge(area) }
    return product
  }

  private func known<Value>(_ value: Value?, _ name: String) throws(PlanningError) -> Value {
    guard let value else { throw .unknownQuantity(name) }
    return value
  }

  // MARK: 2. Packs

  private func draw(
    _ quantity: Int64, _ circumstances: PriceCircumstances
  ) -> (uses: [PricePack.Use], writtenOff: [PricePack.Use], packs: [PricePack]) {
    var packs = circumstances.packs
    guard self.packs != nil, unit == .squareKilometre else { return ([], [], packs) }
    var uses: [PricePack.Use] = []
    var writtenOff: [PricePack.Use] = []
    var rest = quantity
    let order = packs.indices.sorted {
      (packs[$0].expires, packs[$0].id) < (packs[$1].expires, packs[$1].id)
    }
    for place in order where packs[place].balanceSquareMillimetres > 0 {
      let pack = packs[place]
      let isExpired = circumstances.day.map { $0 > pack.expires } ?? false
      let area =
        isExpired ? pack.balanceSquareMillimetres : min(rest, pack.balanceSquareMillimetres)
      guard area > 0 else { continue }
      let (use, left) = pack.taking(area)
      packs[place] = left
      if isExpired {
        writtenOff.append(use)
      } else {
        uses.append(use)
        rest -= area
      }
    }
    return (uses, writtenOff, packs)
  }

  // MARK: 3. to 7. Money

  /// How many of a quantity's smallest parts a unit has.
  private var partsPerUnit: Int128 {
    switch unit {
    case .squareKilometre: 1_000_000_000_000
    case .gigabyte: 1_000_000_000
    case .patch, .request, .scene: 1
    }
  }

  private func base(_ quantity: Int64, usedBefore: Int64) -> ExactAmount? {
    func amount(_ part: Int64, _ rate: DecimalRate) -> ExactAmount? {
      ExactAmount(Int128(part), over: partsPerUnit).multiplied(by: rate.amount)
    }
    func rate(at reached: Int64) -> DecimalRate {
      tiers.last { $0.from <= reached }?.rate ?? .zero
    }
    var base: ExactAmount?
    switch tierMode {
    case .byOrderSize: base = amount(quantity, rate(at: quantity))
    case .byPastUse: base = amount(quantity, rate(at: usedBefore))
    case .bySlice:
      base = .zero
      for (place, tier) in tiers.enumerated() where quantity > tier.from {
        let end = place + 1 < tiers.count ? min(quantity, tiers[place + 1].from) : quantity
        base = amount(end - tier.from, tier.rate).flatMap { base?.adding($0) }
      }
    }
    guard let packs, packs.overagePercent != .zero else { return base }
    return ExactAmount.onePlus(percent: packs.overagePercent.amount).flatMap {
      base?.multiplied(by: $0)
    }
  }

  private func loaded(_ base: ExactAmount) -> ExactAmount? {
    guard !loadings.isEmpty else { return base }
    var percent: ExactAmount? = .zero
    var flat: Int128 = 0
    for loading in loadings {
      switch loading.amount {
      case .percent(let share): percent = percent?.adding(share.amount)
      case .flat(let minorUnits): flat += Int128(minorUnits)
      }
    }
    return percent.flatMap(ExactAmount.onePlus).flatMap(base.multiplied)?.adding(ExactAmount(flat))
  }

  private func fees(_ order: OrderQuantity) throws(PlanningError) -> Int128? {
    guard feePerRequestMinorUnits > 0 else { return Int128(feePerOrderMinorUnits) }
    let requests = try known(order.requestCount, "the number of requests")
    return Int128(feePerOrderMinorUnits) + Int128(feePerRequestMinorUnits) * Int128(requests)
  }

  private func money(_ minorUnits: Int128?, _ quantity: Int64) throws(PlanningError) -> Money {
    // Money refuses for one reason only, which the error names.
    guard let minorUnits, let whole = Int64(exactly: minorUnits),
      let money = try? Money(minorUnits: whole, currency: currency)
    else { throw tooLarge(quantity) }
    return money
  }

  private func tooLarge(_ quantity: Int64) -> PlanningError {
    .priceTooLarge(quantity: "\(Int128(quantity) / partsPerUnit) \(unit.rawValue)")
  }
}

extension OrderQuantity.Box {
  /// In square millimetres; the largest there is where it would not fit.
  fileprivate var area: Int64 {
    let (area, overflows) = width.multipliedReportingOverflow(by: height)
    return overflows ? .max : area
  }
}

extension OrderQuantity {
  /// Whether an order of nothing is one all the same: patches of which a file stores no bytes.
  fileprivate func placesOrderForNothing(_ unit: PriceRule.Unit) -> Bool {
    unit == .gigabyte && byteCount == 0 && (patchCount ?? 0) > 0
  }
}
