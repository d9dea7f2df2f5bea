// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation
import GRDB
import Platform

extension Ledger {
  /// The patches of a product that are paid for and on disk, by their place on a grid.
  ///
  /// Grids with the same lattice and the same patches a chip share them.
  public func ownedPatches(
    product: ProductID, grid: ChipGrid
  ) throws(LedgerError) -> [PatchPosition: OwnedPatch] {
    try read { database in
      var items: [String: [Int: OwnedPatch]] = [:]
      var owned: [PatchPosition: OwnedPatch] = [:]
      for row in try PatchLayer(product: product, grid: grid).claims("bought", in: database) {
        let order: String = row["order_key"]
        let item: Int = row["item"]
        if items[order] == nil { items[order] = try Self.ownedItems(order, in: database) }
        guard let patch = items[order]?[item] else {
          throw LedgerError.rule("claim: \(order)/\(item) has no stored item")
        }
        owned[PatchPosition(column: row["patch_column"], row: row["patch_row"])] = patch
      }
      return owned
    }
  }

  /// The patches of a product that open orders hold and have not bought yet, and by which order.
  public func claimedPatches(
    product: ProductID, grid: ChipGrid
  ) throws(LedgerError) -> [PatchPosition: UUID] {
    try read { database in
      var claimed: [PatchPosition: UUID] = [:]
      for row in try PatchLayer(product: product, grid: grid).claims("held", in: database) {
        claimed[PatchPosition(column: row["patch_column"], row: row["patch_row"])] =
          UUID(uuidString: row["order_key"])
      }
      return claimed
    }
  }

  /// The stored items of an order, by number.
  private static func ownedItems(
    _ order: String, in database: Database
  ) throws -> [Int: OwnedPatch] {
    let text = try String.fetchOne(
      database, sql: "SELECT draft FROM purchase_order WHERE key = ?", arguments: [order])
    guard let text, let key = UUID(uuidString: order) else {
      throw LedgerError.rule("claim: there is no order \(order)")
    }
    let draft = try JSON.decoder().decode(OrderDraft.self, from: Data(text.utf8))
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT number, path, sha256 FROM order_item
        WHERE order_key = ? AND path IS NOT NULL AND sha256 IS NOT NULL
        """, arguments: [order])
    return Dictionary(
      uniqueKeysWithValues: rows.map { row in
        let number: Int = row["number"]
        return (
          number,
          OwnedPatch(
            order: key, item: number, rectangle: draft.rectangles[number], path: row["path"],
            sha256: row["sha256"])
        )
      })
  }
}

/// A product over a lattice of patches: what a claim's column and row refer to.
struct PatchLayer {
  let product: ProductID
  /// The lattice and the patches along a chip's side, as exact text.
  let lattice: String

  init(product: ProductID, grid: ChipGrid) {
    self.product = product
    let lattice = grid.lattice
    self.lattice = [
      lattice.crs, "\(lattice.chipSideMicrometres)", "\(lattice.originXMicrometres)",
      "\(lattice.originYMicrometres)", "\(grid.patchGrid.side)",
    ].joined(separator: " ")
  }

  init(_ draft: OrderDraft) { self.init(product: draft.product, grid: draft.grid) }

  /// The layer's number, made on first use.
  func rowID(in database: Database) throws -> Int64 {
    if let id = try find(in: database) { return id }
    try database.execute(
      sql: "INSERT INTO layer (vendor, product, acquisition, lattice) VALUES (?, ?, ?, ?)",
      arguments: [product.vendor, product.product, product.item, lattice])
    return database.lastInsertedRowID
  }

  /// The claims in a state, by place.
  func claims(_ state: String, in database: Database) throws -> [Row] {
    guard let id = try find(in: database) else { return [] }
    return try Row.fetchAll(
      database,
      sql: """
        SELECT order_key, item, patch_column, patch_row FROM patch_claim
        WHERE layer = ? AND state = ? AND state <> 'released' ORDER BY patch_row, patch_column
        """, arguments: [id, state])
  }

  private func find(in database: Database) throws -> Int64? {
    try Int64.fetchOne(
      database,
      sql: """
        SELECT id FROM layer
        WHERE vendor = ? AND product = ? AND acquisition = ? AND lattice = ?
        """, arguments: [product.vendor, product.product, product.item, lattice])
  }
}
