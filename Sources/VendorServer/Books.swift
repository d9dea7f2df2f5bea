// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import GRDB
import Platform

/// The vendor's books: quotes, orders, items and sales, in SQLite.
///
/// An item is sold by the row of its delivery, once: the table's key allows no second.
struct Books: Sendable {
  typealias State = OrderRow.State

  let currency: Currency
  private let database: DatabaseQueue

  /// Opens the books of a folder, and creates them where there are none.
  init(folder: URL, currency: Currency) throws {
    self.currency = currency
    var configuration = Configuration()
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    database = try DatabaseQueue(
      path: folder.appending(path: "books.sqlite").path, configuration: configuration)
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { try $0.execute(sql: Self.schema) }
    migrator.registerMigration("2") { try $0.execute(sql: Self.secondSchema) }
    try migrator.migrate(database)
  }

  private static let schema = """
    CREATE TABLE quote (
      id TEXT PRIMARY KEY,
      content_digest TEXT NOT NULL,
      minor_units INTEGER NOT NULL CHECK (minor_units >= 0),
      valid_until_ms INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE customer_order (
      id TEXT PRIMARY KEY,
      reference TEXT NOT NULL UNIQUE,
      body_digest TEXT NOT NULL,
      first_answer BLOB NOT NULL,
      state TEXT NOT NULL
        CHECK (state IN ('waiting', 'running', 'delivered', 'failed', 'cancelled')),
      minor_units INTEGER NOT NULL CHECK (minor_units >= 0),
      currency TEXT NOT NULL,
      ready_ms INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX unfinished_order ON customer_order (ready_ms)
      WHERE state IN ('waiting', 'running');
    CREATE TABLE order_item (
      order_id TEXT NOT NULL REFERENCES customer_order (id),
      number INTEGER NOT NULL,
      pixel_column INTEGER NOT NULL,
      pixel_row INTEGER NOT NULL,
      width INTEGER NOT NULL,
      height INTEGER NOT NULL,
      area_mm2 INTEGER NOT NULL CHECK (area_mm2 > 0),
      byte_count INTEGER,
      sha256 TEXT,
      PRIMARY KEY (order_id, number)
    ) STRICT;
    CREATE TABLE sale (
      order_id TEXT NOT NULL,
      number INTEGER NOT NULL,
      minor_units INTEGER NOT NULL CHECK (minor_units >= 0),
      PRIMARY KEY (order_id, number),
      FOREIGN KEY (order_id, number) REFERENCES order_item (order_id, number)
    ) STRICT;
    """

  // A reference is no longer unique, since there are vendors that take an order twice; orders can be
  // delivered in part, and money can come back.
  private static let secondSchema = """
    CREATE TABLE new_order (
      id TEXT PRIMARY KEY,
      reference TEXT NOT NULL,
      body_digest TEXT NOT NULL,
      first_answer BLOB NOT NULL,
      state TEXT NOT NULL CHECK (state IN
        ('waiting', 'running', 'delivered', 'partly_delivered', 'failed', 'cancelled')),
      minor_units INTEGER NOT NULL CHECK (minor_units >= 0),
      currency TEXT NOT NULL,
      accepted_ms INTEGER NOT NULL,
      ready_ms INTEGER NOT NULL
    ) STRICT;
    INSERT INTO new_order
      SELECT id, reference, body_digest, first_answer, state, minor_units, currency, ready_ms,
        ready_ms
      FROM customer_order;
    DROP TABLE customer_order;
    ALTER TABLE new_order RENAME TO customer_order;
    CREATE INDEX order_reference ON customer_order (reference);
    CREATE INDEX unfinished_order ON customer_order (ready_ms)
      WHERE state IN ('waiting', 'running');
    CREATE TABLE refund (
      id TEXT PRIMARY KEY,
      order_id TEXT NOT NULL,
      minor_units INTEGER NOT NULL CHECK (minor_units > 0),
      at_ms INTEGER NOT NULL
    ) STRICT;
    """

  // MARK: - Quotes

  /// A price that was given for some content, which is named by its digest.
  struct QuoteRow: Sendable {
    let id: String
    let contentDigest: String
    let price: Money
    let validUntil: Date
  }

  func add(_ quote: QuoteRow) async throws {
    try await database.write { database in
      try database.execute(
        sql: "INSERT INTO quote VALUES (?, ?, ?, ?)",
        arguments: [
          quote.id, quote.contentDigest, quote.price.minorUnits, quote.validUntil.milliseconds,
        ])
    }
  }

  func quote(_ id: String) async throws -> QuoteRow? {
    try await database.read { database in
      let row = try Row.fetchOne(
        database, sql: "SELECT * FROM quote WHERE id = ?", arguments: [id])
      return try row.map { row in
        QuoteRow(
          id: id, contentDigest: row["content_digest"],
          price: try Money(minorUnits: row["minor_units"], currency: currency),
          validUntil: Date(milliseconds: row["valid_until_ms"]))
      }
    }
  }

