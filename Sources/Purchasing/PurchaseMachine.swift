// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation
public import Ledger
import Platform
public import Vendors

/// The rules of a purchase, as a value: from an order's durable record what to do next, and from
/// what then happened which change to commit.
///
/// It does no I/O, keeps no state and reads no clock, so that the daemon, crash tests and
/// simulations run the same code. Every change is one transaction with its money.
///
/// ```swift
/// let machine = PurchaseMachine(capabilities: vendor.capabilities, policy: .standard)
/// switch machine.step(for: order, report: nil, now: date) { ... }
/// ```
public struct PurchaseMachine: Sendable {
  /// What to do next with an order.
  public enum Step: Hashable, Sendable {
    /// Ask for a price.
    case quote
    /// Commit the hold of the quoted price.
    case hold(Money)
    /// Commit an attempt, then send.
    case attempt
    /// Look the order up by its key, after the time in which a look-up may lie.
    case lookUp(after: Duration)
    /// Ask the vendor where the order stands.
    case poll
    /// Download and verify some items.
    case fetch(items: [Int])
    /// Check stored items once more and pay them: the charge of each, by its number.
    case capture(charges: [Int: Money])
    /// Commit what is decided without asking anybody.
    case commit(Event)
    /// Nothing: the order has ended, or waits for a person.
    case rest

    /// Whether the order is not with the vendor, and this is on the way there.
    var leadsToSending: Bool {
      switch self {
      case .quote, .hold, .attempt: true
      default: false
      }
    }
  }

  /// What happened to an order.
  public enum Event: Hashable, Sendable {
    /// The vendor named a price; `expected` is what the price list says.
    case quoted(RecordedQuote, expected: Money)
    /// The price is to be held.
    case holding(Money)
    /// The exact body with this SHA-256 is about to be sent.
    case sending(bodyDigest: String)
    /// The vendor has the order.
    case accepted(Receipt)
    /// No byte of the order left.
    case notSent
    /// Whether the vendor has the order is not known; also after a restart in the middle.
    case doubtful
    /// A look-up that proves something: the orders under our key; `uncancelled` are duplicates
    /// that the vendor would not cancel.
    case found([Receipt], uncancelled: [VendorOrderID])
    /// The vendor's report, after the one before it in this run.
    case reported(StatusReport, previous: StatusReport? = nil)
    /// The vendor does not know an order that it had accepted.
    case vanished
    /// Items are in their places, verified and durable.
    case stored([StoredItem])
    /// Items are to be paid: the charge of each, by its number.
    case capturing(charges: [Int: Money])
    /// Every item is paid or given up.
    case completed
    /// The vendor's offer has lapsed before the order was sent.
    case lapsed
    /// The vendor or the ledger said no before anything was bought.
    case refused
    /// A person cancels the job.
    case cancelled
    /// The vendor was asked to cancel.
    case cancelling
    /// A person takes a parked order up again.
    case resumed
    /// An item came twice and was not what was ordered.
    case damaged(item: Int, reason: String)
    /// A person must decide.
    case stuck(reason: String, remedy: String)
  }

  /// What a person has found out about an order.
  public enum Resolution: Hashable, Sendable {
    /// The vendor has it, under this name.
    case accepted(VendorOrderID)
    /// The vendor never got it.
    case neverArrived
    /// The dispute ends by paying: the total for the whole order, nil for what the vendor charged.
    case pay(total: Money?)
    /// The vendor asks for nothing more: what came stays, the rest is given up.
    case credit
  }

  private let capabilities: VendorCapabilities
  private let policy: PurchasePolicy

  /// Creates the rules for one vendor.
  public init(capabilities: VendorCapabilities, policy: PurchasePolicy) {
    self.capabilities = capabilities
    self.policy = policy
  }

  /// How far a quote may be from the price list, in percent.
  var toleratedPercent: Int { policy.quoteTolerancePercent }

  /// Whether an order that the vendor does not know may be sent again under its key.
  var mayRepeat: Bool { capabilities.repeatSafeSubmit != .duplicates }

