// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import GRDB
import Platform

/// Adds entries to the chain, within a transaction; checks each rule before the database does, so
/// that a person gets a message with the figures.
struct Posting {
  let budget: String
  let actor: String
  let at: Date
  var order: UUID?

  /// Appends one entry.
  func post(
    _ operation: LedgerOperation, _ amount: Money, item: Int? = nil, in database: Database
  ) throws {
    let balance = try BudgetBalance.fetch(database, id: budget)
    try check(operation, amount, item: item, balance: balance, in: database)
    let head = try ChainHead.fetch(database)
    func after(_ kind: AccountKind, _ change: Int64) -> Int64 { balance[kind] + change }
    let link = ChainLink(
      seq: head.seq + 1, operation: operation.rawValue, orderKey: order?.text,
      item: item.map(Int64.init), fromAccount: "\(budget):\(operation.source.rawValue)",
      toAccount: "\(budget):\(operation.destination.rawValue)", amount: amount.minorUnits,
      fromAfter: after(operation.source, -amount.minorUnits),
      toAfter: after(operation.destination, amount.minorUnits), at: Timestamp.text(at),
      actor: actor)
    try database.execute(
      sql: "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      arguments: [
        link.seq, link.operation, link.orderKey, link.item, link.fromAccount, link.toAccount,
        link.amount, link.fromAfter, link.toAfter, link.at, link.actor, head.hash,
        link.hash(after: head.hash),
      ])
  }

  private func check(
    _ operation: LedgerOperation, _ amount: Money, item: Int?, balance: BudgetBalance,
    in database: Database
  ) throws {
    guard amount.currency == balance.currency else {
      throw LedgerError.wrongCurrency(
        budget: budget, currency: balance.currency.code, got: amount)
    }
    let units = amount.minorUnits
    let isGrantTooLarge =
      operation == .grant && balance.granted.minorUnits + units > Money.largestMinorUnits
    guard units >= operation.smallestMinorUnits, !isGrantTooLarge else {
      throw LedgerError.badAmount(operation: operation, amount: amount)
    }
    if operation.source == .free, units > balance.free.minorUnits {
      guard operation == .reduce else {
        throw LedgerError.overLimit(budget: balance, asked: amount)
      }
      throw LedgerError.limitInUse(
        budget: budget, smallest: try balance.granted.subtracting(balance.free))
    }
    if let order { try checkOrder(order, operation, amount, item: item, in: database) }
  }

  private func checkOrder(
    _ order: UUID, _ operation: LedgerOperation, _ amount: Money, item: Int?,
    in database: Database
  ) throws {
    let money = try OrderMoney.fetch(database, order: order, currency: amount.currency)
    switch operation {
    case .capture, .release:
      guard amount.minorUnits <= money.held.minorUnits else {
        throw LedgerError.aboveHold(order: order, held: money.held, asked: amount)
      }
    case .refund:
      guard amount.minorUnits <= money.captured.minorUnits else {
        throw LedgerError.aboveCapture(order: order, captured: money.captured, asked: amount)
      }
    default: break
    }
  }
}

/// What an order holds and what was paid for it.
struct OrderMoney {
  let held: Money
  let captured: Money

  static func fetch(
    _ database: Database, order: UUID, currency: Currency
  ) throws -> OrderMoney {
    let row = try Row.fetchOne(
      database, sql: "SELECT held, captured FROM order_money WHERE order_key = ?",
      arguments: [order.text])
    return OrderMoney(
      held: try Money(minorUnits: row?["held"] ?? 0, currency: currency),
      captured: try Money(minorUnits: row?["captured"] ?? 0, currency: currency))
  }
}

extension BudgetBalance {
  /// The balance of an account, in minor units.
  subscript(kind: AccountKind) -> Int64 {
    switch kind {
    case .owner: -granted.minorUnits
    case .free: free.minorUnits
    case .held: held.minorUnits
    case .spent: spent.minorUnits
    case .disputed: disputed.minorUnits
    }
  }
}