  // MARK: - Orders

  /// Enters an order, or finds the one that has its reference.
  ///
  /// - Parameter isAnother: whether it is entered beside an order of the same reference.
  /// - Returns: the order that is in the books now.
  func add(_ order: OrderRow, isAnother: Bool = false) async throws -> OrderRow {
    try await database.write { database in
      if !isAnother,
        let earlier = try OrderRow.fetch(database, "reference = ?", [order.reference]).first
      {
        return earlier
      }
      try order.insert(database)
      return order
    }
  }

  func orders(reference: String) async throws -> [OrderRow] {
    try await database.read { try OrderRow.fetch($0, "reference = ?", [reference]) }
  }

  func order(_ id: String) async throws -> OrderRow? {
    try await database.read { try OrderRow.fetch($0, "id = ?", [id]).first }
  }

  func allOrders() async throws -> [OrderRow] {
    try await database.read { try OrderRow.fetch($0, "true", []) }
  }

  /// The place of an order among all, from 1 on; of one that is not there, the next place.
  func place(of id: String?) async throws -> Int {
    try await database.read { database in
      let isThere = try id.map { try !OrderRow.fetch(database, "id = ?", [$0]).isEmpty } ?? false
      let count = try Int.fetchOne(
        database, sql: "SELECT count(*) FROM customer_order WHERE id <= ?",
        arguments: [isThere ? id ?? "" : "~"])
      return (count ?? 0) + (isThere ? 0 : 1)
    }
  }

  /// The unfinished order that is to be delivered next.
  func next() async throws -> OrderRow? {
    try await database.read { database in
      try OrderRow.fetch(database, "state IN ('waiting', 'running')", [])
        .min { ($0.ready, $0.id) < ($1.ready, $1.id) }
    }
  }

  /// Begins an order; false when it was cancelled meanwhile.
  func begin(_ id: String) async throws -> Bool {
    try await database.write { database in
      try database.execute(
        sql: """
          UPDATE customer_order SET state = 'running'
          WHERE id = ? AND state IN ('waiting', 'running')
          """, arguments: [id])
      return database.changesCount == 1
    }
  }

  /// Puts an order's delivery off.
  func postpone(_ id: String, to date: Date) async throws {
    try await database.write { database in
      try database.execute(
        sql: "UPDATE customer_order SET ready_ms = ? WHERE id = ?",
        arguments: [date.milliseconds, id])
    }
  }

  /// What was cut for an item.
  struct CutItem: Sendable {
    let number: Int
    let byteCount: Int64
    let sha256: String
    let charge: Money
  }

  /// Ends a running order and sells some of its items, all at once.
  ///
  /// - Returns: false when the order was cancelled meanwhile; nothing is sold then.
  func finish(_ id: String, as state: State, selling items: [CutItem]) async throws -> Bool {
    try await database.write { database in
      try database.execute(
        sql: "UPDATE customer_order SET state = ? WHERE id = ? AND state = 'running'",
        arguments: [state.rawValue, id])
      guard database.changesCount == 1 else { return false }
      for item in items {
        try database.execute(
          sql: """
            UPDATE order_item SET byte_count = ?, sha256 = ? WHERE order_id = ? AND number = ?
            """, arguments: [item.byteCount, item.sha256, id, item.number])
        try database.execute(
          sql: "INSERT INTO sale VALUES (?, ?, ?)",
          arguments: [id, item.number, item.charge.minorUnits])
      }
      return true
    }
  }

  /// Ends an order that is not delivered.
  ///
  /// - Returns: the order as it is now; nil when there is none.
  func end(_ id: String, as state: State) async throws -> OrderRow? {
    try await database.write { database in
      try database.execute(
        sql: """
          UPDATE customer_order SET state = ? WHERE id = ? AND state IN ('waiting', 'running')
          """, arguments: [state.rawValue, id])
      return try OrderRow.fetch(database, "id = ?", [id]).first
    }
  }

  // MARK: - Refunds

  /// Money that was given back.
  struct Refund: Sendable {
    let id: String
    let orderID: String
    let amount: Money
    let at: Date
  }

  func add(_ refund: Refund) async throws {
    try await database.write { database in
      try database.execute(
        sql: "INSERT INTO refund VALUES (?, ?, ?, ?)",
        arguments: [
          refund.id, refund.orderID, refund.amount.minorUnits, refund.at.milliseconds,
        ])
    }
  }

  func refunds() async throws -> [Refund] {
    try await database.read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM refund ORDER BY id").map { row in
        Refund(
          id: row["id"], orderID: row["order_id"],
          amount: try Money(minorUnits: row["minor_units"], currency: currency),
          at: Date(milliseconds: row["at_ms"]))
      }
    }
  }
}

extension Date {
  /// Milliseconds since 1970.
  var milliseconds: Int64 { Int64((timeIntervalSince1970 * 1000).rounded()) }

  init(milliseconds: Int64) { self.init(timeIntervalSince1970: Double(milliseconds) / 1000) }
}
