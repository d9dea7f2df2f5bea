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
    case .reported(let report):
      reported(order, report)
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
    case .stuck(let reason, let remedy):
      park(order, [], reason, remedy)
    }
  }

  private func change(
    _ order: OrderRecord, to state: OrderState, _ effects: [OrderEffect]
  ) -> OrderChange {
    OrderChange(order.key, from: [order.state], to: state, effects: effects)
  }

  private func park(
    _ order: OrderRecord, _ effects: [OrderEffect], _ reason: String, _ remedy: String
  ) -> OrderChange {
    change(order, to: .parked, effects + [.park(reason: reason, remedy: remedy)])
  }

  /// What gives back all that an order still holds.
  private func unwinding(_ order: OrderRecord) -> [OrderEffect] {
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
    guard let price = receipt.price, let quote = order.quote, price != quote.price else {
      return change(order, to: .accepted, [recording])
    }
    return park(
      order, [recording],
      "\(order.vendor) accepted the order at \(price), and its quote was \(quote.price)",
      "Ask the vendor about its order \(receipt.vendorOrderID); the hold stays meanwhile.")
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

  private func reported(_ order: OrderRecord, _ report: StatusReport) -> OrderChange? {
    switch report.state {
    case .waiting:
      return nil
    case .running:
      return order.state == .accepted ? change(order, to: .running, []) : nil
    case .failed, .cancelled:
      guard report.charged.minorUnits == 0 else {
        return park(
          order, [],
          "\(order.vendor) ended the order as \(report.vendorState) and charged \(report.charged)",
          "Ask the vendor for the money or for the imagery; the hold stays meanwhile.")
      }
      let state: OrderState = report.state == .failed ? .failed : .cancelled
      return change(order, to: state, unwinding(order))
    case .delivered, .partlyDelivered:
      return delivered(order, report)
    }
  }

  private func delivered(_ order: OrderRecord, _ report: StatusReport) -> OrderChange? {
    let came = report.items.filter { $0.state == .delivered }
    if let problem = priceProblem(order, report, came) {
      return park(
        order, [], problem, "Settle the price with the vendor; the hold stays meanwhile.")
    }
    let numbers = Set(came.map(\.number))
    let missing = order.items.filter { $0.state == .pending && !numbers.contains($0.number) }
    if order.state == .delivering && missing.isEmpty { return nil }
    return change(order, to: .delivering, missing.map { .failItem(number: $0.number) })
  }

  /// Why the vendor's charges cannot be paid, if they cannot.
  private func priceProblem(
    _ order: OrderRecord, _ report: StatusReport, _ came: [StatusReport.Item]
  ) -> String? {
    var sum = Int64(0)
    for charge in came.compactMap(\.charge) {
      guard charge.currency == order.held.currency, charge.minorUnits >= 0 else {
        return "\(order.vendor) charges \(charge) where \(order.held.currency) was agreed"
      }
      sum += charge.minorUnits
    }
    let agreed = order.quote?.price.minorUnits ?? 0
    guard sum <= agreed else {
      return "\(order.vendor) charges \(report.charged), and its quote was "
        + "\(order.quote?.price.description ?? "unknown")"
    }
    // Nothing for something that had a price is a mistake too: the invoice comes later.
    return sum == 0 && agreed > 0
      ? "\(order.vendor) charges nothing, and its quote was \(order.quote?.price.description ?? "")"
      : nil
  }

  /// Goes on where the truth can be asked for: the vendor's status, or a look-up.
  private func resumed(_ order: OrderRecord) -> OrderChange? {
    guard order.state == .parked, !order.attempts.isEmpty else { return nil }
    return change(order, to: order.vendorOrderID == nil ? .inDoubt : .accepted, [])
  }

  private func completed(_ order: OrderRecord) -> OrderChange {
    let isWhole = order.items.allSatisfy { $0.state == .captured }
    let isEmpty = order.items.allSatisfy { $0.state == .failed }
    return change(
      order, to: isWhole ? .settled : isEmpty ? .failed : .settledInPart, unwinding(order))
  }
}
