// SPDX-License-Identifier: Apache-2.0

import Acquisition
public import Foundation
public import Ledger
import Platform
import Vendors

extension Purchaser {
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
  ///
  /// - Throws: `VendorError` when a vendor could not be asked, once all others were.
  public func cancel(job: UUID) async throws {
    var failure: VendorError?
    for order in try await pool.run({ [ledger] in try ledger.orders(job: job) }) {
      switch order.state {
      case .drafted, .quoted, .held: _ = try await commit(.cancelled, to: order)
      case .accepted, .running:
        guard let id = order.vendorOrderID else { continue }
        do {
          let answer = try await seller(of: order).vendor.cancel(id)
          if case .requested = answer { _ = try await commit(.cancelling, to: order) }
        } catch let error as VendorError {
          failure = failure ?? error
        }
      default: continue
      }
    }
    if let failure { throw failure }
  }

  /// Commits what a person has found out about an order that waits.
  ///
  /// - Parameter actor: the person, who is recorded with the reason.
  /// - Throws: ``ResolutionRefusal``, `LedgerError`.
  public static func resolve(
    _ key: UUID, _ resolution: PurchaseMachine.Resolution, reason: String, actor: String,
    in ledger: Ledger, at date: Date
  ) throws -> OrderRecord {
    let order = try ledger.order(key)
    let change = try PurchaseMachine.change(of: order, by: resolution, reason: reason)
    return try ledger.apply(change, actor: actor, at: date)
  }
}
