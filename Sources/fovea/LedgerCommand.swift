// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import Foundation
import Ledger
import Platform
import Wire

struct LedgerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger", abstract: "The books: entries, check, export.",
    discussion: """
      The daemon is asked where it runs. With --state and no daemon, verify and export read the \
      files themselves.
      """,
    subcommands: [Entries.self, Verify.self, Export.self], defaultSubcommand: Entries.self)

  struct Entries: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the entries, oldest first.")
    @Option(help: "Only this budget's.") var budget: String?
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let entries = try await connection.connect().ledgerEntries(budget: budget)
      if output.json { return try Printing.json(ItemList(items: entries, next: nil)) }
      Printing.table(
        ["seq", "at", "operation", "budget", "amount", "order", "item", "actor"],
        entries.map { entry in
          [
            "\(entry.sequence)", Printing.time(entry.at), entry.operation, entry.budget,
            entry.amount.description, entry.order ?? "", entry.item.map(String.init) ?? "",
            entry.actor,
          ]
        })
    }
  }

  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Recompute the hash chain, the balances and the anchor.",
      discussion: "Exit codes: 0 whole, 65 broken, 69 no daemon, 75 in use.")
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let check: LedgerCheck
      do {
        check = try await connection.connect().verifyLedger()
      } catch ClientError.unreachable where connection.state != nil {
        let found = try LedgerCommand.offline(connection).verify()
        check = LedgerCheck(
          entryCount: Int64(found.entryCount), head: found.headHash, problems: found.problems)
      }
      if output.json {
        try Printing.json(check)
      } else {
        print("\(check.entryCount) entries, head \(check.head.prefix(16))")
        for problem in check.problems { print("problem: \(problem)") }
      }
      guard check.problems.isEmpty else {
        throw CommandFailure(
          "the ledger is damaged. Buy nothing, and restore the newest backup.", .badData)
      }
      if !output.json { print("the ledger is whole") }
    }
  }

  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the ledger in another program's form to standard output.")
    @Option(help: "hledger, csv or json.") var format = LedgerExportFormat.hledger
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
      do {
        try await Printing.raw(
          connection.connect().exportLedger(format: format.rawValue))
      } catch ClientError.unreachable where connection.state != nil {
        try Printing.raw(LedgerCommand.offline(connection).export(format))
      }
    }
  }

  private static func offline(_ connection: ConnectionOptions) throws(LedgerError) -> Ledger {
    try Ledger(reading: URL(filePath: connection.state ?? ""))
  }
}

extension LedgerExportFormat: ExpressibleByArgument {}
