// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Hummingbird
import Ledger
import Logging
import Platform
import Wire

/// `/v1/budgets`: what may be spent.
struct BudgetRoutes: Sendable {
  let ledger: Ledger
  let calls: KeyedCallStore
  /// Where the ledger is called, which blocks.
  let pool: ComputePool
  let now: @Sendable () -> Date

  func add(to routes: inout RouteTable) {
    routes.post("v1/budgets", role: .admin, create)
    routes.get("v1/budgets") { request, _ in
      let budgets = try await pool.run { [ledger] in try ledger.budgets() }.map(BudgetRecord.init)
      return try Answer.json(try PageQuery(request).page(of: budgets, id: \.id))
    }
    routes.get("v1/budgets/:id") { _, context in
      let id = try context.parameters.require("id")
      let budget = try await pool.run { [ledger] in try ledger.budget(id) }
      return try Answer.json(BudgetRecord(budget))
    }
    routes.post("v1/budgets/:id/grants", role: .admin, grant)
  }

  @Sendable private func create(_ request: Request, _ context: APIContext) async throws -> Response
  {
    let key = try IdempotencyKey(request)
    let body = try await BodyReader(request, fields: ["id", "amount"])
    let (id, amount) = (try body.text("id"), try body.money("amount"))
    guard amount.minorUnits >= 0 else {
      throw ProblemDocument.field(
        "amount", "A budget cannot be less than nothing.", got: "\(amount)", do: "Give 0 or more.")
    }
    let (actor, date) = (await context.actor(), now())
    let budget = try await calls.once(key, for: request, body.digest) {
      BudgetRecord(
        try await pool.run { [ledger] in
          let budget = try ledger.createBudget(
            id, currency: amount.currency, actor: actor, at: date)
          guard amount.minorUnits > 0 else { return budget }
          return try ledger.grant(amount, to: id, actor: actor, at: date)
        })
    }
    context.logger.info(
      "budget created", metadata: ["budget": "\(id)", "amount": "\(amount)", "actor": "\(actor)"])
    return try Answer.json(
      budget, status: .created, headers: [.location: "/v1/budgets/\(id)"])
  }

  @Sendable private func grant(_ request: Request, _ context: APIContext) async throws -> Response {
    let key = try IdempotencyKey(request)
    let id = try context.parameters.require("id")
    let body = try await BodyReader(request, fields: ["amount"])
    let amount = try body.money("amount")
    let (actor, date) = (await context.actor(), now())
    let budget = try await calls.once(key, for: request, body.digest) {
      BudgetRecord(
        try await pool.run { [ledger] in
          try ledger.grant(amount, to: id, actor: actor, at: date)
        })
    }
    context.logger.info(
      "budget raised", metadata: ["budget": "\(id)", "amount": "\(amount)", "actor": "\(actor)"])
    return try Answer.json(budget)
  }
}

extension BudgetRecord {
  fileprivate init(_ balance: BudgetBalance) {
    self.init(
      id: balance.id, granted: balance.granted, free: balance.free, held: balance.held,
      spent: balance.spent, disputed: balance.disputed)
  }
}
