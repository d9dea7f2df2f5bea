// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger

/// A ledger with a budget `b` of 100.00 EUR and two bought items of one order: 3 patches for
/// 0.10 EUR and 2 for 0.05 EUR; written before a daemon opens it.
enum SampleHoldings {
  static let grid = ChipGrid(
    crs: "EPSG:32632", chipPixels: 64, groundSampleDistanceMetres: 10, zoom: 8, patchGrid: .paper,
    origin: .crs, sceneCorner: ProjectedPoint(x: 0, y: 0))

  /// Writes it, and gives the order.
  static func write(to folder: URL) throws -> UUID {
    let ledger = try Ledger(in: folder)
    defer { try? ledger.close() }
    let euro = try Currency(code: "EUR")
    let now = Date(timeIntervalSince1970: 1_767_323_045)
    try ledger.createBudget("b", currency: euro, actor: "test", at: now)
    try ledger.grant(Money(minorUnits: 10_000, currency: euro), to: "b", actor: "test", at: now)
    let key = UUID()
    // In the north of the Alps: column 3125 is x = 500,000 m, row -33000 is y = 5,280,000 m.
    let draft = OrderDraft(
      product: ProductID(vendor: "demo", product: "hr"), grid: grid,
      rectangles: [
        PatchRectangle(column: 3125, row: -33000, columnCount: 3, rowCount: 1),
        PatchRectangle(column: 3126, row: -32990, columnCount: 1, rowCount: 2),
      ])
    try ledger.insertDrafts(
      [NewOrder(key: key, job: UUID(), budget: "b", draft: draft)], at: now)
    func apply(_ state: OrderState, _ effects: OrderEffect...) throws {
      try ledger.apply(
        OrderChange(key, from: Set(OrderState.allCases), to: state, effects: effects),
        actor: "test", at: now)
    }
    func money(_ minorUnits: Int64) throws -> Money {
      try Money(minorUnits: minorUnits, currency: euro)
    }
    let digest = String(repeating: "0a", count: 32)
    try apply(.held, .hold(money(20)))
    try apply(.submitting, .attempt(bodyDigest: digest))
    try apply(.delivering, .recordVendorOrder(id: "v-1"))
    for (item, charge) in [(0, 10), (1, 5)] as [(Int, Int64)] {
      try apply(
        .delivering,
        .storeItem(number: item, path: "deliveries/\(item).tif", sha256: digest, byteCount: 10),
        .captureItem(number: item, charge: money(charge)))
    }
    return key
  }
}
