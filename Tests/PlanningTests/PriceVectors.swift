// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Planning
import TestSupport
import Testing

/// The worked examples of price rules, as the project's shared file has them.
struct PriceVectors: Decodable {
  static let file = TestPaths.root.appending(
    path: "Tests/PlanningTests/Fixtures/prices.json")

  let cases: [Case]

  struct Case: Decodable {
    let id: String
    let currency: String
    let rules: Rules
    let orders: [Order]
    let expect: Expectation
  }

  struct Rules: Decodable {
    struct Tier: Decodable {
      let fromM2: Int64
      let rate: String
    }

    struct Loading: Decodable {
      let name: String
      let percent: String?
      let flat: Int64?
    }

    struct Rounding: Decodable {
      let mode: String
      let to: Int64
    }

    let per: String
    let rate: String?
    let tiers: [Tier]?
    let tierMode: String?
    let windowDays: Int?
    let billBy: String?
    let minimumAreaM2: Int64?
    let minimumWidthM: Int64?
    let whenNarrower: String?
    let areaStepM2: Int64?
    let areaRounding: String?
    let minimumCharge: Int64?
    let feePerOrder: Int64?
    let loadings: [Loading]?
    let rounding: Rounding?
    let whenPackEmpty: String?
    let overagePercent: String?
  }

  struct Pack: Decodable {
    let id: String
    let sizeM2: Int64
    let priceMinor: Int64
    let balanceM2: Int64
    let expires: String
  }

  struct Order: Decodable {
    let polygonAreaM2: Int64?
    let bboxWidthM: Int64?
    let bboxHeightM: Int64?
    let ownedOverlapM2: Int64?
    let sceneFootprintM2: Int64?
    let windowUsedM2: Int64?
    let patches: Int64?
    let patchesOwned: Int64?
    let requests: Int64?
    let scenes: Int64?
    let bytes: Int64?
    let date: String?
    let packs: [Pack]?
  }

  struct Use: Decodable {
    let pack: String
    let m2: Int64
    let costMinor: Int64
  }

  struct Balance: Decodable {
    let id: String
    let balanceM2: Int64
  }

  struct Expectation: Decodable {
    struct Order: Decodable {
      let billedAreaM2: Int64?
      let baseMinor: String?
      let chargeMinor: Int64?
      let feesMinor: Int64?
      let placeOrder: Bool?
      let totalMinor: Int64?
      let fromPacks: [Use]?
      let writtenOff: [Use]?
      let packsAfter: [Balance]?
      let refused: String?
      let missingM2: Int64?
    }

    let orders: [Order]
    let totalMinor: Int64?
  }
}

extension PriceVectors.Case {
  func rule() throws -> PriceRule {
    let currency = try Currency(code: currency)
    let unit = try #require(PriceRule.Unit(rawValue: rules.per))
    let tiers = try (rules.tiers ?? []).map {
      PriceRule.Tier(from: $0.fromM2 * 1_000_000, rate: try #require(DecimalRate($0.rate)))
    }
    var rule =
      if let rate = rules.rate {
        PriceRule(currency: currency, per: unit, rate: try #require(DecimalRate(rate)))
      } else {
        PriceRule(
          currency: currency, per: unit, tiers: tiers,
          mode: try #require(rules.tierMode.flatMap(PriceRule.TierMode.init)))
      }
    if let days = rules.windowDays { rule.windowDays = days }
    if let basis = rules.billBy {
      rule.areaBasis = try #require(PriceRule.AreaBasis(rawValue: basis))
    }
    rule.minimumSquareMillimetres = (rules.minimumAreaM2 ?? 0) * 1_000_000
    rule.minimumWidthMillimetres = (rules.minimumWidthM ?? 0) * 1000
    if let narrow = rules.whenNarrower {
      rule.narrowOrder = try #require(PriceRule.NarrowOrder(rawValue: narrow))
    }
    if let step = rules.areaStepM2 {
      rule.areaStep = PriceRule.AreaStep(
        squareMillimetres: step * 1_000_000,
        direction: try #require(rules.areaRounding.flatMap(PriceRule.AreaStep.Direction.init)))
    }
    rule.minimumChargeMinorUnits = rules.minimumCharge ?? 0
    rule.feePerOrderMinorUnits = rules.feePerOrder ?? 0
    rule.loadings = try (rules.loadings ?? []).map { loading in
      let percent = try loading.percent.map { try #require(DecimalRate($0)) }
      return PriceRule.Loading(
        name: loading.name,
        amount: try percent.map { .percent($0) } ?? .flat(try #require(loading.flat)))
    }
    if let rounding = rules.rounding {
      rule.rounding = PriceRounding(
        mode: try #require(PriceRounding.Mode(rawValue: rounding.mode)), step: rounding.to)
    }
    var packs = PriceRule.Packs()
    packs.refusesWhenEmpty = rules.whenPackEmpty == "refuse"
    packs.overagePercent = try rules.overagePercent.map { try #require(DecimalRate($0)) } ?? .zero
    rule.packs = packs
    return rule
  }
}

extension PriceVectors.Order {
  var quantity: OrderQuantity {
    var quantity = OrderQuantity()
    quantity.areaSquareMillimetres = polygonAreaM2.map { $0 * 1_000_000 }
    if let bboxWidthM, let bboxHeightM {
      quantity.boundingBox = OrderQuantity.Box(width: bboxWidthM * 1000, height: bboxHeightM * 1000)
    }
    quantity.ownedSquareMillimetres = (ownedOverlapM2 ?? 0) * 1_000_000
    quantity.sceneSquareMillimetres = sceneFootprintM2.map { $0 * 1_000_000 }
    quantity.patchCount = patches
    quantity.ownedPatchCount = patchesOwned ?? 0
    quantity.requestCount = requests
    quantity.sceneCount = scenes
    quantity.byteCount = bytes
    return quantity
  }

  func circumstances(_ currency: Currency) throws -> PriceCircumstances {
    var circumstances = PriceCircumstances()
    circumstances.usedSquareMillimetres = (windowUsedM2 ?? 0) * 1_000_000
    circumstances.day = try date.map { try #require(CalendarDay($0)) }
    circumstances.packs = try (packs ?? []).map { pack in
      PricePack(
        id: pack.id, sizeSquareMillimetres: pack.sizeM2 * 1_000_000,
        price: try Money(minorUnits: pack.priceMinor, currency: currency),
        balanceSquareMillimetres: pack.balanceM2 * 1_000_000,
        expires: try #require(CalendarDay(pack.expires)))
    }
    return circumstances
  }
}
