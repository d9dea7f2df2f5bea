// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Ledger
import Vendors

/// What a vendor asks for an order that has ended, held against what was agreed.
///
/// Up to the hold the vendor's figure is paid, item by item. Above it the hold is paid and the rest
/// is disputed. What makes no sense (another currency, a negative amount, nothing for something
/// that had a price) is not paid at all.
struct Bill {
  /// What to pay for each item that came; in sum never above the hold.
  let charges: [Int: Money]
  /// What is wrong with the vendor's charge; nil when nothing is.
  let objection: String?
  /// Whether the charges may be paid, objection or not.
  let isPayable: Bool

  init(_ order: OrderRecord, _ report: StatusReport) {
    let came = Self.delivered(order, report)
    let currency = order.held.currency
    let total = report.charged
    let (quote, vendor) = (order.quote?.price ?? .zero(currency), order.vendor)
    let hold = order.items.reduce(order.held.minorUnits) { $0 + ($1.charge?.minorUnits ?? 0) }
    func unpayable(_ reason: String) -> Bill {
      Bill(charges: [:], objection: reason, isPayable: false)
    }
    if let agreed = order.agreedTotal {
      self.init(
        charges: Self.spread(min(agreed.minorUnits, hold), over: came, of: order), objection: nil,
        isPayable: true)
      return
    }
    guard came.allSatisfy({ $0.charge.map { $0.currency == currency } ?? true }),
      total.currency == currency
    else {
      self = unpayable("\(vendor) charges \(total), and \(quote) was agreed")
      return
    }
    let named = came.compactMap(\.charge?.minorUnits)
    guard total.minorUnits >= 0, named.allSatisfy({ $0 >= 0 }) else {
      self = unpayable("\(vendor) charges \(total), which is no charge; its quote was \(quote)")
      return
    }
    if total.minorUnits == 0 && hold > 0 && !came.isEmpty {
      self = unpayable("\(vendor) charges nothing, and its quote was \(quote)")
      return
    }
    let isConsistent = named.count == came.count && named.reduce(0, +) == total.minorUnits
    // Above the hold all of it is paid, whatever the items are said to cost.
    guard named.isEmpty || isConsistent || total.minorUnits > hold else {
      self = unpayable(
        "\(vendor) charges \(total) for the order and other amounts for its items; its quote was "
          + "\(quote)")
      return
    }
    let shares =
      isConsistent
      ? Dictionary(uniqueKeysWithValues: zip(came.map(\.number), came.compactMap(\.charge)))
      : Self.spread(total.minorUnits, over: came, of: order)
    let isAgreed = order.dispute?.paid.map { total.minorUnits <= $0.minorUnits } ?? false
    self.init(
      charges: Self.capped(shares, at: hold, currency),
      objection: total.minorUnits <= hold || isAgreed
        ? nil : "\(vendor) charges \(total), and its quote was \(quote)",
      isPayable: true)
  }

  private init(charges: [Int: Money], objection: String?, isPayable: Bool) {
    self.charges = charges
    self.objection = objection
    self.isPayable = isPayable
  }

  /// The items that came, once each, by number.
  static func delivered(_ order: OrderRecord, _ report: StatusReport) -> [StatusReport.Item] {
    var seen: Set<Int> = []
    return report.items.filter { item in
      item.state == .delivered && order.items.indices.contains(item.number)
        && seen.insert(item.number).inserted
    }.sorted { $0.number < $1.number }
  }

  /// A total, item by item in proportion to the patches, to the last minor unit.
  private static func spread(
    _ total: Int64, over items: [StatusReport.Item], of order: OrderRecord
  ) -> [Int: Money] {
    let counts = items.map { Int64(order.draft.rectangles[$0.number].patchCount) }
    let all = max(1, counts.reduce(0, +))
    var charges: [Int: Money] = [:]
    var (patches, given) = (Int64(0), Int64(0))
    for (item, count) in zip(items, counts) {
      patches += count
      let share = total * patches / all - given
      given += share
      charges[item.number] = amount(share, order.held.currency)
    }
    return charges
  }

  /// The charges as far as a hold goes, from the first item on.
  private static func capped(
    _ charges: [Int: Money], at hold: Int64, _ currency: Currency
  ) -> [Int: Money] {
    var rest = hold
    var capped: [Int: Money] = [:]
    for (number, charge) in charges.sorted(by: { $0.key < $1.key }) {
      let share = min(charge.minorUnits, rest)
      rest -= share
      capped[number] = amount(share, currency)
    }
    return capped
  }

  private static func amount(_ minorUnits: Int64, _ currency: Currency) -> Money {
    do {
      return try Money(minorUnits: minorUnits, currency: currency)
    } catch {
      preconditionFailure("a part of an amount is an amount: \(error)")
    }
  }
}

extension OrderRecord {
  /// What a person agreed to pay for the whole order, where nothing was paid before.
  fileprivate var agreedTotal: Money? {
    guard let dispute, dispute.setAside.minorUnits == 0, dispute.claim.minorUnits == 0 else {
      return nil
    }
    return dispute.paid
  }
}
