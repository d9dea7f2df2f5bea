// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Ledger
import Platform
import Vendors

extension PurchaseMachine {
  /// What a vendor's report changes: an order only ever moves forward, whatever the words are.
  func reported(
    _ order: OrderRecord, _ report: StatusReport, _ previous: StatusReport?
  ) -> OrderChange? {
    // The word is kept where it is a new one.
    let isNews = report.vendorState != previous?.vendorState
    let word = "\(order.vendor): \(report.vendorState.prefix(200))"
    let notes: [OrderEffect] = isNews ? [.note(word)] : []
    switch report.state {
    case .waiting, .running:
      if order.state == .delivering { return wentBack(order, report, notes) }
      let isBegun = report.state == .running && order.state == .accepted
      guard isBegun || isNews else { return nil }
      return change(order, to: isBegun ? .running : order.state, notes)
    case .failed, .cancelled, .delivered, .partlyDelivered:
      return ended(order, report, notes)
    }
  }

  /// The vendor takes back that it has delivered: what is ordered stays ordered, and nothing new is.
  private func wentBack(
    _ order: OrderRecord, _ report: StatusReport, _ notes: [OrderEffect]
  ) -> OrderChange? {
    guard !notes.isEmpty else { return nil }
    return change(
      order, to: order.state,
      notes + [
        .freezeVendor(
          reason: "it had delivered order \(order.key.text) and now says "
            + "\"\(report.vendorState)\"")
      ])
  }

  private func ended(
    _ order: OrderRecord, _ report: StatusReport, _ notes: [OrderEffect]
  ) -> OrderChange? {
    let came = Set(Bill.delivered(order, report).map(\.number))
    let isHere = order.items.contains { $0.state == .stored || $0.state == .captured }
    guard !came.isEmpty || isHere else { return endedWithout(order, report, notes) }
    let bill = Bill(order, report)
    guard bill.isPayable else {
      let reason = bill.objection ?? "\(order.vendor) charges \(report.charged)"
      return park(
        order, notes + [.openDispute(charged: report.charged, reason: reason)], reason,
        Self.disputeRemedy(order))
    }
    var effects = notes
    if let objection = bill.objection {
      effects.append(.openDispute(charged: report.charged, reason: objection))
    } else if order.dispute?.isOpen ?? false {
      effects.append(
        .creditDispute(reason: "\(order.vendor) has delivered, and charges \(report.charged)"))
    }
    let missing = order.items.filter { $0.state == .pending && !came.contains($0.number) }
    effects += missing.map { .failItem(number: $0.number) }
    if order.state == .delivering && effects.isEmpty { return nil }
    return change(order, to: .delivering, effects)
  }

  /// The vendor has ended the order, and nothing came.
  private func endedWithout(
    _ order: OrderRecord, _ report: StatusReport, _ notes: [OrderEffect]
  ) -> OrderChange {
    guard report.charged.minorUnits == 0 else {
      let reason =
        "\(order.vendor) ended the order as \(report.vendorState) and charged \(report.charged)"
      return park(
        order, notes + [.openDispute(charged: report.charged, reason: reason)], reason,
        Self.disputeRemedy(order))
    }
    return change(
      order, to: report.state == .cancelled ? .cancelled : .failed,
      notes + [.creditDispute(reason: "\(order.vendor) charges nothing")] + unwinding(order))
  }

  /// The vendor had accepted the order, and does not know it any more.
  func vanished(_ order: OrderRecord) -> OrderChange {
    let reason =
      "\(order.vendor) had accepted the order as \(order.vendorOrderID ?? "") and does not know it "
      + "any more"
    return park(
      order, [.freezeVendor(reason: "order \(order.key.text): \(reason)")], reason,
      "Ask the vendor. Retry the job when it knows the order again, or end it with fovea order "
        + "resolve \(order.key.text) --dispute credit --reason TEXT; the hold stays meanwhile.")
  }
}
