// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Platform
import Purchasing
import Testing
import Vendors

/// Charges that are not the agreed ones: what is paid, what is disputed, and how a person ends it.
@Suite struct PriceMismatchTests {
  /// A market in which an order of two items, 2.00 EUR, has been billed in some way.
  private func market(
    _ billing: ScriptedVendor.Billing, budget: String = "100.00 EUR"
  ) async throws -> (Market, UUID) {
    let market = try Market(budget: budget)
    market.vendor.change { $0.billing = billing }
    let key = try market.draft(items: 2)
    try await market.buy()
    return (market, key)
  }

  @Test func `less than the quote is paid, and the rest is free again`() async throws {
    let (market, key) = try await market(.half)
    #expect(try market.order(key).state == .settled)
    #expect(try market.balance().spent.description == "1.00 EUR")
    #expect(try market.ledger.frozenVendors().isEmpty)
    try await market.expectClosedBooks()
  }

  @Test func `a total without prices of items is spread over them`() async throws {
    let (market, key) = try await market(.totalOnly)
    let order = try market.order(key)
    #expect(order.state == .settled)
    #expect(order.items.compactMap(\.charge?.minorUnits) == [100, 100])
    try await market.expectClosedBooks()
  }

  @Test func `above the quote the hold is paid, and the difference is disputed`() async throws {
    let (market, key) = try await market(.times(2))
    let order = try market.order(key)
    #expect(order.state == .parked)
    #expect(order.parking?.reason.contains("4.00 EUR") == true)
    #expect(order.parking?.reason.contains("2.00 EUR") == true)
    #expect(order.items.map(\.state) == [.captured, .captured])
    let balance = try market.balance()
    #expect(balance.spent.description == "2.00 EUR")
    #expect(balance.disputed.description == "2.00 EUR" && balance.held.minorUnits == 0)
    #expect(try market.ledger.frozenVendors().count == 1)
    try await market.expectClosedBooks()
    // Nothing changes by driving it again.
    try await market.buy()
    #expect(try market.order(key) == order)
  }

  @Test func `an item that is charged twice is paid once, and the rest is disputed`() async throws {
    let (market, key) = try await market(.twiceTheFirstItem)
    #expect(try market.order(key).items.map(\.state) == [.captured, .captured])
    #expect(try market.balance().spent.description == "2.00 EUR")
    #expect(try market.balance().disputed.description == "1.00 EUR")
    try await market.expectClosedBooks()
  }

  @Test func `a difference that the budget does not cover is a claim outside it`() async throws {
    let (market, key) = try await market(.times(2), budget: "3.00 EUR")
    let order = try market.order(key)
    #expect(order.dispute?.claim.description == "2.00 EUR")
    #expect(try market.balance().disputed.minorUnits == 0)
    #expect(try market.balance().free.description == "1.00 EUR")
    // It can be paid once the budget covers it.
    #expect(throws: LedgerError.self) { try market.resolve(key, .pay(total: nil)) }
    try market.ledger.grant(
      Money(parsing: "1.00 EUR"), to: "b", actor: "ann", at: market.clock.now)
    #expect(try market.resolve(key, .pay(total: nil)).state == .settled)
    #expect(try market.balance().spent.description == "4.00 EUR")
    try await market.expectClosedBooks()
  }

  @Test(
    arguments: [
      (nil, "4.00 EUR", "0.00 EUR"), ("3.10 EUR", "3.10 EUR", "0.00 EUR"),
    ] as [(String?, String, String)])
  func `a dispute that the vendor wins is paid`(
    total: String?, spent: String, disputed: String
  ) async throws {
    let (market, key) = try await market(.times(2))
    let order = try market.resolve(key, .pay(total: try total.map { try Money(parsing: $0) }))
    #expect(order.state == .settled && order.captured.description == spent)
    #expect(try market.balance().disputed.description == disputed)
  }

  @Test func `a dispute that the vendor loses is free again`() async throws {
    let (market, key) = try await market(.times(2))
    #expect(try market.resolve(key, .credit).state == .settled)
    let balance = try market.balance()
    #expect(balance.spent.description == "2.00 EUR" && balance.disputed.minorUnits == 0)
    // The vendor stays frozen until a person releases it.
    #expect(try market.ledger.frozenVendors().count == 1)
  }

  @Test func `a vendor that corrects its bill ends the dispute by itself`() async throws {
    for billing in [ScriptedVendor.Billing.times(2), .nothing, .dollars] {
      let (market, key) = try await market(billing)
      #expect(try market.order(key).state == .parked)
      market.vendor.change { $0.billing = .asQuoted }
      try await market.purchaser().resume(job: market.job)
      try await market.buy()
      let order = try market.order(key)
      #expect(order.state == .settled && order.dispute?.outcome == .credit)
      #expect(try market.balance().disputed.minorUnits == 0)
      try await market.expectClosedBooks()
    }
  }

  @Test(arguments: [
    ScriptedVendor.Billing.nothing, .negative, .dollars, .inconsistent,
  ])
  func `a charge that makes no sense is not paid at all`(
    billing: ScriptedVendor.Billing
  ) async throws {
    let (market, key) = try await market(billing)
    let order = try market.order(key)
    #expect(order.state == .parked && order.dispute?.isOpen == true)
    #expect(order.parking?.remedy.contains("--dispute pay or credit") == true)
    #expect(try market.balance().spent.minorUnits == 0)
    #expect(try market.balance().held.description == "2.00 EUR")
    #expect(try market.ledger.frozenVendors().count == 1)
    // A person agrees on a price with the vendor, and the imagery is bought for that.
    #expect(throws: LedgerError.self) {
      try market.resolve(key, .pay(total: Money(parsing: "2.01 EUR")))
    }
    #expect(try market.resolve(key, .pay(total: Money(parsing: "1.25 EUR"))).state == .accepted)
    try await market.buy()
    #expect(try market.order(key).state == .settled)
    #expect(try market.balance().spent.description == "1.25 EUR")
    #expect(try market.balance().held.minorUnits == 0)
    #expect(try market.ledger.verify().isSound)
  }

  @Test func `a vendor that gives up its charge ends the order without imagery`() async throws {
    let (market, key) = try await market(.negative)
    let order = try market.resolve(key, .credit)
    #expect(order.state == .failed && order.held.minorUnits == 0)
    #expect(try market.balance().free.description == "100.00 EUR")
  }

  @Test func `an acceptance above the quote asks a person, and the bill decides`() async throws {
    let market = try Market(faults: [.dearerReceipt])
    let key = try market.draft(items: 2)
    try await market.buy()
    let order = try market.order(key)
    #expect(order.state == .parked && order.parking?.reason.contains("2.01 EUR") == true)
    try await market.purchaser().resume(job: market.job)
    try await market.buy()
    #expect(try market.order(key).state == .settled)
    try await market.expectClosedBooks()
  }

  @Test func `decisions that do not fit are refused`() async throws {
    let market = try Market(faults: [.lostAnswer], lookUp: .none, repeated: .duplicates)
    let key = try market.draft(items: 1)
    #expect(throws: ResolutionRefusal.self) { try market.resolve(key, .neverArrived) }
    try await market.buy()
    for resolution in [PurchaseMachine.Resolution.pay(total: nil), .credit, .accepted("")] {
      #expect(throws: ResolutionRefusal.self) { try market.resolve(key, resolution) }
    }
    try market.resolve(key, .accepted("V1"))
    #expect(throws: ResolutionRefusal.self) { try market.resolve(key, .neverArrived) }
  }
}
