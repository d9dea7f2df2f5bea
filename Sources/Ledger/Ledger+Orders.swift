// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation
import GRDB
import Platform

extension Ledger {
  /// Writes orders down as drafted, all or none.
  ///
  /// An order that is already there, with the same content, is left as it is, so that a job may do
  /// this step twice.
  ///
  /// - Throws: `LedgerError.orderExists` when a key belongs to another order,
  ///   `LedgerError.unknownBudget`.
  @discardableResult
  public func insertDrafts(
    _ orders: [NewOrder], at date: Date
  ) throws(LedgerError) -> [OrderRecord] {
    try write { database in
      try orders.map { order in
        try Self.insert(order, at: date, in: database)
        return try OrderRecord.fetch(database, key: order.key)
      }
    }
  }

  /// Changes an order: its state, and the money, items and patches that go with it.
  ///
  /// This is the only way to change one, and it is one transaction: when this returns the
  /// change is durable, and the anchor names its newest entry.
  ///
  /// - Parameter actor: who did it; see ``createBudget(_:currency:actor:at:)``.
  /// - Throws: `LedgerError.unknownOrder`, `LedgerError.wrongState`, and what the effects throw
  ///   about amounts, items and patches; nothing has changed then.
  @discardableResult
  public func apply(
    _ change: OrderChange, actor: String, at date: Date
  ) throws(LedgerError) -> OrderRecord {
    try checkActor(actor)
    return try write { database in
      let order = try OrderRecord.fetch(database, key: change.key)
      guard change.from.contains(order.state) else {
        throw LedgerError.wrongState(
          order: order.key, state: order.state,
          expected: change.from.sorted { $0.rawValue < $1.rawValue })
      }
      let step = OrderStep(order: order, database: database, actor: actor, at: date)
      for effect in change.effects { try step.perform(effect) }
      try step.move(to: change.to, effects: change.effects)
      return try OrderRecord.fetch(database, key: change.key)
    }
  }

  /// One order.
  ///
  /// - Throws: `LedgerError.unknownOrder`.
  public func order(_ key: UUID) throws(LedgerError) -> OrderRecord {
    try read { try OrderRecord.fetch($0, key: key) }
  }

  /// The orders of a job, oldest first.
  public func orders(job: UUID) throws(LedgerError) -> [OrderRecord] {
    try orders(where: "job = ?", [job.text])
  }

  /// What a job's orders hold and what was paid for them; nil where it has none.
  public func money(job: UUID) throws(LedgerError) -> (held: Money, captured: Money)? {
    try read { database in
      let sums = try Row.fetchOne(
        database,
        sql: """
          SELECT b.currency, coalesce(sum(\(LedgerSchema.heldByEntry)), 0) AS held,
            coalesce(sum(\(LedgerSchema.capturedByEntry)), 0) AS captured
          FROM purchase_order o JOIN budget b ON b.id = o.budget
          LEFT JOIN entry e ON e.order_key = o.key WHERE o.job = ? GROUP BY b.currency
          """, arguments: [job.text])
      guard let sums else { return nil }
      let currency = try Currency(code: sums["currency"])
      return (
        try Money(minorUnits: sums["held"], currency: currency),
        try Money(minorUnits: sums["captured"], currency: currency)
      )
    }
  }

  /// Orders, the newest first.
  ///
  /// - Parameters:
  ///   - openOnly: only those that have not ended.
  ///   - vendor: only those of this vendor.
  ///   - before: only those drafted before this one, for the next page.
  ///   - limit: at most this many; nil for all.
  /// - Throws: `LedgerError.unknownOrder` about `before`.
  public func newestOrders(
    openOnly: Bool = false, vendor: String? = nil, before: UUID? = nil, limit: Int? = nil
  ) throws(LedgerError) -> [OrderRecord] {
    let last = try before.map { (key) throws(LedgerError) in try order(key) }
    return try orders(
      where: """
        (? OR state NOT IN \(Self.finalStates)) AND (? IS NULL OR vendor = ?)
          AND (? IS NULL OR (created_at, key) < (?, ?))
        """,
      [
        !openOnly, vendor, vendor, last?.key.text,
        last.map { Timestamp.text($0.createdAt) }, last?.key.text,
      ], order: "created_at DESC, key DESC", limit: limit)
  }

