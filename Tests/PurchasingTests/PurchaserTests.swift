// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Platform
import Purchasing
import TestSupport
import Testing
import Vendors

/// Purchases against a vendor that misbehaves, each ended by comparing both sides' books.
@Suite struct PurchaserTests {
  /// A budget, a vendor and a purchaser on a folder of their own.
  private struct Market {
    let folder: TemporaryFolder
    let ledger: Ledger
    let vendor: ScriptedVendor
    let purchaser: Purchaser
    let job = UUID()

    init(
      faults: [ScriptedVendor.Fault] = [], budget: String = "100.00 EUR",
      lookUp: VendorCapabilities.LookUp = .byKey,
      repeated: VendorCapabilities.RepeatedSubmit = .replays,
      listFactor: Int64 = 1
    ) throws {
      let folder = try TemporaryFolder()
      let ledger = try Ledger(in: folder.url)
      let limit = try Money(parsing: budget)
      try ledger.createBudget("b", currency: limit.currency, actor: "test", at: Date())
      if limit.minorUnits > 0 {
        try ledger.grant(limit, to: "b", actor: "test", at: Date())
      }
      let vendor = ScriptedVendor(
        faults: faults, pricePerPatch: try Money(parsing: "0.50 EUR"), lookUp: lookUp,
        repeated: repeated)
      var policy = PurchasePolicy.standard
      policy.firstDelay = .milliseconds(1)
      policy.longestDelay = .milliseconds(2)
      let listPrice: @Sendable (OrderDraft) throws -> Money = { draft in
        let price = vendor.price(draft)
        return try Money(minorUnits: price.minorUnits * listFactor, currency: price.currency)
      }
      purchaser = Purchaser(
        ledger: ledger,
        sellers: ["scripted": Seller(vendor: vendor, listPrice: listPrice)],
        stateDirectory: folder.url,
        receive: { download, _, _, clean in
          let bytes = try Data(contentsOf: download)
          try DurableFile.write(bytes, to: clean)
          return StoredFile(sha256: Digest.sha256(bytes), byteCount: Int64(bytes.count))
        }, policy: policy, pool: ComputePool(threadCount: 1), now: { Date() })
      (self.folder, self.ledger, self.vendor) = (folder, ledger, vendor)
    }

    /// Drafts an order of `items` rectangles of two patches each, in a row of its own.
    func draft(items: Int, row: Int = 0) throws -> UUID {
      let grid = ChipGrid(
        crs: "EPSG:32632", chipPixels: 64, groundSampleDistanceMetres: 10, zoom: 8,
        patchGrid: .paper, origin: .crs, sceneCorner: ProjectedPoint(x: 0, y: 0))
      let rectangles = (0..<items).map {
        PatchRectangle(column: 3 * $0, row: row, columnCount: 2, rowCount: 1)
      }
      let draft = OrderDraft(
        product: ProductID(vendor: "scripted", product: "hr"), grid: grid, rectangles: rectangles)
      let key = UUID()
      try ledger.insertDrafts(
        [NewOrder(key: key, job: job, budget: "b", draft: draft)], at: Date())
      return key
    }

    func buy() async throws { try await purchaser.buy(job: job) { _ in } }

    func balance() throws -> BudgetBalance { try ledger.budget("b") }

    /// What the vendor sold is what the ledger spent; nothing is held; the books are whole.
    func expectClosedBooks() throws {
      let sold = vendor.sales.reduce(Int64(0)) { $0 + $1.price.minorUnits }
      let balance = try balance()
      #expect(balance.spent.minorUnits == sold)
      #expect(balance.held.minorUnits == 0)
      #expect(try ledger.verify().problems == [])
    }
  }

  @Test func `a plain purchase is paid item by item and the patches are owned`() async throws {
    let market = try Market()
    let key = try market.draft(items: 3)
    try await market.buy()
    let order = try market.ledger.order(key)
    #expect(order.state == .settled)
    #expect(order.items.map(\.state) == [.captured, .captured, .captured])
    #expect(try market.balance().spent.description == "3.00 EUR")
    try market.expectClosedBooks()
    // Driving a settled job again does nothing.
    let entries = try market.ledger.verify()
    try await market.buy()
    #expect(try market.ledger.verify() == entries)
  }

