// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Platform
import Purchasing
import Synchronization
import Testing
import Vendors

/// Purchases against a vendor that misbehaves, each ended by comparing both sides' books.
@Suite struct PurchaserTests {
  @Test func `a plain purchase is paid item by item and the patches are owned`() async throws {
    let market = try Market()
    let key = try market.draft(items: 3)
    try await market.buy()
    let order = try market.order(key)
    #expect(order.state == .settled)
    #expect(order.items.map(\.state) == [.captured, .captured, .captured])
    #expect(try market.balance().spent.description == "3.00 EUR")
    try await market.expectClosedBooks()
    // Driving a settled job again does nothing.
    let entries = try market.ledger.verify()
    try await market.buy()
    #expect(try market.ledger.verify() == entries)
  }

  @Test(arguments: [
    [ScriptedVendor.Fault.lostAnswer], [.notSent], [.notSent, .notSent, .lostAnswer], [.busy],
    [.busy, .busy, .lostAnswer], [.takenTwice], [.statusUnavailable, .statusUnavailable],
    [.corruptDownload], [.cutDownload, .cutDownload, .cutDownload], [.noLinks, .noLinks],
    [.lostAnswer, .blindLookUp], [.unknownWord, .unknownWord], [.goesBack], [.rateLimited],
    [.unknownWord, .goesBack, .unknownWord, .statusUnavailable], [.quoteOfYesterday],
  ])
  func `a passing fault costs nothing twice`(faults: [ScriptedVendor.Fault]) async throws {
    let market = try Market(faults: faults)
    let key = try market.draft(items: 2)
    try await market.buy()
    #expect(try market.order(key).state == .settled)
    #expect(market.vendor.sales.count == 1)
    #expect(try market.ledger.frozenVendors().isEmpty)
    try await market.expectClosedBooks()
  }

  @Test func `a refused order gives the hold back`() async throws {
    let market = try Market(faults: [.refused(422)])
    let key = try market.draft(items: 2)
    try await market.buy()
    #expect(try market.order(key).state == .refused)
    #expect(try market.balance().free.description == "100.00 EUR")
    try await market.expectClosedBooks()
  }

  @Test func `an account with nothing left is no reason to try again`() async throws {
    let market = try Market(faults: [.refused(402)])
    let key = try market.draft(items: 2)
    let other = try market.draft(items: 1, row: 3)
    await #expect(throws: PurchaseError.self) { try await market.buy() }
    // The other order of the job goes on all the same.
    let states = Set(try [key, other].map { try market.order($0).state })
    #expect(states == [.refused, .settled])
    try await market.expectClosedBooks()
  }

  @Test func `a part delivery is paid in part, and the rest can be bought again`() async throws {
    for ending in [ScriptedVendor.Ending.part(0.5), .cancelledAfter(0.5)] {
      let market = try Market()
      market.vendor.change { $0.ending = ending }
      let key = try market.draft(items: 4)
      try await market.buy()
      let order = try market.order(key)
      #expect(order.state == .settledInPart)
      #expect(order.items.map(\.state) == [.captured, .captured, .failed, .failed])
      #expect(try market.balance().spent.description == "2.00 EUR")
      try await market.expectClosedBooks()
      // The patches that did not come are free for another order.
      market.vendor.change { $0.ending = .delivered }
      let again = try market.draft(items: 4)
      await #expect(throws: Never.self) { try await market.buy() }
      #expect(try market.order(again).parking?.reason.contains("belongs to order") == true)
    }
  }

  @Test func `an order that fails costs nothing`() async throws {
    let market = try Market()
    market.vendor.change { $0.ending = .failed }
    let key = try market.draft(items: 2)
    try await market.buy()
    #expect(try market.order(key).state == .failed)
    #expect(try market.balance().free.description == "100.00 EUR")
  }

