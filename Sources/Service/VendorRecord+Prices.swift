// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Planning
import Wire

extension VendorRecord.Prices {
  /// What a rule says, in the words of price lists.
  init(_ rule: PriceRule, source: String) throws(MoneyError) {
    self.init(
      currency: rule.currency.code, per: rule.unit.rawValue, billBy: rule.areaBasis.rawValue,
      tiers: rule.tiers.map { tier in
        Tier(from: Self.quantity(tier.from, rule.unit), rate: tier.rate.description)
      }, tierMode: rule.tierMode.rawValue,
      minimumAreaM2: Double(rule.minimumSquareMillimetres) / 1e6,
      minimumCharge: try Money(
        minorUnits: rule.minimumChargeMinorUnits, currency: rule.currency),
      feePerOrder: try Money(minorUnits: rule.feePerOrderMinorUnits, currency: rule.currency),
      source: source)
  }

  /// A quantity in whole units, from the finer one that rules are kept in.
  private static func quantity(_ value: Int64, _ unit: PriceRule.Unit) -> String {
    let scale =
      switch unit {
      case .squareKilometre: 1e12
      case .gigabyte: 1e9
      case .patch, .request, .scene: 1.0
      }
    return String(format: "%g", Double(value) / scale)
  }
}
