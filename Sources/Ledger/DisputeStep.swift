// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import GRDB
import Platform

/// What a dispute does within the transaction of an order's change.
struct DisputeStep {
  let step: OrderStep

  private var order: OrderRecord { step.order }
  private var database: Database { step.database }

  /// Opens a dispute.
  func open(charged: Money, reason: String, freezesVendor: Bool) throws {
    guard try open() == nil else { return }
    // Not what is held now: items may have been paid from the hold.
    let agreed = try Int64.fetchOne(
      database, sql: "SELECT amount FROM entry WHERE operation = 'hold' AND order_key = ?",
      arguments: [order.key.text])
    guard let agreed else {
      throw LedgerError.aboveHold(order: order.key, held: order.held, asked: charged)
    }
    var excess = Int64(0)
    if charged.currency == order.held.currency { excess = max(0, charged.minorUnits - agreed) }
    let free = try BudgetBalance.fetch(database, id: order.budget).free.minorUnits
    let setAside = excess <= free ? excess : 0
    if setAside > 0 { try step.post(.overcharge, money(setAside)) }
    try database.execute(
      sql: """
        INSERT INTO dispute
          (order_key, charged, charged_currency, agreed, set_aside, claim, reason, at, actor)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        order.key.text, charged.minorUnits, charged.currency.code, agreed, setAside,
        excess - setAside, reason, Timestamp.text(step.at), step.actor,
      ])
    guard freezesVendor else { return }
    try VendorFreeze.insert(
      order.vendor, reason: "order \(order.key.text) is disputed: \(reason)", actor: step.actor,
      at: step.at, in: database)
  }

  /// Pays what was agreed for the whole order.
  ///
  /// What is above the hold is paid here; what the hold covers is paid with the items.
  func pay(total: Money?, reason: String) throws {
    guard let dispute = try open() else { throw LedgerError.noDispute(order: order.key) }
    let total = total ?? dispute.charged
    guard total.currency == order.held.currency else {
      throw LedgerError.badAgreement(
        order: order.key, total: total, rule: "Give an amount in \(order.held.currency).")
    }
    let agreed = dispute.agreed.minorUnits
    let excess = dispute.setAside.minorUnits + dispute.claim.minorUnits
    // Above the hold all of it is captured, so less than that is a refund, which the vendor names.
    let least = excess > 0 ? agreed : 0
    guard (least...(agreed + excess)).contains(total.minorUnits) else {
      throw LedgerError.badAgreement(
        order: order.key, total: total,
        rule: "Give from \(try money(least)) to \(try money(agreed + excess)); the vendor refunds "
          + "what is paid already.")
    }
    let above = max(0, total.minorUnits - agreed)
    let more = above - dispute.setAside.minorUnits
    if more > 0 { try step.post(.overcharge, money(more)) }
    if above > 0 { try step.post(.settle, money(above)) }
    if more < 0 { try step.post(.credit, money(-more)) }
    try close(.pay, paid: total, reason: reason)
  }

  /// Frees what was set aside.
  func credit(reason: String) throws {
    guard let dispute = try open() else { return }
    if dispute.setAside.minorUnits > 0 { try step.post(.credit, dispute.setAside) }
    try close(.credit, paid: nil, reason: reason)
  }

  private func open() throws -> DisputeRecord? {
    let newest = try DisputeRecord.fetch(
      database, order: order.key, currency: order.held.currency)
    return newest.flatMap { $0.isOpen ? $0 : nil }
  }

  private func close(_ outcome: DisputeOutcome, paid: Money?, reason: String) throws {
    try database.execute(
      sql: """
        UPDATE dispute SET outcome = ?, paid = ?, closing_reason = ?, closed_at = ?, closed_by = ?
        WHERE order_key = ? AND outcome IS NULL
        """,
      arguments: [
        outcome.rawValue, paid?.minorUnits, reason, Timestamp.text(step.at), step.actor,
        order.key.text,
      ])
  }

  private func money(_ minorUnits: Int64) throws -> Money {
    try Money(minorUnits: minorUnits, currency: order.held.currency)
  }
}

extension DisputeRecord {
  /// The newest dispute about an order.
  static func fetch(
    _ database: Database, order: UUID, currency: Currency
  ) throws -> DisputeRecord? {
    let row = try Row.fetchOne(
      database, sql: "SELECT * FROM dispute WHERE order_key = ? ORDER BY id DESC LIMIT 1",
      arguments: [order.text])
    guard let row else { return nil }
    func money(_ column: String) throws -> Money {
      try Money(minorUnits: row[column], currency: currency)
    }
    return DisputeRecord(
      charged: try Money(
        minorUnits: row["charged"], currency: Currency(code: row["charged_currency"])),
      agreed: try money("agreed"), setAside: try money("set_aside"), claim: try money("claim"),
      reason: row["reason"], at: try Timestamp.stored(row["at"]),
      outcome: (row["outcome"] as String?).flatMap(DisputeOutcome.init(rawValue:)),
      paid: try (row["paid"] as Int64?).map { try Money(minorUnits: $0, currency: currency) })
  }
}
