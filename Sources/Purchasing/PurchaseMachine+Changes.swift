// SPDX-License-Identifier: Apache-2.0

import Acquisition
public import Ledger
import Platform
import Vendors

extension PurchaseMachine {
  /// The change to commit for an event, or nil where the event changes nothing.
  public func change(of order: OrderRecord, on event: Event) -> OrderChange? {
    switch event {
    case .quoted(let quote, let expected):
      quoted(order, quote, expected)
    case .holding(let price):
      change(order, to: .held, [.hold(price)])
    case .sending(let digest):
      change(order, to: .submitting, [.attempt(bodyDigest: digest)])
    case .accepted(let receipt):
      accepted(order, receipt)
    case .notSent:
      change(order, to: .held, [])
    case .doubtful:
      change(order, to: .inDoubt, [])
    case .found(let receipts, let uncancelled):
      found(order, receipts, uncancelled)
    case .reported(let report, let previous):
      reported(order, report, previous)
    case .vanished:
      vanished(order)
    case .stored(let items):
      change(
        order, to: order.state,
        items.map { item in
          .storeItem(
            number: item.number, path: item.path, sha256: item.file.sha256,
            byteCount: item.file.byteCount)
        })
    case .capturing(let charges):
      change(
        order, to: order.state,
        charges.sorted { $0.key < $1.key }.map { .captureItem(number: $0.key, charge: $0.value) })
    case .completed:
      completed(order)
    case .lapsed, .refused:
      change(order, to: .refused, unwinding(order))
    case .cancelled:
      change(order, to: .cancelled, unwinding(order))
    case .cancelling:
      change(order, to: .cancelling, [])
    case .resumed:
      resumed(order)
    case .damaged(let item, let reason):
      damaged(order, item, reason)
    case .stuck(let reason, let remedy):
      park(order, [], reason, remedy)
    }
  }

  /// Disputes what the vendor will charge for goods that are none.
  ///
  /// Its new orders go on: a file that is damaged says nothing about its bills.
  private func damaged(_ order: OrderRecord, _ item: Int, _ reason: String) -> OrderChange {
    let words = "item \(item) from \(order.vendor) is not what was ordered: \(reason)"
    return park(
      order,
      [
        .openDispute(
          charged: order.quote?.price ?? order.held, reason: words, freezesVendor: false)
      ], words,
      "Nothing was paid for it. Ask the vendor to deliver its order \(order.vendorOrderID ?? "") "
        + "again and retry the job, or give up what did not come with fovea order resolve "
        + "\(order.key.text) --dispute credit --reason TEXT; the hold stays meanwhile.")
  }

  func change(
    _ order: OrderRecord, to state: OrderState, _ effects: [OrderEffect]
  ) -> OrderChange {
    OrderChange(order.key, from: [order.state], to: state, effects: effects)
  }

  func park(
    _ order: OrderRecord, _ effects: [OrderEffect], _ reason: String, _ remedy: String
  ) -> OrderChange {
    change(order, to: .parked, effects + [.park(reason: reason, remedy: remedy)])
  }

  /// What gives back all that an order still holds.
  func unwinding(_ order: OrderRecord) -> [OrderEffect] {
    [.drafted, .quoted].contains(order.state) ? [] : [.releaseRest, .releaseClaims]
  }

  private func quoted(
    _ order: OrderRecord, _ quote: RecordedQuote, _ expected: Money
  ) -> OrderChange {
    guard quote.price.currency == expected.currency else {
      return park(
        order, [.recordQuote(quote)],
        "\(order.vendor) asks for \(quote.price), and the budget is in \(expected.currency)",
        "Use a budget in the vendor's currency.")
    }
    // Amounts are at most 10^12, so a hundredfold still fits.
    let difference = (quote.price.minorUnits - expected.minorUnits).magnitude
    let tolerance = expected.minorUnits.magnitude * UInt64(toleratedPercent)
    guard quote.price.minorUnits >= 0, difference * 100 <= tolerance else {
      return park(
        order, [.recordQuote(quote)],
        "\(order.vendor) asks for \(quote.price), and its price list gives \(expected)",
        "Correct the price list in the configuration, then submit the job again.")
    }
    return change(order, to: .quoted, [.recordQuote(quote)])
  }

  private func accepted(_ order: OrderRecord, _ receipt: Receipt) -> OrderChange {
    let recording = OrderEffect.recordVendorOrder(id: receipt.vendorOrderID)
    // What is charged in the end counts; a price above the agreed one is worth asking about now.
    guard let price = receipt.price, let quote = order.quote,
      price.currency != quote.price.currency || price.minorUnits > quote.price.minorUnits
        || price.minorUnits < 0
    else { return change(order, to: .accepted, [recording]) }
    return park(
      order, [recording],
      "\(order.vendor) accepted the order at \(price), and its quote was \(quote.price)",
      "Ask the vendor about its order \(receipt.vendorOrderID), then retry the job; the hold stays "
        + "meanwhile.")
  }

  private func found(
    _ order: OrderRecord, _ receipts: [Receipt], _ uncancelled: [String]
  ) -> OrderChange {
    guard let first = receipts.first else {
      guard mayRepeat else {
        return park(
          order, [],
          "\(order.vendor) does not know order \(order.key.text), and a second order might become "
            + "a second purchase",
          "Ask the vendor whether the order arrived; the hold stays meanwhile.")
      }
      return change(order, to: .held, [])
    }
    guard uncancelled.isEmpty else {
      return park(
        order, [.recordVendorOrder(id: first.vendorOrderID)],
        "\(order.vendor) has the order more than once, and will not cancel "
          + uncancelled.joined(separator: ", "),
        "Ask the vendor to cancel those; the hold stays meanwhile.")
    }
    return accepted(order, first)
  }

  /// Goes on where the truth can be asked for: the vendor's status, or a look-up.
  private func resumed(_ order: OrderRecord) -> OrderChange? {
    guard order.state == .parked, !order.attempts.isEmpty else { return nil }
    return change(order, to: order.vendorOrderID == nil ? .inDoubt : .accepted, [])
  }

  private func completed(_ order: OrderRecord) -> OrderChange {
    if let dispute = order.dispute, dispute.isOpen {
      return park(order, unwinding(order), dispute.reason, Self.disputeRemedy(order))
    }
    return change(
      order, to: Self.end(of: order.items.map { $0.state == .captured }), unwinding(order))
  }

  /// How an order ends whose items were paid or not.
  static func end(of isPaid: [Bool]) -> OrderState {
    isPaid.allSatisfy { $0 } ? .settled : isPaid.contains(true) ? .settledInPart : .failed
  }

  /// What a person can do about a disputed order.
  static func disputeRemedy(_ order: OrderRecord) -> String {
    "Settle it with the vendor, then fovea order resolve \(order.key.text) --dispute pay or credit, "
      + "with --reason TEXT; \(order.vendor) gets no new orders until it is released."
  }
}
