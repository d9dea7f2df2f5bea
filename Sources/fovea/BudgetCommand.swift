// SPDX-License-Identifier: Apache-2.0

import Acquisition
import ArgumentParser
import Client
import Foundation
import Platform
import Wire

struct BudgetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "budget", abstract: "Budgets: what may be spent.",
    subcommands: [Create.self, List.self, Show.self, TopUp.self], defaultSubcommand: List.self)

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Create a budget.")
    @Argument(help: "Its name: letters a to z, digits and -.") var id: String
    @Argument(help: "What may be spent, as in \"250.00 EUR\".") var amount: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let amount = try Money(parsing: amount)
      let budget = try await connection.connect()
        .createBudget(BudgetRequest(id: id, amount: amount))
      try BudgetCommand.show([budget], as: output)
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List all budgets.")
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let budgets = try await connection.connect().budgets()
      if output.json {
        try Printing.json(ItemList(items: budgets, next: nil))
      } else {
        try BudgetCommand.show(budgets, as: output)
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show one budget.")
    @Argument(help: "Its name.") var id: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try BudgetCommand.show([await connection.connect().budget(id)], as: output)
    }
  }

  struct TopUp: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "top-up", abstract: "Add money to a budget.")
    @Argument(help: "Its name.") var id: String
    @Argument(help: "What to add, as in \"50.00 EUR\".") var amount: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let amount = try Money(parsing: amount)
      let budget = try await connection.connect().grant(
        amount, to: id, idempotencyKey: UUID().text)
      try BudgetCommand.show([budget], as: output)
    }
  }

  private static func show(_ budgets: [BudgetRecord], as output: OutputOptions) throws {
    if output.json, let budget = budgets.first { return try Printing.json(budget) }
    Printing.table(
      ["budget", "granted", "free", "held", "spent", "disputed"],
      budgets.map { budget in
        [budget.id]
          + [budget.granted, budget.free, budget.held, budget.spent, budget.disputed]
          .map(\.description)
      })
  }
}
