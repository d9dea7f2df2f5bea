// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Planning
import Platform
import Purchasing
import Raster
import Synchronization
import TestSupport
import Testing
import VendorServer
import Vendors

/// Whole purchases at our vendor while it fails: what it sold is what the ledger spent, to the
/// minor unit.
@Suite struct SoldIsBoughtTests {
  private let market: FoveaMarket

  init() throws { market = try FoveaMarket([(0, 2, 2, 2), (3, 2, 2, 2), (6, 2, 1, 2)]) }

  /// A script of rules, and how the order must end.
  struct Run: Sendable, CustomTestStringConvertible {
    let rules: String
    let end: Set<OrderState>

    init(_ rules: String, _ end: OrderState...) {
      self.rules = rules
      self.end = Set(end)
    }

    var testDescription: String { rules }
  }

  @Test(arguments: [
    Run("", .settled), Run("{when: submit, fault: lost-answer, with: {at: body}}", .settled),
    Run("{when: submit, fault: hang-up}", .settled),
    Run("{when: submit, fault: 500, times: 2}", .settled),
    Run("{when: submit, fault: 429}", .settled),
    Run(
      "{when: submit, fault: lost-answer}, {when: lookup, fault: 503, times: 2}, "
        + "{when: status, fault: html}", .settled, .parked),
    Run("{when: status, fault: state, times: 2}", .settled),
    Run("{when: status, fault: 429, times: 2, with: {retry_after: 315360000}}", .settled),
    Run("{when: download, fault: cut, times: 3}, {when: download, fault: 503}", .settled),
    Run("{when: download, fault: corrupt, item: 1}", .settled),
    Run("{when: download, fault: corrupt, item: 1, times: always}", .parked),
    Run("{when: download, fault: 403, times: 2}", .settled),
    Run("{when: deliveries, fault: twice}", .settled),
    Run("{when: deliveries, fault: checksum, times: always}", .parked),
    Run("{when: fulfil, fault: wrong-image, item: 2, with: {kind: place}}", .parked),
    Run("{when: fulfil, fault: wrong-image, item: 0, with: {kind: absurd}}", .parked),
    Run("{when: fulfil, fault: wrong-image, item: 0, with: {kind: bands}}", .parked),
    Run("{when: fulfil, fault: fail, item: 1}", .settledInPart),
    Run("{when: fulfil, fault: fail}", .failed),
    Run("{when: fulfil, fault: charge, with: {percent: 50}}", .settled),
    Run("{when: fulfil, fault: withdraw, with: {items: 1}}", .settledInPart, .cancelled, .parked),
    Run("{when: quote, fault: price, with: {percent: 300}}", .parked),
    Run("{when: submit, fault: refuse}", .refused),
    Run("{when: status, fault: price, times: always, with: {as: other-currency}}", .parked),
  ])
  func `one order`(run: Run) async throws {
    try await market.trading(try FaultScript(yaml: "[\(run.rules)]")) { [market] vendor in
      let buyer = try Buyer(market, vendor)
      try await buyer.buy(rounds: 1)
      let order = try #require(try buyer.orders().first)
      #expect(run.end.contains(order.state), "\(order.state): \(order.parking?.reason ?? "")")
      try await buyer.expectEqualBooks()
    }
  }

  @Test(arguments: 1...4)
  func `everything at once, by chance`(seed: Int) async throws {
    let script = try FaultScript(
      yaml: """
        seed: \(seed)
        faults:
          - {when: quote, fault: 503, times: always, chance: 15}
          - {when: submit, fault: lost-answer, times: always, chance: 20, with: {at: head}}
          - {when: submit, fault: 502, times: always, chance: 15}
          - {when: lookup, fault: 500, times: always, chance: 15}
          - {when: status, fault: state, times: always, chance: 25}
          - {when: status, fault: hang-up, times: always, chance: 15}
          - {when: deliveries, fault: twice, times: always, chance: 20}
          - {when: download, fault: cut, times: always, chance: 20}
          - {when: download, fault: 503, times: always, chance: 10}
          - {when: fulfil, fault: fail, item: 1, times: always, chance: 20}
          - {when: fulfil, fault: charge, times: always, chance: 20, with: {percent: 70}}
        """)
    try await market.trading(script) { [market] vendor in
      let buyer = try Buyer(market, vendor, orderCount: 6)
      try await buyer.buy(rounds: 20)
      let states = try buyer.orders().map(\.state)
      #expect(states.allSatisfy { [.settled, .settledInPart].contains($0) }, "\(states)")
      try await buyer.expectEqualBooks()
    }
  }
}

/// A budget and a purchaser that do not wait.
private struct Buyer: Sendable {
  private let market: FoveaMarket
  private let ledger: Ledger
  private let purchaser: Purchaser
  private let job = UUID()