  /// What happened to an order, oldest first.
  ///
  /// - Throws: `LedgerError.unknownOrder`.
  public func history(of key: UUID) throws(LedgerError) -> [OrderEvent] {
    try read { database in
      _ = try OrderRecord.fetch(database, key: key)
      return try Row.fetchAll(
        database, sql: "SELECT * FROM order_event WHERE order_key = ? ORDER BY number",
        arguments: [key.text]
      ).map(OrderEvent.init(row:))
    }
  }

  /// The orders that have held money since before `date`, the oldest hold first.
  public func holds(before date: Date) throws(LedgerError) -> [AgedHold] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT o.key, o.vendor, o.state, b.currency, m.held, e.at FROM purchase_order o
          JOIN budget b ON b.id = o.budget JOIN order_money m ON m.order_key = o.key
          JOIN entry e ON e.order_key = o.key AND e.operation = 'hold'
          WHERE o.state NOT IN \(Self.finalStates) AND m.held > 0 AND e.at < ? ORDER BY e.seq
          """, arguments: [Timestamp.text(date)]
      ).map(AgedHold.init(row:))
    }
  }

  private static let finalStates =
    "("
    + OrderState.allCases.filter(\.isFinal).map { "'\($0.rawValue)'" }.joined(separator: ", ")
    + ")"

  /// The orders that have not ended, oldest first; parked ones are among them.
  public func openOrders() throws(LedgerError) -> [OrderRecord] {
    try orders(where: "state NOT IN \(Self.finalStates)", [])
  }

  private func orders(
    where condition: String, _ arguments: StatementArguments, order: String = "created_at, key",
    limit: Int? = nil
  ) throws(LedgerError) -> [OrderRecord] {
    try read { database in
      let sql = "SELECT key FROM purchase_order WHERE \(condition) ORDER BY \(order) LIMIT ?"
      return try String.fetchAll(database, sql: sql, arguments: arguments + [limit ?? -1])
        .compactMap(UUID.init(uuidString:))
        .map { try OrderRecord.fetch(database, key: $0) }
    }
  }

  private static func insert(_ order: NewOrder, at date: Date, in database: Database) throws {
    let draft = String(decoding: try JSON.encoder().encode(order.draft), as: UTF8.self)
    let known = try Row.fetchOne(
      database, sql: "SELECT job, budget, draft FROM purchase_order WHERE key = ?",
      arguments: [order.key.text])
    if let known {
      guard known["job"] == order.job.text, known["budget"] == order.budget,
        known["draft"] == draft
      else { throw LedgerError.orderExists(order.key) }
      return
    }
    // For its message: the foreign key would refuse as well.
    _ = try BudgetBalance.fetch(database, id: order.budget)
    let now = Timestamp.text(date)
    try database.execute(
      sql: """
        INSERT INTO purchase_order (key, job, budget, vendor, draft, state, created_at, updated_at)
        VALUES (?, ?, ?, ?, ?, 'drafted', ?, ?)
        """,
      arguments: [
        order.key.text, order.job.text, order.budget, order.draft.product.vendor, draft, now, now,
      ])
    for number in order.draft.rectangles.indices {
      try database.execute(
        sql: "INSERT INTO order_item (order_key, number, state) VALUES (?, ?, 'pending')",
        arguments: [order.key.text, number])
    }
  }
}

extension OrderRecord {
  static func fetch(_ database: Database, key: UUID) throws -> OrderRecord {
    let row = try Row.fetchOne(
      database,
      sql: """
        SELECT o.*, b.currency FROM purchase_order o JOIN budget b ON b.id = o.budget
        WHERE o.key = ?
        """, arguments: [key.text])
    guard let row else { throw LedgerError.unknownOrder(key) }
    let currency = try Currency(code: row["currency"])
    let money = try OrderMoney.fetch(database, order: key, currency: currency)
    let draft = try JSON.decoder().decode(
      OrderDraft.self, from: Data((row["draft"] as String).utf8))
    guard let job = UUID(uuidString: row["job"]), let state = OrderState(rawValue: row["state"])
    else { throw LedgerError.rule("order: \(key.text) has an unreadable row") }
    var parking: Parking?
    if let reason = row["parked_reason"] as String?, let remedy = row["parked_remedy"] as String? {
      parking = Parking(reason: reason, remedy: remedy)
    }
    return OrderRecord(
      key: key, job: job, budget: row["budget"], draft: draft, state: state,
      quote: try quote(row), vendorOrderID: row["vendor_order_id"],
      parking: parking,
      dispute: try DisputeRecord.fetch(database, order: key, currency: currency),
      attempts: try attempts(database, key: key),
      items: try items(database, key: key, currency: currency), held: money.held,
      captured: money.captured, createdAt: try Timestamp.stored(row["created_at"]),
      updatedAt: try Timestamp.stored(row["updated_at"]))
  }

  private static func quote(_ row: Row) throws -> RecordedQuote? {
    guard let price = row["quote_price"] as Int64?, let code = row["quote_currency"] as String?,
      let document = row["quote_document"] as Data?
    else { return nil }
    return RecordedQuote(
      price: try Money(minorUnits: price, currency: Currency(code: code)),
      validUntil: try (row["quote_valid_until"] as String?).map(Timestamp.stored),
      document: document)
  }

  private static func attempts(_ database: Database, key: UUID) throws -> [OrderAttempt] {
    try Row.fetchAll(
      database,
      sql: "SELECT number, body_sha256, at FROM attempt WHERE order_key = ? ORDER BY number",
      arguments: [key.text]
    ).map { row in
      OrderAttempt(
        number: row["number"], bodyDigest: row["body_sha256"], at: try Timestamp.stored(row["at"]))
    }
  }

  private static func items(
    _ database: Database, key: UUID, currency: Currency
  ) throws -> [OrderItemRecord] {
    try Row.fetchAll(
      database, sql: "SELECT * FROM order_item WHERE order_key = ? ORDER BY number",
      arguments: [key.text]
    ).map { row in
      guard let state = OrderItemState(rawValue: row["state"]) else {
        throw LedgerError.rule("item: of order \(key.text) has an unreadable row")
      }
      return OrderItemRecord(
        number: row["number"], state: state, path: row["path"], sha256: row["sha256"],
        byteCount: row["byte_count"],
        charge: try (row["charge"] as Int64?).map {
          try Money(minorUnits: $0, currency: currency)
        })
    }
  }
}

extension OrderEvent {
  fileprivate init(row: Row) throws {
    guard let state = OrderState(rawValue: row["state"]) else {
      throw LedgerError.rule("order: an event of \(row["order_key"] as String) is unreadable")
    }
    self.init(
      number: row["number"], state: state, note: row["note"],
      at: try Timestamp.stored(row["at"]), actor: row["actor"])
  }
}

extension AgedHold {
  fileprivate init(row: Row) throws {
    guard let order = UUID(uuidString: row["key"]), let state = OrderState(rawValue: row["state"])
    else { throw LedgerError.rule("order: \(row["key"] as String) has an unreadable row") }
    self.init(
      order: order, vendor: row["vendor"], state: state,
      held: try Money(minorUnits: row["held"], currency: Currency(code: row["currency"])),
      since: try Timestamp.stored(row["at"]))
  }
}

extension Timestamp {
  /// A time that the database keeps.
  static func stored(_ text: String) throws -> Date {
    guard let date = Timestamp.date(text) else {
      throw LedgerError.rule("ledger: \"\(text)\" is no time")
    }
    return date
  }
}
