// SPDX-License-Identifier: Apache-2.0

import Acquisition
public import Foundation
import GRDB
import Platform

extension Ledger {
  /// The vendors that get no new orders, by name.
  public func frozenVendors() throws(LedgerError) -> [VendorFreeze] {
    try read { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM vendor_freeze WHERE released_at IS NULL ORDER BY vendor"
      ).map(VendorFreeze.init(row:))
    }
  }

  /// Keeps new orders from a vendor; one that is frozen already stays so for its old reason.
  public func freeze(
    _ vendor: String, reason: String, actor: String, at date: Date
  ) throws(LedgerError) {
    try checkActor(actor)
    try checkReason(reason)
    try write { try VendorFreeze.insert(vendor, reason: reason, actor: actor, at: date, in: $0) }
  }

  /// Lets a vendor have new orders again; a person's decision.
  ///
  /// - Throws: `LedgerError.notFrozen`, `LedgerError.malformed` without a reason.
  public func unfreeze(
    _ vendor: String, reason: String, actor: String, at date: Date
  ) throws(LedgerError) {
    try checkActor(actor)
    try checkReason(reason)
    try write { database in
      guard try VendorFreeze.fetch(database, vendor: vendor) != nil else {
        throw LedgerError.notFrozen(vendor: vendor)
      }
      try database.execute(
        sql: """
          UPDATE vendor_freeze SET released_at = ?, released_by = ?, release_reason = ?
          WHERE vendor = ? AND released_at IS NULL
          """, arguments: [Timestamp.text(date), actor, reason, vendor])
    }
  }

  /// Writes down a refund that a vendor tells of, and books it where it belongs to an order.
  ///
  /// One that was told before changes nothing. One of an order that is not ours, or of more than
  /// was paid, is listed and not booked.
  @discardableResult
  public func book(
    _ refund: VendorRefund, from vendor: String, actor: String, at date: Date
  ) throws(LedgerError) -> RefundRecord {
    try checkActor(actor)
    guard (1...200).contains(refund.id.unicodeScalars.count) else {
      throw .malformed(
        field: "refund", value: refund.id, rule: "A refund's name has 1 to 200 characters.")
    }
    return try write { database in
      if let known = try RefundRecord.fetch(database, vendor: vendor, id: refund.id) {
        return known
      }
      let key = try String.fetchOne(
        database,
        sql: "SELECT key FROM purchase_order WHERE vendor = ? AND vendor_order_id = ?",
        arguments: [vendor, refund.vendorOrder])
      let order = try key.flatMap(UUID.init(uuidString:)).map {
        try OrderRecord.fetch(database, key: $0)
      }
      let obstacle = Self.obstacle(to: refund, of: order)
      var entry: Int64?
      if let order, obstacle == nil {
        let posting = Posting(budget: order.budget, actor: actor, at: date, order: order.key)
        try posting.post(.refund, refund.amount, in: database)
        entry = try ChainHead.fetch(database).seq
      }
      try database.execute(
        sql: "INSERT INTO refund VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          vendor, refund.id, refund.vendorOrder, refund.amount.minorUnits,
          refund.amount.currency.code, order?.key.text, entry, obstacle, Timestamp.text(date),
          actor,
        ])
      return RefundRecord(
        vendor: vendor, refund: refund, order: order?.key, entry: entry, obstacle: obstacle,
        at: date)
    }
  }

  /// The refunds that vendors told of, booked or not, oldest first.
  public func refunds() throws(LedgerError) -> [RefundRecord] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM refund ORDER BY at, vendor, id")
        .map(RefundRecord.init(row:))
    }
  }

  /// Why a refund cannot be booked, if it cannot.
  private static func obstacle(to refund: VendorRefund, of order: OrderRecord?) -> String? {
    guard let order else { return "no order of ours has the vendor's id \(refund.vendorOrder)" }
    guard refund.amount.currency == order.captured.currency else {
      return "it is in \(refund.amount.currency), and the order was paid in "
        + "\(order.captured.currency)"
    }
    guard refund.amount.minorUnits > 0 else { return "it is no amount to give back" }
    return refund.amount.minorUnits <= order.captured.minorUnits
      ? nil : "it is more than the \(order.captured) that were paid for the order"
  }

  /// Refuses a reason that says nothing.
  package func checkReason(_ reason: String) throws(LedgerError) {
    let isSaid = reason.contains { !$0.isWhitespace } && reason.count <= 1000
    guard isSaid else {
      throw .malformed(
        field: "reason", value: reason, rule: "Say in up to 1000 characters why.")
    }
  }
}

extension VendorFreeze {
  static func fetch(_ database: Database, vendor: String) throws -> VendorFreeze? {
    try Row.fetchOne(
      database, sql: "SELECT * FROM vendor_freeze WHERE vendor = ? AND released_at IS NULL",
      arguments: [vendor]
    ).map(VendorFreeze.init(row:))
  }

  static func insert(
    _ vendor: String, reason: String, actor: String, at date: Date, in database: Database
  ) throws {
    guard try fetch(database, vendor: vendor) == nil else { return }
    try database.execute(
      sql: "INSERT INTO vendor_freeze (vendor, reason, at, actor) VALUES (?, ?, ?, ?)",
      arguments: [vendor, reason, Timestamp.text(date), actor])
  }

  fileprivate init(row: Row) throws {
    self.init(
      vendor: row["vendor"], reason: row["reason"], at: try Timestamp.stored(row["at"]),
      actor: row["actor"])
  }
}

extension RefundRecord {
  fileprivate static func fetch(
    _ database: Database, vendor: String, id: String
  ) throws -> RefundRecord? {
    try Row.fetchOne(
      database, sql: "SELECT * FROM refund WHERE vendor = ? AND id = ?", arguments: [vendor, id]
    ).map(RefundRecord.init(row:))
  }

  fileprivate init(row: Row) throws {
    let amount = try Money(
      minorUnits: row["amount"], currency: Currency(code: row["currency"]))
    self.init(
      vendor: row["vendor"],
      refund: VendorRefund(
        id: row["id"], vendorOrder: row["vendor_order_id"], amount: amount),
      order: (row["order_key"] as String?).flatMap(UUID.init(uuidString:)), entry: row["entry"],
      obstacle: row["obstacle"], at: try Timestamp.stored(row["at"]))
  }
}