  @Test(arguments: [
    [ScriptedVendor.Fault.lostAnswer], [.notSent], [.notSent, .notSent, .lostAnswer],
    [.takenTwice], [.statusUnavailable, .statusUnavailable], [.corruptDownload],
    [.lostAnswer, .blindLookUp],
  ])
  func `a passing fault costs nothing twice`(faults: [ScriptedVendor.Fault]) async throws {
    let market = try Market(faults: faults)
    let key = try market.draft(items: 2)
    try await market.buy()
    #expect(try market.ledger.order(key).state == .settled)
    #expect(market.vendor.sales.count == 1)
    try market.expectClosedBooks()
  }

  @Test func `a refused order gives the hold back`() async throws {
    let market = try Market(faults: [.refused])
    let key = try market.draft(items: 2)
    try await market.buy()
    #expect(try market.ledger.order(key).state == .refused)
    #expect(try market.balance().free.description == "100.00 EUR")
    try market.expectClosedBooks()
  }

  @Test func `a part delivery is paid in part, and the rest can be bought again`() async throws {
    let market = try Market()
    market.vendor.deliverOnly(share: 0.5)
    let key = try market.draft(items: 4)
    try await market.buy()
    let order = try market.ledger.order(key)
    #expect(order.state == .settledInPart)
    #expect(order.items.map(\.state) == [.captured, .captured, .failed, .failed])
    #expect(try market.balance().spent.description == "2.00 EUR")
    #expect(try market.balance().held.minorUnits == 0)
  }

  @Test func `more than the budget is never held`() async throws {
    let market = try Market(budget: "1.50 EUR")
    let first = try market.draft(items: 1, row: 0)
    let second = try market.draft(items: 1, row: 1)
    try await market.buy()
    let states = try [first, second].map { try market.ledger.order($0).state }
    #expect(Set(states) == [.settled, .parked])
    #expect(try market.balance().spent.description == "1.00 EUR")
    try market.expectClosedBooks()
  }

  @Test func `a charge above the quote is not paid`() async throws {
    let market = try Market()
    market.vendor.charge(factor: 2)
    let key = try market.draft(items: 1)
    try await market.buy()
    let order = try market.ledger.order(key)
    #expect(order.state == .parked)
    #expect(order.parking?.reason.contains("2.00 EUR") == true)
    #expect(order.parking?.reason.contains("1.00 EUR") == true)
    #expect(try market.balance().spent.minorUnits == 0)
  }

  @Test func `a quote that is not the price list's parks the order before money moves`()
    async throws
  {
    let market = try Market(listFactor: 2)
    let key = try market.draft(items: 1)
    try await market.buy()
    #expect(try market.ledger.order(key).state == .parked)
    #expect(try market.balance().held.minorUnits == 0)
    #expect(market.vendor.submitCount == 0)
  }

  @Test func `without a look-up, doubt waits for a person and keeps the hold`() async throws {
    let market = try Market(faults: [.lostAnswer], lookUp: .none, repeated: .duplicates)
    let key = try market.draft(items: 1)
    try await market.buy()
    #expect(try market.ledger.order(key).state == .parked)
    #expect(try market.balance().held.description == "1.00 EUR")
    #expect(market.vendor.submitCount == 1)
  }

  @Test func `a vendor without keys is never sent an order a second time`() async throws {
    let market = try Market(faults: [.lostAnswer, .blindLookUp], repeated: .duplicates)
    let key = try market.draft(items: 1)
    try await market.buy()
    #expect(try market.ledger.order(key).state == .parked)
    #expect(market.vendor.submitCount == 1)
  }

  @Test func `bytes that stay damaged are kept aside and not paid`() async throws {
    let market = try Market(faults: [.corruptDownload, .corruptDownload])
    let key = try market.draft(items: 1)
    try await market.buy()
    #expect(try market.ledger.order(key).state == .parked)
    #expect(try market.balance().spent.minorUnits == 0)
  }

  @Test func `a parked order goes on when a person says so`() async throws {
    let market = try Market(faults: [.corruptDownload, .corruptDownload])
    let key = try market.draft(items: 1)
    try await market.buy()
    #expect(try market.ledger.order(key).state == .parked)
    try await market.buy()
    #expect(try market.ledger.order(key).state == .parked)
    try await market.purchaser.resume(job: market.job)
    try await market.buy()
    #expect(try market.ledger.order(key).state == .settled)
    try market.expectClosedBooks()
  }

