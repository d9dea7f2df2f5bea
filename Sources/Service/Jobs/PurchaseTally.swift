// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Wire

/// How far a purchase is and what it holds and has cost, kept up to date order by order: a change
/// costs the same however many orders there are.
struct PurchaseTally {
  private var orders: [UUID: OrderRecord] = [:]
  private var itemCount = 0
  private var endedCount = 0
  private var heldMinorUnits: Int64 = 0
  private var capturedMinorUnits: Int64 = 0

  /// Takes an order as it is now; what it was before, if it was known.
  @discardableResult
  mutating func update(_ order: OrderRecord) -> OrderRecord? {
    let before = orders.updateValue(order, forKey: order.key)
    if let before { count(before, -1) }
    count(order, 1)
    return before
  }

  private mutating func count(_ order: OrderRecord, _ sign: Int) {
    itemCount += sign * order.items.count
    endedCount += sign * order.items.count { $0.state == .captured || $0.state == .failed }
    heldMinorUnits += Int64(sign) * order.held.minorUnits
    capturedMinorUnits += Int64(sign) * order.captured.minorUnits
  }

  /// The items that are paid or given up, of all.
  var progress: StageProgress {
    StageProgress(stage: "buy", completed: endedCount, total: itemCount)
  }

  /// What the orders hold and what was paid for them; nil without orders.
  var money: JobMoney? {
    // A figure for people: a sum that is too large for money is left out.
    guard let currency = orders.values.first?.held.currency,
      let held = try? Money(minorUnits: heldMinorUnits, currency: currency),
      let spent = try? Money(minorUnits: capturedMinorUnits, currency: currency)
    else { return nil }
    return JobMoney(held: held, spent: spent)
  }
}
