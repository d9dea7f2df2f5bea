// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation
import GRDB
import Platform

extension Ledger {
  /// Makes a budget with nothing in it.
  ///
  /// - Parameters:
  ///   - id: 1 to 64 of `a` to `z`, `0` to `9` and `-`.
  ///   - actor: who asks; 1 to 64 characters without `|` and line breaks.
  /// - Throws: `LedgerError.budgetExists`, `LedgerError.malformed`.
  @discardableResult
  public func createBudget(
    _ id: String, currency: Currency, actor: String, at date: Date
  ) throws(LedgerError) -> BudgetBalance {
    let allowed = id.utf8.allSatisfy { byte in
      (97...122).contains(byte) || (48...57).contains(byte) || byte == 45
    }
    guard (1...64).contains(id.utf8.count), allowed else {
      throw .malformed(
        field: "budget", value: id, rule: "Use 1 to 64 of the letters a to z, digits and -.")
    }
    guard currency.minorDigits <= 3 else {
      throw .malformed(field: "currency", value: currency.code, rule: "Use one of 0 to 3 decimals.")
    }
    try checkActor(actor)
    return try write { database in
      let known = try Bool.fetchOne(
        database, sql: "SELECT EXISTS (SELECT 1 FROM budget WHERE id = ?)", arguments: [id])
      guard known == false else { throw LedgerError.budgetExists(id) }
      try database.execute(
        sql: "INSERT INTO budget VALUES (?, ?, ?, ?, ?)",
        arguments: [id, currency.code, currency.minorDigits, Timestamp.text(date), actor])
      return try BudgetBalance.fetch(database, id: id)
    }
  }

  /// Raises a budget's limit.
  ///
  /// - Throws: `LedgerError.unknownBudget`, `LedgerError.wrongCurrency`, `LedgerError.badAmount`.
  @discardableResult
  public func grant(
    _ amount: Money, to budget: String, actor: String, at date: Date
  ) throws(LedgerError) -> BudgetBalance {
    try move(.grant, amount, budget: budget, actor: actor, at: date)
  }

  /// Lowers a budget's limit, at most by what is free.
  ///
  /// - Throws: `LedgerError.limitInUse`, and what ``grant(_:to:actor:at:)`` throws.
  @discardableResult
  public func reduce(
    _ budget: String, by amount: Money, actor: String, at date: Date
  ) throws(LedgerError) -> BudgetBalance {
    try move(.reduce, amount, budget: budget, actor: actor, at: date)
  }

  /// Every budget, by name.
  public func budgets() throws(LedgerError) -> [BudgetBalance] {
    try read { database in
      try String.fetchAll(database, sql: "SELECT id FROM budget ORDER BY id")
        .map { try BudgetBalance.fetch(database, id: $0) }
    }
  }

  /// One budget.
  ///
  /// - Throws: `LedgerError.unknownBudget`.
  public func budget(_ id: String) throws(LedgerError) -> BudgetBalance {
    try read { try BudgetBalance.fetch($0, id: id) }
  }

  private func move(
    _ operation: LedgerOperation, _ amount: Money, budget: String, actor: String, at date: Date
  ) throws(LedgerError) -> BudgetBalance {
    try checkActor(actor)
    return try write { database in
      let posting = Posting(budget: budget, actor: actor, at: date)
      try posting.post(operation, amount, in: database)
      return try BudgetBalance.fetch(database, id: budget)
    }
  }

  /// Refuses an actor that the hashed text of an entry cannot hold.
  func checkActor(_ actor: String) throws(LedgerError) {
    let isPlain = actor.unicodeScalars.allSatisfy { scalar in
      scalar != "|" && scalar.properties.generalCategory != .control
    }
    guard (1...64).contains(actor.unicodeScalars.count), isPlain else {
      throw .malformed(
        field: "actor", value: actor, rule: "Use 1 to 64 characters without | and line breaks.")
    }
  }
}

extension BudgetBalance {
  static func fetch(_ database: Database, id: String) throws -> BudgetBalance {
    let code = try String.fetchOne(
      database, sql: "SELECT currency FROM budget WHERE id = ?", arguments: [id])
    guard let code else { throw LedgerError.unknownBudget(id) }
    let currency = try Currency(code: code)
    var amounts: [String: Int64] = [:]
    for row in try Row.fetchAll(
      database, sql: "SELECT kind, amount FROM balance WHERE budget = ?", arguments: [id])
    {
      amounts[row["kind"]] = row["amount"]
    }
    func money(_ kind: AccountKind, sign: Int64 = 1) throws -> Money {
      try Money(minorUnits: sign * (amounts[kind.rawValue] ?? 0), currency: currency)
    }
    return BudgetBalance(
      id: id, granted: try money(.owner, sign: -1), free: try money(.free),
      held: try money(.held), spent: try money(.spent), disputed: try money(.disputed))
  }
}
