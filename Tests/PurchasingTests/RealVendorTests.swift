// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Planning
import Platform
import Purchasing
import TestSupport
import Testing
import Transfer
import VendorServer
import Vendors

/// Purchases from our own vendor, over a socket, with its faults: sold = bought = ledger.
@Suite(.timeLimit(.minutes(10))) struct RealVendorTests {
  /// A script of the vendor's, and how the order stands at the end, and after a person's retry.
  struct Case: Sendable, CustomTestStringConvertible {
    let rules: String
    let end: OrderState
    let afterRetry: OrderState

    init(_ rules: String, _ end: OrderState, retried: OrderState? = nil) {
      self.rules = rules
      self.end = end
      afterRetry = retried ?? end
    }

    var testDescription: String { rules }
  }

  static let cases = [
    Case("", .settled),
    Case("{when: quote, fault: 503, times: 3}", .settled),
    Case("{when: quote, fault: 429, with: {retry_after: 2}}", .settled),
    Case("{when: quote, fault: html}", .parked),
    Case("{when: quote, fault: clock, with: {seconds: -86400}}", .settled),
    Case("{when: quote, fault: price, with: {percent: 150}}", .parked),
    Case("{when: submit, fault: lost-answer}", .settled),
    Case("{when: submit, fault: lost-answer, with: {at: body}}", .settled),
    Case(
      "{when: submit, fault: lost-answer}, {when: lookup, fault: 503, times: 3}", .settled),
    Case("{when: submit, fault: 500, times: 2}", .settled),
    Case("{when: submit, fault: 429}", .settled),
    Case("{when: submit, fault: hang-up}", .settled),
    Case("{when: submit, fault: html}", .settled),
    Case("{when: submit, fault: refuse}", .refused),
    Case("{when: submit, fault: 402}", .refused),
    Case("{when: status, fault: 503, times: 7}", .settled),
    Case("{when: status, fault: state, with: {as: BEING_FULFILLED}, times: 3}", .settled),
    Case("{when: status, fault: twice, times: always}", .settled),
    Case("{when: fulfil, fault: charge, with: {percent: 50}}", .settled),
    Case("{when: fulfil, fault: charge, with: {percent: 150}}", .parked),
    Case("{when: fulfil, fault: charge, with: {percent: 0}}", .parked),
    Case("{when: fulfil, fault: fail, item: 1}", .settledInPart),
    Case("{when: fulfil, fault: fail}", .failed),
    Case("{when: fulfil, fault: withdraw}", .settledInPart),
    Case("{when: fulfil, fault: refund, with: {percent: 40, times: 2}}", .settled),
    Case("{when: fulfil, fault: refund, with: {percent: 40, unknown: 'true'}}", .settled),
    Case("{when: deliveries, fault: 503, times: 2}", .settled),
    Case("{when: deliveries, fault: checksum}", .settled),
    Case("{when: deliveries, fault: checksum, times: always}", .parked),
    Case("{when: deliveries, fault: omit}", .parked, retried: .settled),
    Case("{when: download, fault: cut}", .settled),
    Case("{when: download, fault: corrupt}", .settled),
    Case("{when: download, fault: short}", .settled),
    Case("{when: download, fault: 403}", .settled),
    Case("{when: download, fault: 503, times: 3}", .settled),
  ]

  @Test(arguments: cases)
  func `both sides' books agree, whatever goes wrong`(given: Case) async throws {
    let shop = try Shop()
    try await shop.trading("[\(given.rules)]") { vendor in
      let key = try shop.draft()
      let clock = VirtualClock()
      let purchaser = shop.purchaser(vendor, clock)
      do {
        try await purchaser.buy(job: shop.job) { _ in }
      } catch PurchaseError.quotaExhausted {
        // A refusal that is a person's business is told as well as recorded.
      }
      let story = try shop.story(key)
      #expect(try shop.ledger.order(key).state == given.end, "\(story)")
      try await shop.expectEqualBooks()
      if given.afterRetry != given.end {
        try await purchaser.resume(job: shop.job)
        try await purchaser.buy(job: shop.job) { _ in }
        let story = try shop.story(key)
        #expect(try shop.ledger.order(key).state == given.afterRetry, "\(story)")
        try await shop.expectEqualBooks()
      }
      try await shop.reconcile(vendor)
      try await shop.expectEqualBooks(afterRefunds: true)
    }
  }

  /// Our vendor with a state of its own, and a ledger beside it.
  private final class Shop: Sendable {
    let folder: TemporaryFolder
    let ledger: Ledger
    let job = UUID()
    private let prices: URL

    init() throws {
      folder = try TemporaryFolder()
      prices = folder.url.appending(path: "prices.yaml")
      try """
      vendor: shop
      currency: EUR
      source: "invented for this test"
      products:
        hr-10m: {per: km2, rate: "850", minimum_charge: 500, fee_per_order: 150}
      """.write(to: prices, atomically: false, encoding: .utf8)
      ledger = try Ledger(in: folder.url)
      let limit = try Money(parsing: "100.00 EUR")
      try ledger.createBudget("b", currency: limit.currency, actor: "test", at: Date())
      try ledger.grant(limit, to: "b", actor: "test", at: Date())
    }

    private var socket: String { "\(folder.url.path)/s" }

    func trading(
      _ script: String, _ body: @escaping @Sendable (FoveaVendor) async throws -> Void
    ) async throws {
      let server = try await VendorServer(
        VendorServerConfiguration(
          imageFile: TestPaths.root.appending(path: "etc/demo/eurosat_hr.tif"),
          pricesFile: prices, product: "hr-10m", address: .unixSocket(path: socket),
          stateFolder: folder.url.appending(path: "vendor"), terms: VendorTerms(),
          faults: try FaultScript(yaml: script), logsOrders: false))
      let vendor = try FoveaVendor(
        VendorConfiguration(
          name: "shop", url: "unix:\(socket)", trustsLocal: true, product: "hr-10m",
          pricesFile: prices), client: HTTPClient())
      try await server.serve { _ in try await body(vendor) }
    }

    /// Drafts two items of four patches each.
    func draft() throws -> UUID {
      let grid = ChipGrid(
        crs: "EPSG:32632", chipPixels: 64, groundSampleDistanceMetres: 10, zoom: 8,
        patchGrid: .paper, origin: .scene, sceneCorner: ProjectedPoint(x: 640_130, y: 5_330_410))
      let corner = (column: 640_130 / 640 * 4, row: -(5_330_410 / 640) * 4)
      let draft = OrderDraft(
        product: ProductID(vendor: "shop", product: "hr-10m"), grid: grid,
        rectangles: (0..<2).map {
          PatchRectangle(
            column: corner.column + 3 * $0, row: corner.row + 2, columnCount: 2, rowCount: 2)
        })
      let key = UUID()
      try ledger.insertDrafts([NewOrder(key: key, job: job, budget: "b", draft: draft)], at: Date())
      return key
    }

    func purchaser(_ vendor: FoveaVendor, _ clock: VirtualClock) -> Purchaser {
      let time = clock.hurried
      return Purchaser(
        ledger: ledger, sellers: ["shop": seller(vendor, time)], stateDirectory: folder.url,
        receive: { download, _, _, clean in
          let bytes = try Data(contentsOf: download)
          try DurableFile.write(bytes, to: clean)
          return StoredFile(sha256: Digest.sha256(bytes), byteCount: Int64(bytes.count))
        }, pool: ComputePool(threadCount: 1), clock: time)
    }

    private func seller(_ vendor: FoveaVendor, _ clock: PurchaseClock) -> Seller {
      Seller(vendor: vendor, isLocal: true, clock: clock) { [prices] draft in
        try PriceList(contentsOf: prices).rule(for: draft.product).price(of: draft)
      }
    }

    func reconcile(_ vendor: FoveaVendor) async throws {
      _ = try await Reconciler(ledger: ledger, pool: ComputePool(threadCount: 1)).reconcile(
        seller(vendor, .system()), name: "shop", actor: "test", at: Date())
    }

    func story(_ key: UUID) throws -> String {
      let order = try ledger.order(key)
      return "\(order.state): \(order.parking?.reason ?? "") \(try ledger.history(of: key))"
    }

    /// What the vendor sold is what the ledger paid, disputes or still holds for a parked order.
    func expectEqualBooks(afterRefunds: Bool = false) async throws {
      let response = try await HTTPClient().send(
        HTTPRequest(.get, "/books", to: Endpoint(unixSocket: socket)))
      let books = try JSON.decoder().decode(Books.self, from: response.body)
      let balance = try ledger.budget("b")
      let open = try ledger.openOrders()
      #expect(open.allSatisfy { $0.state == .parked && $0.parking?.remedy.isEmpty == false })
      #expect(balance.held.minorUnits == open.reduce(0) { $0 + $1.held.minorUnits })
      if balance.held.minorUnits == 0 {
        let ours = Set(books.orders.map(\.orderId))
        let back = books.refunds.filter { afterRefunds && ours.contains($0.orderId) }
          .reduce(0) { $0 + $1.amount.minorUnits }
        #expect(
          balance.spent.minorUnits + balance.disputed.minorUnits
            == books.total.minorUnits - back)
      }
      #expect(try ledger.verify().isSound)
    }

    private struct Books: Decodable {
      struct Order: Decodable { let orderId: String }
      struct Refund: Decodable {
        let orderId: String
        let amount: Money
      }
      let orders: [Order]
      let refunds: [Refund]
      let total: Money
    }
  }
}
