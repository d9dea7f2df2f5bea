// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation
import GRDB
import Platform

/// One product over one lattice of patches, of which something was bought or claimed.
public struct HoldingLayer: Hashable, Sendable {
  /// Its number in this ledger.
  public let id: Int64
  /// The product.
  public let product: ProductID
  /// Where the chips lie.
  public let lattice: ChipLattice
  /// The patches along a chip's side.
  public let patchSide: Int

  /// The ground that a patch covers.
  public func ground(of patch: PatchPosition) -> ProjectedRectangle {
    func edge(_ origin: Int64, _ cell: Int, _ sign: Int64) -> Double {
      Double(origin + sign * Int64(cell) * lattice.chipSideMicrometres / Int64(patchSide)) / 1e6
    }
    return ProjectedRectangle(
      west: edge(lattice.originXMicrometres, patch.column, 1),
      south: edge(lattice.originYMicrometres, patch.row + 1, -1),
      east: edge(lattice.originXMicrometres, patch.column + 1, 1),
      north: edge(lattice.originYMicrometres, patch.row, -1))
  }

  /// The patches that touch a rectangle of ground; nil when it is too far away to have any.
  public func patches(touching ground: ProjectedRectangle) -> PatchRectangle? {
    let side = lattice.chipSideMetres / Double(patchSide)
    let originX = Double(lattice.originXMicrometres) / 1e6
    let originY = Double(lattice.originYMicrometres) / 1e6
    let edges = [
      ((ground.west - originX) / side).rounded(.down),
      ((originY - ground.north) / side).rounded(.down),
      ((ground.east - originX) / side).rounded(.up),
      ((originY - ground.south) / side).rounded(.up),
    ]
    guard edges.allSatisfy({ $0.isFinite && abs($0) < 1e12 }) else { return nil }
    let (column, row) = (Int(edges[0]), Int(edges[1]))
    return PatchRectangle(
      column: column, row: row, columnCount: max(1, Int(edges[2]) - column),
      rowCount: max(1, Int(edges[3]) - row))
  }
}

/// A patch that is paid for and on disk.
public struct HeldPatch: Hashable, Sendable {
  /// Where it is.
  public let position: PatchPosition
  /// Its share of what the item cost: the shares of an item's patches add up to its charge.
  public let price: Money
  /// When it was paid.
  public let boughtAt: Date
  /// The order that bought it.
  public let order: UUID
  /// The item of that order.
  public let item: Int
  /// The item's file, relative to the state directory.
  public let path: String
  /// The file's SHA-256, hexadecimal.
  public let sha256: String
  /// The file's length.
  public let byteCount: Int64
}

extension Ledger {
  /// The layers of everything that was ever bought or claimed, by number.
  public func holdingLayers() throws(LedgerError) -> [HoldingLayer] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM layer ORDER BY id").map(
        HoldingLayer.init(row:))
    }
  }

  /// Patches of a layer that are paid for, from west to east and then from north to south.
  ///
  /// - Parameters:
  ///   - window: only these; nil for all.
  ///   - last: only those after this one.
  public func heldPatches(
    of layer: HoldingLayer, within window: PatchRectangle? = nil,
    after last: PatchPosition? = nil, limit: Int
  ) throws(LedgerError) -> [HeldPatch] {
    try read { database in
      var drafts: [String: OrderDraft] = [:]
      return try Row.fetchAll(
        database, sql: Self.heldPatchesQuery,
        arguments: [
          layer.id, last?.column ?? .min, last?.row ?? .min, window?.column ?? .min,
          window.map { $0.column + $0.columnCount } ?? .max, window?.row ?? .min,
          window.map { $0.row + $0.rowCount } ?? .max, limit,
        ]
      ).map { row in
        let order: String = row["order_key"]
        let draft = try drafts[order] ?? Self.draft(row["draft"])
        drafts[order] = draft
        return try HeldPatch(row: row, rectangle: draft.rectangles[row["item"] as Int])
      }
    }
  }

  /// How many orders each vendor has in each state.
  public func orderCounts() throws(LedgerError) -> [(vendor: String, state: String, count: Int)] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT vendor, state, count(*) AS count FROM purchase_order
          GROUP BY vendor, state ORDER BY vendor, state
          """
      ).map { ($0["vendor"], $0["state"], $0["count"]) }
    }
  }

  // The second condition on the state lets the index of claims that are not released serve.
  private static let heldPatchesQuery = """
    SELECT c.patch_column, c.patch_row, c.order_key, c.item, i.path, i.sha256, i.byte_count,
      i.charge, e.at, o.draft, b.currency
    FROM patch_claim c
    JOIN order_item i ON i.order_key = c.order_key AND i.number = c.item
    JOIN entry e ON e.operation = 'capture' AND e.order_key = c.order_key AND e.item = c.item
    JOIN purchase_order o ON o.key = c.order_key JOIN budget b ON b.id = o.budget
    WHERE c.layer = ? AND c.state = 'bought' AND c.state <> 'released'
      AND (c.patch_column, c.patch_row) > (?, ?)
      AND c.patch_column >= ? AND c.patch_column < ? AND c.patch_row >= ? AND c.patch_row < ?
    ORDER BY c.patch_column, c.patch_row LIMIT ?
    """

  private static func draft(_ text: String) throws -> OrderDraft {
    try JSON.decoder().decode(OrderDraft.self, from: Data(text.utf8))
  }
}

extension HoldingLayer {
  fileprivate init(row: Row) throws {
    // The CRS may be any text; the four numbers after it have no space in them.
    let words = (row["lattice"] as String).split(separator: " ")
    let numbers = words.suffix(4).compactMap { Int64($0) }
    guard words.count > 4, numbers.count == 4, numbers[0] > 0, numbers[3] > 0 else {
      throw LedgerError.rule("layer: \(row["id"] as Int64) has an unreadable lattice")
    }
    self.init(
      id: row["id"],
      product: ProductID(
        vendor: row["vendor"], product: row["product"], item: row["acquisition"]),
      lattice: ChipLattice(
        crs: words.dropLast(4).joined(separator: " "), chipSideMicrometres: numbers[0],
        originXMicrometres: numbers[1], originYMicrometres: numbers[2]),
      patchSide: Int(numbers[3]))
  }
}

extension HeldPatch {
  fileprivate init(row: Row, rectangle: PatchRectangle) throws {
    let position = PatchPosition(column: row["patch_column"], row: row["patch_row"])
    let (charge, order): (Int64, String) = (row["charge"], row["order_key"])
    guard let key = UUID(uuidString: order), let boughtAt = Timestamp.date(row["at"]) else {
      throw LedgerError.rule("claim: order \(order) has an unreadable row")
    }
    let count = Int64(rectangle.patchCount)
    let index = Int64(
      (position.row - rectangle.row) * rectangle.columnCount + position.column - rectangle.column)
    self.init(
      position: position,
      price: try Money(
        minorUnits: charge * (index + 1) / count - charge * index / count,
        currency: Currency(code: row["currency"])),
      boughtAt: boughtAt, order: key, item: row["item"], path: row["path"], sha256: row["sha256"],
      byteCount: row["byte_count"])
  }
}
