// SPDX-License-Identifier: Apache-2.0

import Acquisition
import ArgumentParser
import Client
import Foundation
import Ledger
import Platform
import Wire

extension LedgerCommand {
  struct Refunds: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List what vendors gave back, and what of it could not be booked.")
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let refunds = try await connection.connect().refunds()
      if output.json { return try Printing.json(ItemList(items: refunds, next: nil)) }
      Printing.table(
        ["vendor", "refund", "amount", "order", "entry", "not booked because"],
        refunds.map { refund in
          [
            refund.vendor, refund.id, refund.amount.description,
            refund.order ?? refund.vendorOrder, refund.entry.map { "\($0)" } ?? "",
            refund.obstacle ?? "",
          ]
        })
    }
  }

  struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Copy the ledger with its anchor, and check the copy's chain.",
      discussion: """
        A running daemon copies it into its state directory's backups folder, and says where. \
        Where none runs, --state and --to copy the files themselves.
        """)
    @Option(help: "The folder for the copy, where no daemon runs.") var to: String?
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let copy = try await LedgerCommand.ask(connection) {
        try await $0.backUpLedger()
      } files: { ledger in
        guard let to else {
          throw CommandFailure("no daemon runs. Give the folder of the copy with --to.", .usage)
        }
        let found = try ledger.backup(to: URL(filePath: to))
        return BackupRecord(folder: to, entryCount: found.entryCount)
      }
      if output.json { return try Printing.json(copy) }
      print("\(copy.entryCount) entries copied to \(copy.folder), and the copy is whole")
    }
  }

  struct Recover: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say what is wrong with a ledger that a daemon refuses, and how to go on.",
      discussion: "Changes nothing. Exit codes: 0 nothing to recover, 65 damaged, 75 in use.")
    @Option(help: "The daemon's state directory; the daemon must not run.") var state: String

    func run() async throws {
      let folder = URL(filePath: state)
      let found = try Ledger(reading: folder).verify()
      guard !found.isSound else {
        print("the ledger is whole, at entry \(found.headSeq): there is nothing to recover")
        return
      }
      for problem in found.problems { print("problem: \(problem)") }
      throw CommandFailure(
        """
        the ledger of \(folder.path) is damaged, and buying on it could pay twice. \
        1. Keep the folder as it is. 2. Copy ledger.sqlite and anchor of the newest whole backup \
        (fovea ledger verify --state BACKUP) into a copy of the folder. 3. Start the daemon on \
        that, and run fovea reconcile before any job: orders that only the vendor has are those \
        that were lost. Nothing was changed here.
        """, .badData)
    }
  }
}
