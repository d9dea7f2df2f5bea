// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Platform
import TestSupport
import Testing

/// The program that checks our books, where it is installed.
private enum Hledger {
  static let program = URL(filePath: "/usr/bin/hledger")
  static let isInstalled = FileManager.default.isExecutableFile(atPath: program.path)
}

@Suite struct LedgerExportTests {
  private let fixture: LedgerFixture

  /// A ledger with two budgets, of two and of no decimals, and a purchase of 55.00 of a 60.00 hold.
  init() throws {
    fixture = try LedgerFixture(granted: 10_000)
    let yen = try Currency(code: "JPY")
    // A clock that went back two days: dates must not go back with it.
    let earlier = fixture.now.addingTimeInterval(-200_000)
    try fixture.ledger.createBudget("yen", currency: yen, actor: "uid:1000", at: earlier)
    try fixture.ledger.grant(
      Money(minorUnits: 5000, currency: yen), to: "yen", actor: "a, \"b\"", at: earlier)
    let key = try fixture.draft(rows: [0, 1])
    try fixture.submit(key, holding: 6000)
    try fixture.buy(key, item: 0, for: 5500)
    try fixture.apply(key, to: .delivering, .failItem(number: 1))
    try fixture.apply(key, to: .settledInPart, .releaseRest)
  }

  private func text(_ format: LedgerExportFormat, since: Int64 = 0) throws -> String {
    String(decoding: try fixture.ledger.export(format, since: since), as: UTF8.self)
  }

  /// Runs hledger on a journal; its exit code and what it printed.
  private func hledger(_ journal: String, _ arguments: [String]) throws -> (Int32, String) {
    let file = fixture.folder.url.appending(path: "test.journal")
    try Data(journal.utf8).write(to: file)
    let process = Process()
    process.executableURL = Hledger.program
    process.arguments = ["-f", file.path] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }

  @Test(
    .enabled(if: Hledger.isInstalled, "hledger is not installed"),
    arguments: [0, 1, 2, 3, 4] as [Int64])
  func agreesWithHledger(since: Int64) throws {
    let journal = try text(.hledger, since: since)
    #expect(try hledger(journal, ["check"]).0 == 0, "\(journal)")
    let (_, balances) = try hledger(journal, ["bal", "-N", "-E", "--flat", "-O", "csv"])
    for line in [
      "\"b:owner\",\"EUR -100.00\"", "\"b:free\",\"EUR 45.00\"", "\"b:spent\",\"EUR 55.00\"",
      "\"b:held\",\"0\"", "\"yen:free\",\"JPY 5000\"",
    ] where since < 3 || !line.contains("held") {
      #expect(balances.contains(line), "\(balances)")
    }
  }

  @Test(.enabled(if: Hledger.isInstalled, "hledger is not installed"))
  func agreesWithHledgerOnDisputesAndRefunds() throws {
    let key = try fixture.draft(rows: [7])
    try fixture.submit(key, holding: 1000)
    try fixture.buy(key, item: 0, for: 1000)
    try fixture.apply(
      key, to: .delivering, .openDispute(charged: fixture.money(1300), reason: "too dear"))
    try fixture.apply(key, to: .settled, .payDispute(total: fixture.money(1200), reason: "half"))
    try fixture.ledger.book(
      VendorRefund(id: "r1", vendorOrder: "v-\(key.text)", amount: fixture.money(500)),
      from: "vendor", actor: "test", at: fixture.now)
    let journal = try text(.hledger, since: 3)
    for operation in ["overcharge", "settle", "credit", "refund"] {
      #expect(journal.contains(" \(operation) \(key.text)"), "\(journal)")
    }
    #expect(try hledger(journal, ["check"]).0 == 0, "\(journal)")
    let (_, balances) = try hledger(journal, ["bal", "-N", "-E", "--flat", "-O", "csv"])
    #expect(balances.contains("\"b:spent\",\"EUR 62.00\""), "\(balances)")
    #expect(balances.contains("\"b:disputed\",\"0\""), "\(balances)")
  }

  @Test(.enabled(if: Hledger.isInstalled, "hledger is not installed"))
  func isRefusedByHledgerWhenDoctored() throws {
    let journal = try text(.hledger)
    let doctored = journal.replacing("EUR 55.00 = ", with: "EUR 54.00 = ")
      .replacing("EUR -55.00 = ", with: "EUR -54.00 = ")
    #expect(doctored != journal)
    #expect(try hledger(doctored, ["check"]).0 != 0)
  }

  @Test func writesALineForEachEntry() throws {
    let lines = try text(.csv).split(separator: "\n")
    #expect(lines.count == 6)
    #expect(lines[0].hasPrefix("seq,at,budget,operation,amount,currency,from,from_after,"))
    #expect(lines[2].contains(",yen,grant,5000,JPY,owner,-5000,free,5000,,,\"a, \"\"b\"\"\","))
    #expect(lines[4].contains(",b,capture,55.00,EUR,held,5.00,spent,55.00,"))
    #expect(try text(.csv, since: 4).split(separator: "\n").count == 2)
  }

  @Test func writesJSONThatReadsBack() throws {
    let data = try fixture.ledger.export(.json)
    let entries = try JSON.decoder().decode([LedgerEntry].self, from: data)
    #expect(entries == (try fixture.ledger.entries()))
    #expect(entries.map(\.operation) == [.grant, .grant, .hold, .capture, .release])
    #expect(String(decoding: data, as: UTF8.self).contains("\"minor_units\" : 5500"))
  }

  @Test func selectsEntries() throws {
    #expect(try fixture.ledger.entries(budget: "yen").map(\.seq) == [2])
    #expect(try fixture.ledger.entries(since: 2, limit: 2).map(\.seq) == [3, 4])
  }
}
