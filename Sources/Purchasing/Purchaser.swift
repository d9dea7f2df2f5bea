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
  let now: @Sendable () -> Date

  /// Creates a purchaser.
  public init(
    ledger: Ledger, sellers: [String: Seller], stateDirectory: URL,
    receive: @escaping DeliveryReceiver, policy: PurchasePolicy = .standard, pool: ComputePool,
    now: @escaping @Sendable () -> Date
  ) {
    self.ledger = ledger
    self.sellers = sellers
    self.stateDirectory = stateDirectory
    self.receive = receive
    self.policy = policy
    self.pool = pool
    self.now = now
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
  /// - Throws: ``PurchaseError`` when a vendor stays out of reach, `LedgerError` when the ledger
  ///   stops, `CancellationError`; the orders stay as they are, and a later call goes on.
  public func buy(
    job: UUID, sendsOrders: Bool = true,
    progress: @escaping @Sendable (PurchaseNews) -> Void
  ) async throws {
    let orders = try await pool.run { [ledger] in try ledger.orders(job: job) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, order) in orders.enumerated() {
        if index >= policy.concurrentOrders { try await group.next() }
        group.addTask { try await drive(order, sendsOrders, progress) }
      }
      try await group.waitForAll()
    }
  }

  /// Takes the parked orders of a job up again that may be with the vendor.
  ///
  /// Each is asked about anew. An order that never left stays parked; the job drafts a new one.
  public func resume(job: UUID) async throws {
    for order in try await pool.run({ [ledger] in try ledger.orders(job: job) })
    where order.state == .parked {
      _ = try await commit(.resumed, to: order)
    }
  }

  /// Ends what can still be ended of a job's orders without paying for it.
  ///
  /// Unsent orders are cancelled, the vendor is asked to cancel accepted ones; what was paid stays.
  public func cancel(job: UUID) async throws {
    for order in try await pool.run({ [ledger] in try ledger.orders(job: job) }) {
      switch order.state {
      case .drafted, .quoted, .held: _ = try await commit(.cancelled, to: order)
      case .accepted, .running:
        guard let id = order.vendorOrderID else { continue }
        let answer = try await seller(of: order).vendor.cancel(id)
        if case .requested = answer { _ = try await commit(.cancelling, to: order) }
      default: continue
      }
    }
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
      var step = machine.step(for: course.order, report: course.report, now: now())
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
    let at = now()
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
  var retryCount = 0
  /// How often each item came damaged.
  var damageCounts: [Int: Int] = [:]

  let tell: @Sendable (PurchaseNews) -> Void

  init(order: OrderRecord, tell: @escaping @Sendable (PurchaseNews) -> Void) {
    self.order = order
    self.tell = tell
  }
}
