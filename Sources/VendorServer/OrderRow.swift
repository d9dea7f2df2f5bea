// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import GRDB
import Raster

/// An order as the books have it.
struct OrderRow: Sendable {
  enum State: String, Sendable {
    case waiting
    case running
    case delivered
    case partlyDelivered = "partly_delivered"
    case failed
    case cancelled
  }

  struct Item: Sendable {
    let selection: Catalogue.Selection
    /// What was cut; nil until it is delivered.
    var file: (byteCount: Int64, sha256: String)?
    /// What it was sold for.
    var charge: Money?

    /// The item's own state in an order of a state.
    func state(in order: State) -> State {
      guard ![.waiting, .running].contains(order), charge == nil else {
        return charge == nil ? order : .delivered
      }
      return order == .cancelled ? .cancelled : .failed
    }
  }

  let id: String
  /// The client's key.
  let reference: String
  /// The SHA-256 of the body that made it.
  let bodyDigest: String
  /// The body of the answer to that, for repetitions.
  let firstAnswer: Data
  let state: State
  let price: Money
  /// When it was taken.
  let accepted: Date
  /// When it is delivered at the earliest.
  let ready: Date
  let items: [Item]

  /// The order as clients see it.
  var document: Documents.Order {
    get throws {
      var charged = Money.zero(price.currency)
      for item in items {
        if let charge = item.charge { charged = try charged.adding(charge) }
      }
      return Documents.Order(
        orderId: id, reference: reference, state: state.rawValue, price: price, charged: charged,
        items: items.map {
          Documents.OrderItem(
            number: $0.selection.number, state: $0.state(in: state).rawValue, charge: $0.charge)
        })
    }
  }

  // MARK: - SQL

  func insert(_ database: Database) throws {
    try database.execute(
      sql: "INSERT INTO customer_order VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      arguments: [
        id, reference, bodyDigest, firstAnswer, state.rawValue, price.minorUnits,
        price.currency.code, accepted.milliseconds, ready.milliseconds,
      ])
    for item in items {
      let pixels = item.selection.pixels
      try database.execute(
        sql: "INSERT INTO order_item VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
        arguments: [
          id, item.selection.number, pixels.column, pixels.row, pixels.width, pixels.height,
          item.selection.areaSquareMillimetres,
        ])
    }
  }

  /// Reads orders with their items, by id, so in the order of time.
  static func fetch(
    _ database: Database, _ condition: String, _ arguments: StatementArguments
  ) throws -> [OrderRow] {
    let rows = try Row.fetchAll(
      database, sql: "SELECT * FROM customer_order WHERE \(condition) ORDER BY id",
      arguments: arguments)
    return try rows.map { row in
      let id: String = row["id"]
      let currency = try Currency(code: row["currency"])
      return OrderRow(
        id: id, reference: row["reference"], bodyDigest: row["body_digest"],
        firstAnswer: row["first_answer"], state: State(rawValue: row["state"]) ?? .failed,
        price: try Money(minorUnits: row["minor_units"], currency: currency),
        accepted: Date(milliseconds: row["accepted_ms"]),
        ready: Date(milliseconds: row["ready_ms"]),
        items: try fetchItems(database, of: id, currency))
    }
  }

  private static func fetchItems(
    _ database: Database, of id: String, _ currency: Currency
  ) throws -> [Item] {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT order_item.*, sale.minor_units FROM order_item
        LEFT JOIN sale USING (order_id, number) WHERE order_id = ? ORDER BY number
        """, arguments: [id])
    return try rows.map { row in
      let byteCount: Int64? = row["byte_count"]
      let sha256: String? = row["sha256"]
      let minorUnits: Int64? = row["minor_units"]
      return Item(
        selection: Catalogue.Selection(
          number: row["number"],
          pixels: PixelRect(
            column: row["pixel_column"], row: row["pixel_row"], width: row["width"],
            height: row["height"]),
          areaSquareMillimetres: row["area_mm2"]),
        file: byteCount.flatMap { count in sha256.map { (count, $0) } },
        charge: try minorUnits.map { try Money(minorUnits: $0, currency: currency) })
    }
  }
}
