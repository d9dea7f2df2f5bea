// SPDX-License-Identifier: Apache-2.0

import Acquisition
public import Foundation
public import Ledger
public import Platform
import Vendors

/// Compares our orders at a vendor with the vendor's own list, and books what it gave back.
public struct Reconciler: Sendable {
  private let ledger: Ledger
  private let pool: ComputePool

  /// How far back orders are compared.
  public static let period = Duration.seconds(400 * 24 * 3600)

  /// Creates a reconciler; the ledger is called on `pool`.
  public init(ledger: Ledger, pool: ComputePool) {
    self.ledger = ledger
    self.pool = pool
  }

  /// Reconciles one vendor and writes down what came of it, also when nothing differs.
  ///
  /// - Throws: `VendorError` when the vendor has no list of orders or cannot be asked, `LedgerError`.
  public func reconcile(
    _ seller: Seller, name: String, actor: String, at date: Date
  ) async throws -> Reconciliation {
    let start = date.addingTimeInterval(-(Self.period / .seconds(1)))
    // Theirs first: each order in it was written down here before it was sent.
    let statement = try await seller.vendor.statement(since: start)
    let settleTime = seller.vendor.capabilities.settleTime
    return try await pool.run { [ledger] in
      for refund in statement.refunds {
        try ledger.book(
          VendorRefund(id: refund.id, vendorOrder: refund.order, amount: refund.amount),
          from: name, actor: actor, at: date)
      }
      let ours = try ledger.newestOrders(vendor: name).filter { $0.createdAt >= start }
      let result = Reconciliation(
        vendor: name, at: date,
        lines: Self.compare(
          ours, statement,
          settledBefore: date.addingTimeInterval(
            -(settleTime / .seconds(1)))))
      try ledger.record(result, actor: actor)
      return result
    }
  }

  /// Matches both lists by our key, then by the vendor's name.
  ///
  /// - Parameter settledBefore: an order of ours that was sent later may not be in the list yet.
  static func compare(
    _ ours: [OrderRecord], _ theirs: VendorStatement, settledBefore: Date
  ) -> [Reconciliation.Line] {
    let byKey = Dictionary(ours.map { ($0.key.text, $0) }) { first, _ in first }
    let byID = Dictionary(
      ours.compactMap { order in order.vendorOrderID.map { ($0, order) } }
    ) { first, _ in first }
    var seen: Set<UUID> = []
    var lines: [Reconciliation.Line] = []
    for listed in theirs.orders {
      let order = listed.reference.flatMap { byKey[$0.lowercased()] } ?? byID[listed.id]
      // A second order under one key is one that we do not know.
      guard let order, order.vendorOrderID ?? listed.id == listed.id,
        seen.insert(order.key).inserted
      else {
        if listed.charged.minorUnits == 0 && listed.state.isFinal { continue }
        lines.append(line(.theirsOnly, nil, listed))
        continue
      }
      let refunds = theirs.refunds.filter { $0.order == listed.id }
      lines.append(
        line(isEqual(order, listed, refunds) ? .matched : .amountDiffers, order, listed))
    }
    for order in ours where !seen.contains(order.key) && order.vendorOrderID != nil {
      guard let sent = order.attempts.last?.at, sent < settledBefore else { continue }
      lines.append(line(.oursOnly, order, nil))
    }
    return lines
  }

  /// An order that still goes on, or whose charge is disputed, owes no equality yet.
  private static func isEqual(
    _ order: OrderRecord, _ listed: VendorStatement.Order, _ refunds: [VendorStatement.Refund]
  ) -> Bool {
    guard order.state.isFinal else { return true }
    let refunded = refunds.reduce(Int64(0)) { $0 + $1.amount.minorUnits }
    return order.captured.currency == listed.charged.currency
      && order.captured.minorUnits == listed.charged.minorUnits - refunded
  }

  private static func line(
    _ finding: Reconciliation.Finding, _ order: OrderRecord?, _ listed: VendorStatement.Order?
  ) -> Reconciliation.Line {
    Reconciliation.Line(
      finding: finding, order: order?.key,
      vendorOrder: listed?.id ?? order?.vendorOrderID, paid: order?.captured,
      charged: listed?.charged)
  }
}
