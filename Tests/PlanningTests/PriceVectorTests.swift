// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Planning
import Platform
import TestSupport
import Testing

/// The worked examples of price rules that fall under the rules of this version.
@Suite struct PriceVectorTests {
  private struct Vectors: Decodable {
    let cases: [Case]
  }

  private struct Case: Decodable {
    struct Rules: Decodable {
      struct Rounding: Decodable {
        let mode: String
        let to: Int64
      }

      let rate: String?
      let minimumCharge: Int64?
      let feePerOrder: Int64?
      let rounding: Rounding?
    }

    struct Order: Decodable {
      let polygonAreaM2: Int64?
    }

    struct Expectation: Decodable {
      struct Order: Decodable {
        let totalMinor: Int64?
      }

      let orders: [Order]
      let totalMinor: Int64?
    }

    let id: String
    let currency: String
    let rules: Rules
    let orders: [Order]
    let expect: Expectation
  }

  private static let known = [
    "P02a", "P02b", "P04a", "P07b", "P07c", "P10b", "P10c", "P10d", "P10e",
  ]

  private static let file = TestPaths.root.appending(
    path: "Tests/PlanningTests/Fixtures/prices.json")

  /// The cases whose rules and orders have no key that this version does not know.
  @Test func coversEveryCaseThatTheRulesCanSay() throws {
    let rules: Set = ["per", "rate", "bill_by", "minimum_charge", "fee_per_order", "rounding"]
    let orders: Set = ["polygon_area_m2", "bbox_width_m", "bbox_height_m", "scene_footprint_m2"]
    let document = try JSONSerialization.jsonObject(with: Data(contentsOf: Self.file))
    let cases = try #require((document as? [String: Any])?["cases"] as? [[String: Any]])
    let sayable = cases.filter { entry in
      guard let rule = entry["rules"] as? [String: Any],
        let ordered = entry["orders"] as? [[String: Any]]
      else { return false }
      return rule["per"] as? String == "km2"
        && ["polygon", nil].contains(rule["bill_by"] as? String)
        && rules.isSuperset(of: rule.keys) && ordered.allSatisfy { orders.isSuperset(of: $0.keys) }
    }
    #expect(sayable.compactMap { $0["id"] as? String } == Self.known)
  }

  @Test(arguments: known) func agrees(_ id: String) throws {
    let vectors = try JSON.decoder().decode(Vectors.self, from: Data(contentsOf: Self.file))
    let entry = try #require(vectors.cases.first { $0.id == id })
    let currency = try Currency(code: entry.currency)
    func money(_ minorUnits: Int64?) throws -> Money? {
      try minorUnits.map { try Money(minorUnits: $0, currency: currency) }
    }
    let rate = try #require(entry.rules.rate.flatMap(DecimalRate.init))
    let rounding = try entry.rules.rounding.map { rounding in
      PriceRounding(
        mode: try #require(PriceRounding.Mode(rawValue: rounding.mode)), step: rounding.to)
    }
    let rule = PriceRule(
      currency: currency, basis: .squareKilometre(rate: rate),
      minimumCharge: try money(entry.rules.minimumCharge),
      feePerOrder: try money(entry.rules.feePerOrder), rounding: rounding ?? .standard)
    var total: Int64 = 0
    for (order, expected) in zip(entry.orders, entry.expect.orders) {
      let area = try #require(order.polygonAreaM2)
      let price = try rule.price(ofSquareMillimetres: area * 1_000_000)
      #expect(price.minorUnits == expected.totalMinor)
      total += price.minorUnits
    }
    #expect(total == entry.expect.totalMinor)
  }
}