  init(_ market: FoveaMarket, _ vendor: FoveaVendor, orderCount: Int = 1) throws {
    self.market = market
    let folder = market.folder.url.appending(path: "buyer")
    try DurableFile.createFolder(folder)
    ledger = try Ledger(in: folder)
    let limit = try Money(parsing: "1000.00 EUR")
    try ledger.createBudget("b", currency: limit.currency, actor: "test", at: Date())
    try ledger.grant(limit, to: "b", actor: "test", at: Date())
    let clock = HastyClock().purchaseClock
    let rule = try PriceList(contentsOf: market.prices).rule(for: market.draft.product)
    let compute = ComputePool(threadCount: 1)
    purchaser = Purchaser(
      ledger: ledger,
      sellers: [
        "shop": Seller(vendor: vendor, clock: clock) { try rule.price(of: $0) }
      ], stateDirectory: folder,
      receive: { download, draft, item, clean in
        try await compute.run { try Self.receive(download, draft, item, clean) }
      }, pool: ComputePool(threadCount: 1), clock: clock)
    for number in 0..<orderCount {
      // The same ground, some rows further south: no patch is bought twice.
      let draft = OrderDraft(
        product: market.draft.product, grid: market.draft.grid,
        rectangles: market.draft.rectangles.map {
          PatchRectangle(
            column: $0.column, row: $0.row + 3 * number, columnCount: $0.columnCount,
            rowCount: $0.rowCount)
        })
      try ledger.insertDrafts(
        [NewOrder(key: newKey(), job: job, budget: "b", draft: draft)], at: Date())
    }
  }

  private static func receive(
    _ download: URL, _ draft: OrderDraft, _ item: Int, _ clean: URL
  ) throws -> StoredFile {
    let (grid, rectangle) = (draft.grid, draft.rectangles[item])
    let ground = rectangle.ground(on: grid)
    let expected = RasterLayout(
      width: rectangle.columnCount * grid.patchPixels,
      height: rectangle.rowCount * grid.patchPixels, bandCount: 3, pixelType: .uint8,
      crs: grid.lattice.crs,
      transform: GeoTransform(
        originX: ground.west, originY: ground.north, pixelSize: grid.groundSampleDistanceMetres))
    do {
      _ = try Ingest.delivery(download, cleanCopy: clean, expected: expected)
    } catch {
      throw DeliveryRejection("\(error)")
    }
    let bytes = try Data(contentsOf: clean)
    return StoredFile(sha256: Digest.sha256(bytes), byteCount: Int64(bytes.count))
  }

  /// Buys, and again after a failure or a parking, as a person would by retrying the job.
  func buy(rounds: Int) async throws {
    for _ in 0..<rounds {
      do {
        try await purchaser.recover()
        try await purchaser.buy(job: job) { _ in }
      } catch is PurchaseError {
        // The vendor stays out of reach for this round.
      }
      if try orders().allSatisfy(\.state.isFinal) { return }
      if rounds > 1 { try await purchaser.resume(job: job) }
    }
  }

  func orders() throws -> [OrderRecord] { try ledger.orders(job: job) }

  /// The vendor's sales are our payments; what is held belongs to an order that waits.
  func expectEqualBooks() async throws {
    let books = try await market.shopkeepers("/books")
    let sales = try #require(books["sales"] as? [[String: Any]])
    var sold: [String: Int64] = [:]
    for sale in sales {
      let charge = try #require((sale["charge"] as? [String: Any])?["minor_units"] as? Int)
      sold[try #require(sale["reference"] as? String), default: 0] += Int64(charge)
    }
    var held: Int64 = 0
    for order in try orders() {
      if order.state.isFinal {
        #expect(order.captured.minorUnits == sold[order.key.text] ?? 0)
      } else {
        #expect(order.captured.minorUnits <= sold[order.key.text] ?? 0)
        held += order.held.minorUnits
      }
    }
    let balance = try ledger.budget("b")
    #expect(balance.spent.minorUnits == (try orders().reduce(0) { $0 + $1.captured.minorUnits }))
    #expect(balance.held.minorUnits <= held)
    #expect(try ledger.orders(job: job).allSatisfy { $0.state != .submitting })
  }
}

/// Time that passes as fast as somebody waits for it.
private final class HastyClock: Sendable {
  private let waited = Mutex(Duration.zero)
  private let start = ContinuousClock.now

  var purchaseClock: PurchaseClock {
    PurchaseClock(
      now: { Date() }, instant: { self.start + self.waited.withLock { $0 } },
      sleep: { duration in
        self.waited.withLock { $0 += duration }
        try await Task.sleep(for: .milliseconds(5))
      }, chance: { 0.5 })
  }
}
