// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Planning
import Platform
import TestSupport
import Testing

/// All worked examples of price rules, figure by figure.
@Suite struct PriceVectorTests {
  private static let ids = [
    "P01a", "P01b", "P01c", "P02a", "P02b", "P03a", "P03b", "P04a", "P04b", "P04c", "P05a", "P05b",
    "P06a", "P06b", "P07a", "P07b", "P07c", "P08a", "P08b", "P08c", "P08d", "P09a", "P09b", "P09c",
    "P09d", "P10a", "P10b", "P10c", "P10d", "P10e", "P10f", "P10g", "P10h", "P10i",
  ]

  private static func vectors() throws -> PriceVectors {
    try JSON.decoder().decode(PriceVectors.self, from: Data(contentsOf: PriceVectors.file))
  }

  @Test func leavesNoCaseOut() throws {
    #expect(try Self.vectors().cases.map(\.id) == Self.ids)
    // A key that the test's own types do not know would be passed over in silence.
    let known: [String: Set<String>] = [
      "rules": [
        "per", "rate", "tiers", "tier_mode", "window_days", "bill_by", "minimum_area_m2",
        "minimum_width_m", "when_narrower", "area_step_m2", "area_rounding", "minimum_charge",
        "fee_per_order", "loadings", "rounding", "when_pack_empty", "overage_percent",
      ],
      "orders": [
        "polygon_area_m2", "bbox_width_m", "bbox_height_m", "owned_overlap_m2",
        "scene_footprint_m2", "window_used_m2", "patches", "patches_owned", "requests", "scenes",
        "bytes", "date", "packs",
      ],
      "expect": [
        "billed_area_m2", "base_minor", "charge_minor", "fees_minor", "place_order", "total_minor",
        "from_packs", "written_off", "packs_after", "refused", "missing_m2",
      ],
    ]
    let document = try JSONSerialization.jsonObject(with: Data(contentsOf: PriceVectors.file))
    let cases = try #require((document as? [String: Any])?["cases"] as? [[String: Any]])
    func keys(_ value: Any?) -> Set<String> {
      if let object = value as? [String: Any] { return Set(object.keys) }
      return Set((value as? [[String: Any]] ?? []).flatMap(\.keys))
    }
    for entry in cases {
      let expectation = entry["expect"] as? [String: Any]
      let values = [
        "rules": entry["rules"], "orders": entry["orders"], "expect": expectation?["orders"],
      ]
      for (part, names) in known {
        #expect(keys(values[part] ?? nil).isSubset(of: names))
      }
    }
  }

  @Test(.enabled(if: TestPaths.shared != nil)) func isTheSharedFile() throws {
    let shared = try #require(TestPaths.shared).appending(path: "data/vectors/prices.json")
    #expect(try Data(contentsOf: shared) == Data(contentsOf: PriceVectors.file))
  }

  @Test(arguments: ids) func agrees(_ id: String) throws {
    let entry = try #require(Self.vectors().cases.first { $0.id == id })
    let rule = try entry.rule()
    var total: Int64 = 0
    #expect(entry.orders.count == entry.expect.orders.count)
    for (order, expected) in zip(entry.orders, entry.expect.orders) {
      let circumstances = try order.circumstances(rule.currency)
      if let refusal = expected.refused {
        let error = #expect(throws: PlanningError.self) {
          try rule.price(of: order.quantity, in: circumstances)
        }
        switch (refusal, error) {
        case ("narrower_than_minimum_width", .narrowOrder(let width, let minimum)):
          #expect(width == 400_000 && minimum == 2_000_000)
        case ("pack_exhausted", .packsExhausted(let missing)):
          #expect(missing == (expected.missingM2 ?? 0) * 1_000_000)
        default: Issue.record("\(refusal) was expected, and it was \(String(describing: error))")
        }
        continue
      }
      let price = try rule.price(of: order.quantity, in: circumstances)
      compare(price, expected)
      total += price.total.minorUnits
    }
    #expect(entry.expect.totalMinor.map { $0 == total } ?? true)
  }

  private func compare(_ price: PriceBreakdown, _ expected: PriceVectors.Expectation.Order) {
    func squareMetres(_ area: Int64?) -> Int64? { area.map { $0 / 1_000_000 } }
    #expect(squareMetres(price.billedSquareMillimetres) == expected.billedAreaM2)
    #expect(price.total.minorUnits == expected.totalMinor)
    #expect(price.placesOrder == expected.placeOrder)
    if let base = expected.baseMinor { #expect(price.base == base) }
    if let charge = expected.chargeMinor { #expect(price.charge.minorUnits == charge) }
    if let fees = expected.feesMinor { #expect(price.fees.minorUnits == fees) }
    for (uses, wanted) in [
      (price.fromPacks, expected.fromPacks), (price.writtenOff, expected.writtenOff),
    ] {
      guard let wanted else { continue }
      #expect(uses.map(\.pack) == wanted.map(\.pack))
      #expect(uses.map { squareMetres($0.areaSquareMillimetres) } == wanted.map(\.m2))
      #expect(uses.map(\.cost.minorUnits) == wanted.map(\.costMinor))
    }
    if let packs = expected.packsAfter {
      #expect(price.packsAfter.map(\.id) == packs.map(\.id))
      #expect(
        price.packsAfter.map { squareMetres($0.balanceSquareMillimetres) }
          == packs.map(\.balanceM2))
    }
  }
}
