// SPDX-License-Identifier: Apache-2.0

import Acquisition
public import Foundation
import GRDB
import Platform

extension Ledger {
  /// Entries in order, of one budget or of all.
  ///
  /// - Parameters:
  ///   - since: only entries after this number.
  ///   - limit: at most this many; nil for all.
  public func entries(
    budget: String? = nil, since: Int64 = 0, limit: Int? = nil
  ) throws(LedgerError) -> [LedgerEntry] {
    try entries(
      where: "e.seq > ? AND (? IS NULL OR a.budget = ?)", [since, budget, budget], limit: limit)
  }

  /// The entries of one order.
  public func entries(order: UUID) throws(LedgerError) -> [LedgerEntry] {
    try entries(where: "e.order_key = ?", [order.text], limit: nil)
  }

  private func entries(
    where condition: String, _ arguments: StatementArguments, limit: Int?
  ) throws(LedgerError) -> [LedgerEntry] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT e.*, a.budget, b.currency FROM entry e
          JOIN account a ON a.id = e.from_account JOIN budget b ON b.id = a.budget
          WHERE \(condition) ORDER BY e.seq LIMIT ?
          """, arguments: arguments + [limit ?? -1]
      ).map(LedgerEntry.init(row:))
    }
  }
}

extension LedgerEntry {
  init(row: Row) throws {
    let currency = try Currency(code: row["currency"])
    func money(_ column: String) throws -> Money {
      try Money(minorUnits: row[column], currency: currency)
    }
    guard let operation = LedgerOperation(rawValue: row["operation"]),
      let at = Timestamp.date(row["at"])
    else { throw LedgerError.rule("ledger: entry \(row["seq"] as Int64) cannot be read") }
    self.init(
      seq: row["seq"], operation: operation, budget: row["budget"],
      order: (row["order_key"] as String?).flatMap(UUID.init(uuidString:)), item: row["item"],
      amount: try money("amount"), sourceAfter: try money("from_after"),
      destinationAfter: try money("to_after"), at: at, actor: row["actor"],
      hash: Digest.hexadecimal(row["hash"] as Data))
  }
}