  /// What to do next.
  ///
  /// - Parameters:
  ///   - order: the durable record.
  ///   - report: the vendor's newest report since this process began to drive the order.
  ///   - attemptCount: how often the order was sent in this run.
  ///   - now: the wall clock; it only decides whether an offer has lapsed, and whether an order is
  ///     so old that a person should ask.
  public func step(
    for order: OrderRecord, report: StatusReport?, attemptCount: Int = 0, now: Date
  ) -> Step {
    switch order.state {
    case .drafted: .quote
    case .quoted: hasLapsed(order, now) ? .quote : order.quote.map { .hold($0.price) } ?? .quote
    case .held: stepOfHeld(order, attemptCount, now)
    case .submitting: .commit(.doubtful)
    case .inDoubt: stepOfDoubt(order)
    case .accepted, .running, .cancelling: stepOfWaiting(order, report, now)
    case .delivering:
      report?.state.isFinal ?? false
        ? stepOfDelivering(order, report) : stepOfWaiting(order, report, now)
    case .settled, .settledInPart, .cancelled, .refused, .failed, .parked: .rest
    }
  }

  /// An offer that had lapsed already when it was written down comes from a clock that is not ours:
  /// the vendor judges it.
  private func hasLapsed(_ order: OrderRecord, _ now: Date) -> Bool {
    order.quote?.validUntil.map { $0 <= now && $0 > order.updatedAt } ?? false
  }

  private func stepOfHeld(_ order: OrderRecord, _ attemptCount: Int, _ now: Date) -> Step {
    // An order that may have been sent once is not given up for a lapsed offer: the look-up has
    // shown that the vendor does not have it, and the vendor judges its own offer.
    if order.attempts.isEmpty && hasLapsed(order, now) { return .commit(.lapsed) }
    guard attemptCount < policy.largestAttemptCount else {
      return .commit(
        .stuck(
          reason: "the order could not be sent in \(attemptCount) attempts",
          remedy: "Check that \(order.vendor) can be reached; the hold stays meanwhile."))
    }
    return .attempt
  }

  private func stepOfDoubt(_ order: OrderRecord) -> Step {
    guard capabilities.lookUp != .none else {
      return .commit(
        .stuck(
          reason: "whether \(order.vendor) has order \(order.key.text) is not known, and it "
            + "offers no look-up",
          remedy: "Look for the order on the vendor's own page; the hold stays meanwhile."))
    }
    return .lookUp(after: capabilities.settleTime)
  }

  private func stepOfWaiting(
    _ order: OrderRecord, _ report: StatusReport?, _ now: Date
  ) -> Step {
    guard let report, let sent = order.attempts.last?.at,
      now.timeIntervalSince(sent) > policy.longestOrderAge / .seconds(1)
    else { return .poll }
    return .commit(
      .stuck(
        reason: "\(order.vendor) has had the order since \(Timestamp.text(sent)) and says "
          + "\"\(report.vendorState)\"",
        remedy: "Ask the vendor about its order \(order.vendorOrderID ?? ""), then retry the job; "
          + "the hold stays meanwhile."))
  }

  private func stepOfDelivering(_ order: OrderRecord, _ report: StatusReport?) -> Step {
    // After a restart the charges are the vendor's to say again.
    guard let report else { return .poll }
    let bill = Bill(order, report)
    var charges: [Int: Money] = [:]
    for item in order.items where item.state == .stored {
      guard bill.isPayable, let charge = bill.charges[item.number] else {
        return .commit(
          .stuck(
            reason: bill.objection
              ?? "\(order.vendor) names no price for item \(item.number) that it delivered",
            remedy: "Ask the vendor what it charges; the hold stays meanwhile."))
      }
      charges[item.number] = charge
    }
    if !charges.isEmpty { return .capture(charges: charges) }
    let pending = order.items.filter { $0.state == .pending }.map(\.number)
    return pending.isEmpty
      ? .commit(.completed) : .fetch(items: Array(pending.prefix(policy.itemsPerCommit)))
  }
}
