// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Planning
import Platform
import TestSupport
import Testing
import Transfer
import VendorServer
import Vendors

/// The adapter and the real vendor, over a Unix socket.
@Suite struct FoveaVendorTests {
  private let market: FoveaMarket
  private var draft: OrderDraft { market.draft }
  private var folder: TemporaryFolder { market.folder }
  private var prices: URL { market.prices }

  init() throws { market = try FoveaMarket([(3, 2, 3, 2), (9, 5, 1, 1)]) }

  /// Runs the vendor, and a test against it.
  private func trading(
    faults: [String] = [], delay: Duration = .zero,
    _ body: @escaping @Sendable (FoveaVendor, Shopkeeper) async throws -> Void
  ) async throws {
    var terms = VendorTerms()
    terms.delay = delay
    let script = FaultScript(try faults.map { try #require(FaultRule($0)) })
    let shopkeeper = Shopkeeper(
      client: HTTPClient(), endpoint: try Endpoint(unixSocket: "\(folder.url.path)/s"))
    try await market.trading(script, terms: terms) { vendor in try await body(vendor, shopkeeper) }
  }

  /// Buys the draft and waits for it.
  private static func buy(
    _ draft: OrderDraft, from vendor: FoveaVendor
  ) async throws -> (receipt: Receipt, report: StatusReport) {
    let quote = try await vendor.quote(draft)
    let receipt = try await vendor.submit(
      try vendor.submission(for: draft, quote: quote, key: newKey()))
    while true {
      let report = try await vendor.status(receipt.vendorOrderID)
      if report.state.isFinal { return (receipt, report) }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  @Test func `it conforms`() async throws {
    try await trading { [draft] vendor, _ in
      try await VendorConformance(vendor: vendor, draft: draft).check()
    }
  }

  @Test func `the quote is the price rule's`() async throws {
    try await trading { [draft, prices] vendor, _ in
      let rule = try PriceList(contentsOf: prices).rule(for: draft.product)
      for count in 1...draft.rectangles.count {
        let part = OrderDraft(
          product: draft.product, grid: draft.grid,
          rectangles: Array(draft.rectangles.prefix(count)))
        let quote = try await vendor.quote(part)
        #expect(quote.price == (try rule.price(of: part)))
        #expect(quote.areaSquareMillimetres == part.areaSquareMillimetres)
      }
    }
  }

  @Test func `what comes is the window, pixel by pixel`() async throws {
    try await trading { [draft, folder] vendor, _ in
      let (receipt, _) = try await Self.buy(draft, from: vendor)
      let deliveries = try await vendor.deliveries(receipt.vendorOrderID)
      // Patches of 16 pixels: the rectangles of the draft, in pixels of the scene.
      for (delivery, window) in zip(deliveries, ["48 32 48 32", "144 80 16 16"]) {
        let file = folder.url.appending(path: "item.tif")
        try await vendor.download(delivery, to: file) { _ in }
        let bought = try await rawPixels(of: file, window: nil, in: folder.url)
        #expect(
          try await rawPixels(of: FoveaMarket.image, window: window, in: folder.url) == bought)
        #expect(!bought.isEmpty)
      }
    }
  }

  @Test func `an answer that is lost leaves one order, found by its key`() async throws {
    try await trading(faults: ["submit:lost-answer:1"]) { [draft] vendor, shopkeeper in
      let key = newKey()
      let quote = try await vendor.quote(draft)
      let submission = try vendor.submission(for: draft, quote: quote, key: key)
      let error = try await #require(throws: SubmitError.self) {
        _ = try await vendor.submit(submission)
      }
      guard case .unknown = error else {
        Issue.record("\(error)")
        return
      }
      let found = try await vendor.lookUp(key)
      #expect(found.count == 1)
      // The same key and bytes get the first answer, and no second order.
      let again = try await vendor.submit(submission)
      #expect(found.map(\.vendorOrderID) == [again.vendorOrderID])
      #expect(try await shopkeeper.books().orders.count == 1)
    }
  }

  @Test func `a key is for one body`() async throws {
    try await trading { [draft] vendor, _ in
      let key = newKey()
      let quote = try await vendor.quote(draft)
      let submission = try vendor.submission(for: draft, quote: quote, key: key)
      _ = try await vendor.submit(submission)
      let other = Submission(key: key, body: submission.body + Data(" ".utf8))
      let error = try await #require(throws: SubmitError.self) {
        _ = try await vendor.submit(other)
      }
      guard case .refused(422, _) = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test func `wrong bytes are not taken for an item`() async throws {
    try await trading(faults: ["download:corrupt:1"]) { [draft, folder] vendor, _ in
      let (receipt, _) = try await Self.buy(draft, from: vendor)
      let delivery = try #require(try await vendor.deliveries(receipt.vendorOrderID).first)
      let file = folder.url.appending(path: "item.tif")
      let error = try await #require(throws: VendorError.self) {
        try await vendor.download(delivery, to: file) { _ in }
      }
      guard case .badDelivery("shop", 0, _) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(!FileManager.default.fileExists(atPath: file.path))
      try await vendor.download(delivery, to: file) { _ in }
      #expect(try Digest.sha256(ofFileAt: file) == delivery.sha256)
    }
  }

  @Test func `a download that is cut goes on`() async throws {
    try await trading(faults: ["download:cut:2"]) { [draft, folder] vendor, _ in
      let (receipt, _) = try await Self.buy(draft, from: vendor)
      let delivery = try #require(try await vendor.deliveries(receipt.vendorOrderID).first)
      let file = folder.url.appending(path: "item.tif")
      try await vendor.download(delivery, to: file) { _ in }
      #expect(try Digest.sha256(ofFileAt: file) == delivery.sha256)
    }
  }

  @Test func `a refusal sells nothing, and trouble passes`() async throws {
    try await trading(faults: ["submit:refuse:1", "status:503:2"]) { [draft] vendor, shopkeeper in
      let quote = try await vendor.quote(draft)
      let error = try await #require(throws: SubmitError.self) {
        _ = try await vendor.submit(try vendor.submission(for: draft, quote: quote, key: newKey()))
      }
      guard case .refused(422, _) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(try await shopkeeper.books().orders.isEmpty)
      for _ in 0..<2 {
        let error = try await #require(throws: VendorError.self) {
          _ = try await vendor.status("o")
        }
        #expect(error.isTransient)
      }
      let error2 = try await #require(throws: VendorError.self) { _ = try await vendor.status("o") }
      #expect("\(error2)".contains("There is no order o."))
    }
  }