  @Test func `more than the budget is never held`() async throws {
    let market = try Market(budget: "1.50 EUR")
    let first = try market.draft(items: 1, row: 0)
    let second = try market.draft(items: 1, row: 1)
    try await market.buy()
    let states = try [first, second].map { try market.order($0).state }
    #expect(Set(states) == [.settled, .parked])
    #expect(try market.balance().spent.description == "1.00 EUR")
    #expect(try market.balance().held.minorUnits == 0)
  }

  @Test func `a quote that is not the price list's parks the order before money moves`()
    async throws
  {
    let market = try Market(listFactor: 2)
    let key = try market.draft(items: 1)
    try await market.buy()
    #expect(try market.order(key).state == .parked)
    #expect(try market.balance().held.minorUnits == 0)
    #expect(market.vendor.submitCount == 0)
  }

  @Test func `an offer that lapsed while nobody was there is asked for again`() async throws {
    let market = try Market()
    let key = try market.draft(items: 1)
    market.reach = { if $0 == .planned { throw SimulatedCrash() } }
    await #expect(throws: SimulatedCrash.self) { try await market.buy() }
    market.reach = { _ in }
    market.clock.advance(by: .seconds(7200))
    try await market.buy()
    #expect(try market.order(key).state == .settled)
  }

  @Test func `an offer that lapsed with the money held gives it back`() async throws {
    let market = try Market()
    let key = try market.draft(items: 1)
    market.reach = { if $0 == .held { throw SimulatedCrash() } }
    await #expect(throws: SimulatedCrash.self) { try await market.buy() }
    market.reach = { _ in }
    market.clock.advance(by: .seconds(7200))
    try await market.buy()
    #expect(try market.order(key).state == .refused)
    #expect(try market.balance().held.minorUnits == 0)
    #expect(market.vendor.submitCount == 0)
  }

  @Test func `without a look-up, doubt waits for a person and keeps the hold`() async throws {
    let market = try Market(faults: [.lostAnswer], lookUp: .none, repeated: .duplicates)
    let key = try market.draft(items: 1)
    try await market.buy()
    #expect(try market.order(key).state == .parked)
    #expect(try market.balance().held.description == "1.00 EUR")
    #expect(market.vendor.submitCount == 1)
    // The person finds it.
    try market.resolve(key, .accepted("V1"))
    try await market.buy()
    #expect(try market.order(key).state == .settled)
    try await market.expectClosedBooks()
  }

  @Test func `an order that never arrived is given up when a person says so`() async throws {
    let market = try Market(faults: [.busy], lookUp: .none, repeated: .duplicates)
    let key = try market.draft(items: 1)
    try await market.buy()
    #expect(try market.resolve(key, .neverArrived).state == .refused)
    try await market.expectClosedBooks()
    let story = try market.ledger.history(of: key)
    #expect(story.last?.actor == "ann")
    #expect(story.last?.note == "it never arrived: the vendor said so")
  }

  @Test func `a vendor without keys is never sent an order a second time`() async throws {
    let market = try Market(faults: [.lostAnswer, .blindLookUp], repeated: .duplicates)
    let key = try market.draft(items: 1)
    try await market.buy()
    #expect(try market.order(key).state == .parked)
    #expect(market.vendor.submitCount == 1)
  }

  @Test(arguments: [Duration.seconds(40), nil])
  func `a look-up that lags is asked until it cannot lie any more`(lag: Duration?) async throws {
    let market = try Market(faults: [.lostAnswer], lag: lag)
    let key = try market.draft(items: 1)
    try await market.buy()
    #expect(try market.order(key).state == .settled)
    #expect(market.vendor.submitCount == 1)
    // Found when it could be found, long before a look-up proves that there is nothing.
    #expect(market.clock.elapsed < .seconds(120))
    try await market.expectClosedBooks()
  }

  @Test func `a duplicate that the vendor keeps parks the order`() async throws {
    let market = try Market(faults: [.takenTwice])
    market.vendor.change { $0.ignoresCancel = true }
    let key = try market.draft(items: 1)
    try await market.buy()
    let order = try market.order(key)
    #expect(order.parking?.reason.contains("V2") == true)
    #expect(order.vendorOrderID == "V1")
    #expect(try market.balance().spent.minorUnits == 0)
  }

