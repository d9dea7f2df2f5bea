// SPDX-License-Identifier: Apache-2.0

import Acquisition
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
      The daemon is asked where it runs. Where none does, --state reads the files themselves.
      """,
    subcommands: [
      Entries.self, Verify.self, Export.self, Refunds.self, Backup.self, Recover.self,
    ], defaultSubcommand: Entries.self)

  struct Entries: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the entries, oldest first.")
    @Option(help: "Only this budget's.") var budget: String?
    @Option(help: "Only entries after this number.") var since: Int64 = 0
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let entries = try await LedgerCommand.ask(connection) {
        try await $0.ledgerEntries(budget: budget).filter { $0.sequence > since }
      } files: {
        try $0.entries(budget: budget, since: since).map(LedgerEntryRecord.init)
      }
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
      let check = try await LedgerCommand.ask(connection) {
        try await $0.verifyLedger()
      } files: { ledger in
        let found = try ledger.verify()
        return LedgerCheck(
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
    @Option(
      help: "hledger, csv or json.",
      transform: { text in
        guard let format = LedgerExportFormat(rawValue: text) else {
          throw ValidationError("--format is hledger, csv or json, not \"\(text)\".")
        }
        return format
      }) var format = LedgerExportFormat.hledger
    @Option(help: "Only entries after this number.") var since: Int64 = 0
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
      let data = try await LedgerCommand.ask(connection) {
        try await $0.exportLedger(format: format.rawValue, since: since)
      } files: {
        try $0.export(format, since: since)
      }
      try Printing.raw(data)
    }
  }

  /// Asks the daemon; where none runs and a state directory is named, the files in it.
  static func ask<Answer>(
    _ connection: ConnectionOptions, daemon: (DaemonClient) async throws -> Answer,
    files: (Ledger) throws -> Answer
  ) async throws -> Answer {
    do {
      return try await daemon(connection.connect())
    } catch let error as ClientError {
      guard case .unreachable = error, let state = connection.state else { throw error }
      return try files(Ledger(reading: URL(filePath: state)))
    }
  }
}

extension LedgerEntryRecord {
  fileprivate init(_ entry: LedgerEntry) {
    self.init(
      sequence: entry.seq, at: entry.at, operation: entry.operation.rawValue,
      budget: entry.budget, order: entry.order?.text, item: entry.item, amount: entry.amount,
      actor: entry.actor, hash: entry.hash)
  }
}
