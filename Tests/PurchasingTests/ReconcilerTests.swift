// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Platform
import Purchasing
import Testing
import Vendors

/// The vendor's list of orders beside ours.
@Suite struct ReconcilerTests {
  private func reconcile(_ market: Market) async throws -> Reconciliation {
    market.clock.advance(by: .seconds(3600))
    return try await Reconciler(ledger: market.ledger, pool: ComputePool(threadCount: 1))
      .reconcile(market.seller, name: "scripted", actor: "test", at: market.clock.now)
  }

  private func money(_ text: String) throws -> Money { try Money(parsing: text) }

  @Test func `equal lists are clean, and written down all the same`() async throws {
    let market = try Market()
    for row in 0..<3 { _ = try market.draft(items: 1, row: row) }
    try await market.buy()
    let result = try await reconcile(market)
    #expect(result.differences.isEmpty && result.matchedCount == 3)
    #expect(try market.ledger.reconciliations(vendor: "scripted") == [result])
  }

  @Test func `refunds are booked once, and unknown ones are listed`() async throws {
    let market = try Market()
    _ = try market.draft(items: 2)
    try await market.buy()
    let sale = try #require(market.vendor.sales.first)
    func refund(_ id: String, _ order: String, _ amount: String) throws -> VendorStatement.Refund {
      VendorStatement.Refund(id: id, order: order, amount: try money(amount))
    }
    let refunds = [
      try refund("r1", sale.id, "0.30 EUR"), try refund("r1", sale.id, "0.30 EUR"),
      try refund("r2", sale.id, "1.70 EUR"), try refund("r3", "V9", "0.10 EUR"),
      try refund("r4", sale.id, "0.01 EUR"),
    ]
    market.vendor.change { $0.refunds = Array(refunds.prefix(3)) }
    _ = try await reconcile(market)
    market.vendor.change { $0.refunds = refunds }
    _ = try await reconcile(market)
    #expect(try market.balance().spent.minorUnits == 0)
    let listed = try market.ledger.refunds()
    #expect(listed.count == 4)
    #expect(listed.filter { $0.entry == nil }.map(\.refund.id).sorted() == ["r3", "r4"])
    #expect(try market.ledger.verify().isSound)
  }

  @Test func `an order that only the vendor knows freezes it`() async throws {
    let market = try Market()
    _ = try market.draft(items: 1)
    try await market.buy()
    let sale = try #require(market.vendor.sales.first)
    market.vendor.change { state in
      state.sales.append(
        .init(
          id: "V9", key: sale.key, price: sale.price, rectangles: sale.rectangles, at: sale.at))
    }
    let result = try await reconcile(market)
    #expect(result.count(.theirsOnly) == 1 && result.matchedCount == 1)
    #expect(result.differences.first?.vendorOrder == "V9")
    #expect(try market.ledger.frozenVendors().count == 1)
  }

  @Test func `other amounts and forgotten orders are found`() async throws {
    let market = try Market()
    for row in 0..<2 { _ = try market.draft(items: 1, row: row) }
    try await market.buy()
    market.vendor.change { state in
      state.sales.removeLast()
      state.billing = .half
    }
    let result = try await reconcile(market)
    #expect(result.count(.amountDiffers) == 1 && result.count(.oursOnly) == 1)
    #expect(try market.ledger.frozenVendors().isEmpty)
  }
}