  @Test func `bytes that stay damaged are kept aside and not paid`() async throws {
    let market = try Market(faults: [.corruptDownload, .corruptDownload])
    let key = try market.draft(items: 1)
    try await market.buy()
    #expect(try market.order(key).state == .parked)
    #expect(try market.balance().spent.minorUnits == 0)
    // Driving it changes nothing; a person who retries makes it go on.
    try await market.buy()
    let order = try market.order(key)
    #expect(order.state == .parked)
    #expect(order.dispute?.isOpen == true && order.dispute?.charged == order.quote?.price)
    #expect(order.dispute?.setAside.minorUnits == 0 && order.dispute?.claim.minorUnits == 0)
    #expect(try market.ledger.frozenVendors().isEmpty)
    try await market.purchaser().resume(job: market.job)
    try await market.buy()
    #expect(try market.order(key).state == .settled)
    #expect(try market.order(key).dispute?.outcome == .credit)
    try await market.expectClosedBooks()
  }

  @Test func `what stays damaged is given up by a person, and nothing is owed`() async throws {
    let market = try Market(
      faults: Array(repeating: .corruptDownload, count: 2 * PurchasePolicy().largestFetchCount))
    let key = try market.draft(items: 1)
    try await market.buy()
    try await market.purchaser().resume(job: market.job)
    try await market.buy()
    // It is asked for again, and disputed again.
    #expect(try market.order(key).dispute?.isOpen == true)
    let order = try Purchaser.resolve(
      key, .credit, reason: "credit note 7", actor: "uid:0", in: market.ledger,
      at: market.clock.now)
    #expect(order.state == .failed && order.dispute?.outcome == .credit)
    let balance = try market.balance()
    #expect(balance.spent.minorUnits == 0 && balance.held.minorUnits == 0)
  }

  @Test func `a vendor that is away for hours is waited for, and asked now and then`()
    async throws
  {
    let market = try Market()
    let key = try market.draft(items: 2)
    let end = market.clock.now.addingTimeInterval(6 * 3600)
    market.vendor.change { $0.downUntil = end }
    try await market.buy()
    #expect(try market.order(key).state == .settled)
    #expect(market.clock.now >= end && market.clock.elapsed < .seconds(7 * 3600))
    try await market.expectClosedBooks()
  }

  @Test func `a vendor that stays away is a person's business in the end`() async throws {
    let market = try Market()
    let key = try market.draft(items: 1)
    market.vendor.change { $0.downUntil = .distantFuture }
    await #expect(throws: PurchaseError.self) { try await market.buy() }
    #expect(try market.order(key).state == .drafted)
    #expect(market.clock.elapsed > .seconds(86400) && market.clock.elapsed < .seconds(90000))
  }

  @Test func `an order that takes for ever waits for a person after a week`() async throws {
    let market = try Market()
    market.vendor.change { $0.ending = .never }
    let key = try market.draft(items: 1)
    try await market.buy()
    let order = try market.order(key)
    #expect(order.parking?.reason.contains("\"working\"") == true)
    #expect(market.clock.elapsed > .seconds(7 * 86400))
    // Asked at most every five minutes but at the start, so not many times.
    #expect(market.vendor.statusCount < 2600)
    #expect(try market.ledger.holds(before: market.clock.now).map(\.order) == [key])
    market.vendor.change { $0.ending = .delivered }
    try await market.purchaser().resume(job: market.job)
    try await market.buy()
    #expect(try market.order(key).state == .settled)
    try await market.expectClosedBooks()
  }

