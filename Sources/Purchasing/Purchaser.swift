// SPDX-License-Identifier: Apache-2.0

import Acquisition
public import Foundation
public import Ledger
public import Platform
import Vendors

/// Drives orders from draft to end: asks vendors what ``PurchaseMachine`` says, commits what it
/// decides.
///
/// All that matters is in the ledger; a purchaser can be ended at any point, and the next one goes
/// on from there.
public struct Purchaser: Sendable {
  let ledger: Ledger
  let sellers: [String: Seller]
  /// The folder that the ledger's paths are relative to.
  let stateDirectory: URL
  let receive: DeliveryReceiver
  let policy: PurchasePolicy
  /// Where the ledger's blocking calls and the hashing of files run.
  let pool: ComputePool
  let clock: PurchaseClock
  /// What happens at the points of a purchase at which tests end it.
  let reach: @Sendable (CrashPoint) throws -> Void

  /// Creates a purchaser.
  public init(
    ledger: Ledger, sellers: [String: Seller], stateDirectory: URL,
    receive: @escaping DeliveryReceiver, policy: PurchasePolicy = .standard, pool: ComputePool,
    clock: PurchaseClock
  ) {
    self.init(
      ledger: ledger, sellers: sellers, stateDirectory: stateDirectory, receive: receive,
      policy: policy, pool: pool, clock: clock, reach: { $0.reach() })
  }

  /// Creates a purchaser with other crash points than the process's: the seam for simulations.
  package init(
    ledger: Ledger, sellers: [String: Seller], stateDirectory: URL,
    receive: @escaping DeliveryReceiver, policy: PurchasePolicy, pool: ComputePool,
    clock: PurchaseClock, reach: @escaping @Sendable (CrashPoint) throws -> Void
  ) {
    self.ledger = ledger
    self.sellers = sellers
    self.stateDirectory = stateDirectory
    self.receive = receive
    self.policy = policy
    self.pool = pool
    self.clock = clock
    self.reach = reach
  }

  /// Marks orders that an earlier process left in the middle of a submission as in doubt.
  ///
  /// That is what is true of them: nobody knows whether they arrived. It asks nobody, so that a
  /// start needs no network; run it before anything else.
  public func recover() async throws {
    for order in try await pool.run({ [ledger] in try ledger.openOrders() })
    where order.state == .submitting {
      _ = try await commit(.doubtful, to: order)
    }
  }

  /// Drives every order of a job until each has ended or is parked.
  ///
  /// - Parameters:
  ///   - sendsOrders: false for a job that was cancelled: what was not sent, or turns out not to
  ///     have arrived, is cancelled; what the vendor has is seen through.
  ///   - progress: called after each durable change, and when a wait begins, on any thread.
  /// - Throws: the first ``PurchaseError``, when all other orders have gone as far as they can;
  ///   `LedgerError` when the ledger stops, `CancellationError`; the orders stay as they are, and a
  ///   later call goes on.
  public func buy(
    job: UUID, sendsOrders: Bool = true,
    progress: @escaping @Sendable (PurchaseNews) -> Void
  ) async throws {
    let orders = try await pool.run { [ledger] in try ledger.orders(job: job) }
    var failure: PurchaseError?
    try await withThrowingTaskGroup(of: PurchaseError?.self) { group in
      for (index, order) in orders.enumerated() {
        if index >= policy.concurrentOrders, let earlier = try await group.next() {
          failure = failure ?? earlier
        }
        group.addTask {
          do {
            try await drive(order, sendsOrders, progress)
            return nil
          } catch let error as PurchaseError {
            return error
          }
        }
      }
      for try await earlier in group { failure = failure ?? earlier }
    }
    if let failure { throw failure }
  }

  func seller(of order: OrderRecord) throws(PurchaseError) -> Seller {
    guard let seller = sellers[order.vendor] else { throw .unknownVendor(order.vendor) }
    return seller
  }

  private func drive(
    _ start: OrderRecord, _ sendsOrders: Bool,
    _ progress: @escaping @Sendable (PurchaseNews) -> Void
  ) async throws {
    let seller = try seller(of: start)
    let machine = PurchaseMachine(capabilities: seller.vendor.capabilities, policy: policy)
    var course = Course(order: start, tell: progress)
    while true {
      try Task.checkCancellation()
      var step = machine.step(
        for: course.order, report: course.report, attemptCount: course.attemptCount,
        now: clock.now())
      if !sendsOrders && step.leadsToSending { step = .commit(.cancelled) }
      if step == .rest { return }
      let before = course.order
      try await take(step, with: seller, &course)
      if course.order != before { progress(.changed(course.order)) }
    }
  }

  /// Commits what an event means for an order; the order as it is then.
  func commit(_ event: PurchaseMachine.Event, to order: OrderRecord) async throws -> OrderRecord {
    let capabilities = try seller(of: order).vendor.capabilities
    let machine = PurchaseMachine(capabilities: capabilities, policy: policy)
    guard let change = machine.change(of: order, on: event) else { return order }
    let at = clock.now()
    return try await pool.run { [ledger] in
      try ledger.apply(change, actor: "purchasing", at: at)
    }
  }
}

/// What a person who watches a purchase hears of.
public enum PurchaseNews: Sendable {
  /// An order has changed durably.
  case changed(OrderRecord)
  /// The vendor does not answer as it should; the order waits and is tried again.
  case waiting(OrderRecord, reason: String)
}

/// An order on its way, with what only this run knows of it: losing it costs a question, no money.
struct Course {
  var order: OrderRecord
  var report: StatusReport?
  var pollCount = 0
  var attemptCount = 0
  var retryCount = 0
  /// Since when the vendor has not answered as it should.
  var outage: ContinuousClock.Instant?
  /// How often each item came damaged.
  var damageCounts: [Int: Int] = [:]

  let tell: @Sendable (PurchaseNews) -> Void

  init(order: OrderRecord, tell: @escaping @Sendable (PurchaseNews) -> Void) {
    self.order = order
    self.tell = tell
  }

  /// The vendor has answered.
  mutating func recovered() { (retryCount, outage) = (0, nil) }
}
