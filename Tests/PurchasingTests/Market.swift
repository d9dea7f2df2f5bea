// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Platform
import Purchasing
import TestSupport
import Testing
import Vendors

/// A budget, a vendor and a purchaser on a folder of their own, in a time of their own.
final class Market {
  let folder: TemporaryFolder
  private(set) var ledger: Ledger
  let vendor: ScriptedVendor
  let clock = VirtualClock()
  let job = UUID()
  private let listFactor: Int64
  /// Wakes when a crash point is reached; throws to end the purchase there.
  var reach: @Sendable (CrashPoint) throws -> Void = { _ in }

  init(
    faults: [ScriptedVendor.Fault] = [], budget: String = "100.00 EUR",
    lookUp: VendorCapabilities.LookUp = .byKey,
    repeated: VendorCapabilities.RepeatedSubmit = .replays, lag: Duration? = .zero,
    listFactor: Int64 = 1
  ) throws {
    folder = try TemporaryFolder()
    ledger = try Ledger(in: folder.url)
    self.listFactor = listFactor
    let limit = try Money(parsing: budget)
    try ledger.createBudget("b", currency: limit.currency, actor: "test", at: clock.now)
    if limit.minorUnits > 0 { try ledger.grant(limit, to: "b", actor: "test", at: clock.now) }
    vendor = ScriptedVendor(
      faults: faults, pricePerPatch: try Money(parsing: "0.50 EUR"), lookUp: lookUp,
      repeated: repeated, lag: lag, clock: clock)
  }

  var seller: Seller {
    Seller(vendor: vendor, clock: clock.purchaseClock) { [vendor, listFactor] draft in
      let price = vendor.price(draft)
      return try Money(minorUnits: price.minorUnits * listFactor, currency: price.currency)
    }
  }

  /// A purchaser as a process has it: another one knows nothing of what the first one remembered.
  func purchaser() -> Purchaser {
    Purchaser(
      ledger: ledger, sellers: ["scripted": seller], stateDirectory: folder.url,
      receive: { download, _, _, clean in
        let bytes = try Data(contentsOf: download)
        try DurableFile.write(bytes, to: clean)
        return StoredFile(sha256: Digest.sha256(bytes), byteCount: Int64(bytes.count))
      }, policy: .standard, pool: ComputePool(threadCount: 1), clock: clock.purchaseClock,
      reach: reach)
  }

  /// Closes the ledger and opens it again, as a restart does.
  func restart() throws {
    try ledger.close()
    ledger = try Ledger(in: folder.url)
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
      [NewOrder(key: key, job: job, budget: "b", draft: draft)], at: clock.now)
    return key
  }

  func buy() async throws { try await purchaser().buy(job: job) { _ in } }

  func order(_ key: UUID) throws -> OrderRecord { try ledger.order(key) }

  func balance() throws -> BudgetBalance { try ledger.budget("b") }

  @discardableResult
  func resolve(
    _ key: UUID, _ resolution: PurchaseMachine.Resolution
  ) throws -> OrderRecord {
    try Purchaser.resolve(
      key, resolution, reason: "the vendor said so", actor: "ann", in: ledger, at: clock.now)
  }

  /// What the vendor sold is what the ledger spent and disputes; what is held belongs to an order
  /// that waits with reason and remedy; the books are whole.
  func expectClosedBooks(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let balance = try balance()
    let open = try ledger.openOrders()
    let charged = await vendor.charged()
    if open.isEmpty {
      #expect(
        balance.spent.minorUnits + balance.disputed.minorUnits == charged,
        sourceLocation: sourceLocation)
    }
    for order in open {
      #expect(order.state == .parked, sourceLocation: sourceLocation)
      #expect(order.parking?.reason.isEmpty == false, sourceLocation: sourceLocation)
      #expect(order.parking?.remedy.isEmpty == false, sourceLocation: sourceLocation)
    }
    let held = open.reduce(Int64(0)) { $0 + $1.held.minorUnits }
    #expect(balance.held.minorUnits == held, sourceLocation: sourceLocation)
    #expect(try ledger.verify().problems == [], sourceLocation: sourceLocation)
  }
}