  @Test func `a vendor that forgets its orders gets no new ones`() async throws {
    let market = try Market(faults: [.unknownWord])
    let key = try market.draft(items: 1)
    market.reach = { if $0 == .answered { throw SimulatedCrash() } }
    await #expect(throws: SimulatedCrash.self) { try await market.buy() }
    market.reach = { _ in }
    try await market.purchaser().recover()
    let vendor = market.vendor
    try await market.purchaser().buy(job: market.job) { news in
      if case .changed(let order) = news, order.state == .running {
        vendor.change { $0.sales = [] }
      }
    }
    #expect(try market.order(key).parking?.reason.contains("does not know it") == true)
    #expect(try market.balance().held.description == "1.00 EUR")
    let other = try market.draft(items: 1, row: 4)
    try await market.buy()
    #expect(try market.order(other).parking?.reason.contains("gets no new orders") == true)
    try market.resolve(key, .credit)
    try market.ledger.unfreeze("scripted", reason: "a new start", actor: "ann", at: Date())
    #expect(try market.balance().held.minorUnits == 0)
  }

  @Test func `a delivery that is taken back freezes the vendor, and the order goes on`()
    async throws
  {
    let market = try Market()
    let key = try market.draft(items: 1)
    market.reach = { if $0 == .downloading { throw SimulatedCrash() } }
    await #expect(throws: SimulatedCrash.self) { try await market.buy() }
    market.reach = { _ in }
    market.vendor.change { $0.faults = [.goesBack, .goesBack] }
    try await market.buy()
    #expect(try market.order(key).state == .settled)
    #expect(try market.ledger.frozenVendors().first?.reason.contains("\"queued\"") == true)
    try await market.expectClosedBooks()
  }

  @Test func `cancelling frees what was not sent`() async throws {
    let market = try Market()
    let key = try market.draft(items: 1)
    try await market.purchaser().cancel(job: market.job)
    #expect(try market.order(key).state == .cancelled)
    try await market.buy()
    #expect(market.vendor.sales.isEmpty)
    try await market.expectClosedBooks()
  }

  @Test(arguments: [(false, OrderState.cancelled), (true, .settled)])
  func `a cancellation is what the vendor makes of it`(
    isIgnored: Bool, end: OrderState
  ) async throws {
    let market = try Market()
    let key = try market.draft(items: 1)
    market.reach = { if $0 == .answered { throw SimulatedCrash() } }
    await #expect(throws: SimulatedCrash.self) { try await market.buy() }
    market.reach = { _ in }
    market.vendor.change { $0.ignoresCancel = isIgnored }
    try await market.purchaser().recover()
    let job = market.job
    let purchaser = market.purchaser()
    // The look-up finds it; the cancellation is asked for when the vendor has it.
    market.vendor.change { $0.ending = .never }
    let run = Task { try await purchaser.buy(job: job) { _ in } }
    while try market.order(key).state != .running { try await Task.sleep(for: .milliseconds(2)) }
    run.cancel()
    _ = try? await run.value
    market.vendor.change { $0.ending = .delivered }
    try await market.purchaser().cancel(job: job)
    #expect(try market.order(key).state == .cancelling)
    try await market.purchaser().buy(job: job, sendsOrders: false) { _ in }
    #expect(try market.order(key).state == end)
    try await market.expectClosedBooks()
  }

  @Test func `a cancelled job does not send an order that turns out not to have arrived`()
    async throws
  {
    let market = try Market()
    let key = try market.draft(items: 1)
    market.reach = { if $0 == .attempted { throw SimulatedCrash() } }
    await #expect(throws: SimulatedCrash.self) { try await market.buy() }
    market.reach = { _ in }
    try await market.purchaser().recover()
    try await market.purchaser().cancel(job: market.job)
    #expect(try market.balance().held.description == "1.00 EUR")
    try await market.purchaser().buy(job: market.job, sendsOrders: false) { _ in }
    #expect(try market.order(key).state == .cancelled)
    #expect(market.vendor.submitCount == 0)
    try await market.expectClosedBooks()
  }

  @Test func `what the vendor said is kept with the order`() async throws {
    let market = try Market(faults: [.unknownWord, .unknownWord, .statusUnavailable])
    let key = try market.draft(items: 1)
    try await market.buy()
    let notes = try market.ledger.history(of: key).compactMap(\.note)
    #expect(notes == ["scripted: marinating", "scripted: sent"])
  }
}
