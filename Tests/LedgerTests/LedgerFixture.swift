// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import GRDB
import Ledger
import Platform
import TestSupport

/// A ledger in a folder of its own, with what most tests need.
final class LedgerFixture {
  let folder: TemporaryFolder
  private(set) var ledger: Ledger
  let euro: Currency
  let job = UUID()
  let now = Date(timeIntervalSince1970: 1_767_323_045)
  let grid = ChipGrid(
    crs: "EPSG:32632", chipPixels: 64, groundSampleDistanceMetres: 10, zoom: 8, patchGrid: .paper,
    origin: .crs, sceneCorner: ProjectedPoint(x: 0, y: 0))
  let product = ProductID(vendor: "vendor", product: "hr")

  /// A ledger with the budget `b` of so many minor units.
  init(granted: Int64 = 10_000) throws {
    folder = try TemporaryFolder()
    ledger = try Ledger(in: folder.url)
    euro = try Currency(code: "EUR")
    try ledger.createBudget("b", currency: euro, actor: "test", at: now)
    if granted > 0 { try ledger.grant(money(granted), to: "b", actor: "test", at: now) }
  }

  func money(_ minorUnits: Int64) throws -> Money {
    try Money(minorUnits: minorUnits, currency: euro)
  }

  func balance() throws -> BudgetBalance { try ledger.budget("b") }

  /// Closes the ledger and opens it again, as a restart does.
  func reopen() throws {
    try ledger.close()
    ledger = try Ledger(in: folder.url)
  }

  /// Drafts an order of rectangles of one row each, two patches wide.
  @discardableResult
  func draft(rows: [Int], column: Int = 0) throws -> UUID {
    let key = UUID()
    let rectangles = rows.map {
      PatchRectangle(column: column, row: $0, columnCount: 2, rowCount: 1)
    }
    let draft = OrderDraft(product: product, grid: grid, rectangles: rectangles)
    try ledger.insertDrafts([NewOrder(key: key, job: job, budget: "b", draft: draft)], at: now)
    return key
  }

  /// Applies a change from whatever state the order is in.
  @discardableResult
  func apply(_ key: UUID, to state: OrderState, _ effects: OrderEffect...) throws -> OrderRecord {
    try ledger.apply(
      OrderChange(key, from: Set(OrderState.allCases), to: state, effects: effects),
      actor: "test", at: now)
  }

  /// Takes an order as far as a vendor's acceptance.
  func submit(_ key: UUID, holding minorUnits: Int64) throws {
    try apply(key, to: .held, .hold(money(minorUnits)))
    try apply(key, to: .submitting, .attempt(bodyDigest: digest))
    try apply(key, to: .delivering, .recordVendorOrder(id: "v-\(key.text)"))
  }

  /// Stores and pays an item.
  func buy(_ key: UUID, item: Int, for minorUnits: Int64) throws {
    try apply(
      key, to: .delivering,
      .storeItem(
        number: item, path: "deliveries/\(key.text)/\(item).tif", sha256: digest, byteCount: 10),
      .captureItem(number: item, charge: money(minorUnits)))
  }

  /// A digest of something.
  let digest = String(repeating: "0a", count: 32)
}

/// The error that a ledger call throws; nil when it throws none.
func refusal(_ body: () throws -> Void) -> LedgerError? {
  do {
    try body()
    return nil
  } catch {
    return error as? LedgerError
  }
}
