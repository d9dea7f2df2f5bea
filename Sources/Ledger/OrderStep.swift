// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import GRDB
import Platform

/// The effects of one change of an order, within its transaction.
struct OrderStep {
  let order: OrderRecord
  let database: Database
  let actor: String
  let at: Date

  private var key: String { order.key.text }

  /// Performs one effect.
  func perform(_ effect: OrderEffect) throws {
    switch effect {
    case .recordQuote(let quote): try record(quote)
    case .hold(let amount): try hold(amount)
    case .attempt(let digest): try attempt(digest)
    case .recordVendorOrder(let id): try set("vendor_order_id = ?", [id])
    case .storeItem(let number, let path, let sha256, let byteCount):
      try moveItem(number, from: [.pending, .stored], to: .stored)
      try database.execute(
        sql: """
          UPDATE order_item SET state = 'stored', path = ?, sha256 = ?, byte_count = ?
          WHERE order_key = ? AND number = ?
          """, arguments: [path, sha256, byteCount, key, number])
    case .captureItem(let number, let charge): try capture(number, charge)
    case .failItem(let number):
      try moveItem(number, from: [.pending, .stored], to: .failed)
      try database.execute(
        sql: "UPDATE order_item SET state = 'failed' WHERE order_key = ? AND number = ?",
        arguments: [key, number])
      try moveClaims(to: "released", item: number)
    case .releaseRest:
      let rest = try OrderMoney.fetch(
        database, order: order.key, currency: order.held.currency
      ).held
      if rest.minorUnits > 0 { try post(.release, rest) }
    case .releaseClaims: try moveClaims(to: "released", item: nil)
    case .openDispute(let charged, let reason, let freezesVendor):
      try DisputeStep(step: self).open(
        charged: charged, reason: reason, freezesVendor: freezesVendor)
    case .payDispute(let total, let reason):
      try DisputeStep(step: self).pay(total: total, reason: reason)
    case .creditDispute(let reason): try DisputeStep(step: self).credit(reason: reason)
    case .freezeVendor(let reason):
      try VendorFreeze.insert(order.vendor, reason: reason, actor: actor, at: at, in: database)
    case .note, .park: break
    }
  }

  /// Moves the order to its new state, last, when the database can see that all that the state
  /// demands is there.
  func move(to state: OrderState, effects: [OrderEffect]) throws {
    var parking: Parking?
    for case .park(let reason, let remedy) in effects {
      parking = Parking(reason: reason, remedy: remedy)
    }
    // A parked order that only changes otherwise stays parked for its old reason.
    if state == .parked && parking == nil { parking = order.parking }
    try set(
      "state = ?, parked_reason = ?, parked_remedy = ?",
      [state.rawValue, parking?.reason, parking?.remedy])
    try tell(state, effects)
  }

  /// Adds to the order's story, where the state is another or there is something to say.
  private func tell(_ state: OrderState, _ effects: [OrderEffect]) throws {
    let notes = effects.compactMap { effect -> String? in
      switch effect {
      case .note(let text), .park(let text, _), .openDispute(_, let text, _),
        .payDispute(_, let text), .creditDispute(let text):
        text
      default: nil
      }
    }
    guard state != order.state || !notes.isEmpty else { return }
    let note = notes.isEmpty ? nil : String(notes.joined(separator: "; ").prefix(2000))
    try database.execute(
      sql: """
        INSERT INTO order_event SELECT ?, count(*) + 1, ?, ?, ?, ? FROM order_event
        WHERE order_key = ?
        """, arguments: [key, state.rawValue, note, Timestamp.text(at), actor, key])
  }

  private func set(_ columns: String, _ arguments: StatementArguments) throws {
    try database.execute(
      sql: "UPDATE purchase_order SET \(columns), updated_at = ? WHERE key = ?",
      arguments: arguments + [Timestamp.text(at), key])
  }

  func post(_ operation: LedgerOperation, _ amount: Money, item: Int? = nil) throws {
    let posting = Posting(budget: order.budget, actor: actor, at: at, order: order.key)
    try posting.post(operation, amount, item: item, in: database)
  }

  private func record(_ quote: RecordedQuote) throws {
    // The vendor's word, whatever it is; what is held is checked against the budget.
    try set(
      "quote_price = ?, quote_currency = ?, quote_valid_until = ?, quote_document = ?",
      [
        quote.price.minorUnits, quote.price.currency.code, quote.validUntil.map(Timestamp.text),
        quote.document,
      ])
  }

  private func attempt(_ digest: String) throws {
    try checkFreeze()
    try database.execute(
      sql: """
        INSERT INTO attempt SELECT ?, count(*) + 1, ?, ? FROM attempt WHERE order_key = ?
        """, arguments: [key, digest, Timestamp.text(at), key])
  }

  private func checkFreeze() throws {
    if let freeze = try VendorFreeze.fetch(database, vendor: order.vendor) {
      throw LedgerError.vendorFrozen(freeze)
    }
  }

  private func hold(_ amount: Money) throws {
    try checkFreeze()
    try post(.hold, amount)
    let layer = try PatchLayer(order.draft).rowID(in: database)
    let owner = try database.cachedStatement(
      sql: """
        SELECT order_key FROM patch_claim
        WHERE layer = ? AND patch_column = ? AND patch_row = ? AND state <> 'released'
        """)
    let claim = try database.cachedStatement(
      sql: "INSERT INTO patch_claim VALUES (?, ?, ?, ?, ?, 'held')")
    for (item, rectangle) in order.draft.rectangles.enumerated() {
      for patch in rectangle.positions {
        let other = try String.fetchOne(owner, arguments: [layer, patch.column, patch.row])
        if let other = other.flatMap(UUID.init(uuidString:)) {
          throw LedgerError.patchTaken(order: order.key, patch: patch, by: other)
        }
        try claim.execute(arguments: [key, item, layer, patch.column, patch.row])
      }
    }
  }

  private func capture(_ number: Int, _ charge: Money) throws {
    try moveItem(number, from: [.stored], to: .captured)
    try post(.capture, charge, item: number)
    try database.execute(
      sql: """
        UPDATE order_item SET state = 'captured', charge = ? WHERE order_key = ? AND number = ?
        """, arguments: [charge.minorUnits, key, number])
    try moveClaims(to: "bought", item: number)
  }

  /// Refuses to move an item that is not in one of the given states now.
  private func moveItem(
    _ number: Int, from: [OrderItemState], to state: OrderItemState
  ) throws {
    let text = try String.fetchOne(
      database, sql: "SELECT state FROM order_item WHERE order_key = ? AND number = ?",
      arguments: [key, number])
    let now = text.flatMap(OrderItemState.init(rawValue:))
    guard let now, from.contains(now) else {
      throw LedgerError.wrongItem(order: order.key, item: number, state: now)
    }
  }

  private func moveClaims(to state: String, item: Int?) throws {
    // Two texts: with one for both, each item would look at the claims of the whole order.
    let held = "UPDATE patch_claim SET state = ? WHERE order_key = ? AND state = 'held'"
    if let item {
      try database.execute(sql: held + " AND item = ?", arguments: [state, key, item])
    } else {
      try database.execute(sql: held, arguments: [state, key])
    }
  }
}