  @Test func `an order can be cancelled until it is delivered, and costs nothing`() async throws {
    try await trading(delay: .seconds(3600)) { [draft] vendor, shopkeeper in
      let quote = try await vendor.quote(draft)
      let receipt = try await vendor.submit(
        try vendor.submission(for: draft, quote: quote, key: newKey()))
      #expect(try await vendor.cancel(receipt.vendorOrderID) == .requested)
      #expect(try await vendor.cancel(receipt.vendorOrderID) == .requested)
      let report = try await vendor.status(receipt.vendorOrderID)
      #expect(report.state == .cancelled)
      #expect(report.charged.minorUnits == 0)
      #expect(try await shopkeeper.books().sales.isEmpty)
    }
  }

  @Test func `the books are the sum of what was charged`() async throws {
    try await trading { [draft] vendor, shopkeeper in
      var charged: Int64 = 0
      for _ in 0..<3 {
        let (_, report) = try await Self.buy(draft, from: vendor)
        charged += report.charged.minorUnits
      }
      let books = try await shopkeeper.books()
      #expect(books.total.minorUnits == charged)
      #expect(books.sales.reduce(0) { $0 + $1.charge.minorUnits } == charged)
      #expect(books.sales.count == 6)
      #expect(charged > 0)
    }
  }
}

/// Reads the vendor's own books.
private struct Shopkeeper: Sendable {
  struct Sale: Decodable {
    let charge: Money
  }

  struct Order: Decodable {
    let orderId: String
  }

  struct Books: Decodable {
    let orders: [Order]
    let sales: [Sale]
    let total: Money
  }

  let client: HTTPClient
  let endpoint: Endpoint

  func books() async throws -> Books {
    let response = try await client.send(HTTPRequest(.get, "/books", to: endpoint))
    return try JSON.decoder().decode(Books.self, from: response.body)
  }
}

/// The samples of a GeoTIFF, or of a window of it, as GDAL's own program writes them.
private func rawPixels(of file: URL, window: String?, in folder: URL) async throws -> Data {
  let raw = folder.appending(path: "raw.img")
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  var arguments = ["gdal_translate", "-q", "-of", "ENVI", "-mask", "none"]
  if let window { arguments += ["-srcwin"] + window.components(separatedBy: " ") }
  process.arguments = arguments + [file.path, raw.path]
  try await ComputePool(threadCount: 1).run {
    try process.run()
    process.waitUntilExit()
  }
  #expect(process.terminationStatus == 0)
  return try Data(contentsOf: raw)
}