  @Test func `cancelling frees what was not sent`() async throws {
    let market = try Market()
    let key = try market.draft(items: 1)
    try await market.purchaser.cancel(job: market.job)
    #expect(try market.ledger.order(key).state == .cancelled)
    try await market.buy()
    #expect(market.vendor.sales.isEmpty)
    try market.expectClosedBooks()
  }

  @Test func `a cancelled job does not send an order that turns out not to have arrived`()
    async throws
  {
    let market = try Market()
    let key = try market.draft(items: 1)
    let price = try Money(parsing: "1.00 EUR")
    let quote = RecordedQuote(
      price: price, validUntil: nil, document: try JSON.encoder().encode(Quote(price: price)))
    let steps = [
      OrderChange(key, from: [.drafted], to: .quoted, .recordQuote(quote)),
      OrderChange(key, from: [.quoted], to: .held, .hold(price)),
      OrderChange(
        key, from: [.held], to: .submitting,
        .attempt(bodyDigest: String(repeating: "0", count: 64))),
    ]
    for step in steps { try market.ledger.apply(step, actor: "test", at: Date()) }
    try await market.purchaser.recover()
    try await market.purchaser.cancel(job: market.job)
    #expect(try market.balance().held == price)
    try await market.purchaser.buy(job: market.job, sendsOrders: false) { _ in }
    #expect(try market.ledger.order(key).state == .cancelled)
    #expect(market.vendor.submitCount == 0)
    try market.expectClosedBooks()
  }

  @Test func `an order that had arrived before a crash is looked up, not sent again`()
    async throws
  {
    let market = try Market()
    let key = try market.draft(items: 1)
    let order = try market.ledger.order(key)
    let quote = try await market.vendor.quote(order.draft)
    let submission = try market.vendor.submission(for: order.draft, quote: quote, key: key)
    let recorded = RecordedQuote(
      price: quote.price, validUntil: nil, document: try JSON.encoder().encode(quote))
    let steps = [
      OrderChange(key, from: [.drafted], to: .quoted, .recordQuote(recorded)),
      OrderChange(key, from: [.quoted], to: .held, .hold(quote.price)),
      OrderChange(key, from: [.held], to: .submitting, .attempt(bodyDigest: submission.digest)),
    ]
    for step in steps { try market.ledger.apply(step, actor: "test", at: Date()) }
    _ = try await market.vendor.submit(submission)
    try await market.purchaser.recover()
    try await market.buy()
    #expect(try market.ledger.order(key).state == .settled)
    // The vendor would answer a second time without selling twice; nobody may rely on that.
    #expect(market.vendor.submitCount == 1)
    try market.expectClosedBooks()
  }

  // A restart can come after every committed change: the process ends, recovery runs, and another
  // purchaser goes on. The n-th change is the last one of the first run, for every n.
  @Test func `a restart after any change buys nothing twice`() async throws {
    for faults in [[], [ScriptedVendor.Fault.lostAnswer]] {
      var changeCount = 1
      while true {
        let market = try Market(faults: faults)
        let key = try market.draft(items: 2)
        let stop = StopAfter(count: changeCount)
        let run = Task { try await market.purchaser.buy(job: market.job) { _ in stop.count() } }
        stop.onReached { run.cancel() }
        let finished = (try? await run.value) != nil
        try await market.purchaser.recover()
        try await market.buy()
        #expect(try market.ledger.order(key).state == .settled, "after change \(changeCount)")
        #expect(market.vendor.sales.count == 1)
        try market.expectClosedBooks()
        if finished { break }
        changeCount += 1
      }
      #expect(changeCount > 6)
    }
  }
}

/// Calls a closure when it has counted so far.
private final class StopAfter: Sendable {
  private let lock = NSLock()
  nonisolated(unsafe) private var left: Int
  nonisolated(unsafe) private var action: (@Sendable () -> Void)?

  init(count: Int) { left = count }

  func onReached(_ action: @escaping @Sendable () -> Void) {
    let isReached = lock.withLock {
      self.action = action
      return left <= 0
    }
    if isReached { action() }
  }

  func count() {
    let action = lock.withLock { () -> (@Sendable () -> Void)? in
      left -= 1
      return left == 0 ? self.action : nil
    }
    action?()
  }
}
