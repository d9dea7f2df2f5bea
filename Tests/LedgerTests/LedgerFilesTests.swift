// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import GRDB
import Ledger
import Platform
import TestSupport
import Testing

/// Opening and reopening: the anchor, other programs' files, damage, two processes.
@Suite struct LedgerFilesTests {
  private let fixture: LedgerFixture
  private var folder: URL { fixture.folder.url }
  private var anchor: URL { folder.appending(path: "anchor") }
  private var file: URL { folder.appending(path: Ledger.fileName) }

  init() throws { fixture = try LedgerFixture(granted: 5000) }

  private func grant() throws {
    try fixture.ledger.grant(fixture.money(1), to: "b", actor: "test", at: fixture.now)
  }

  private func openingRefusal() throws -> LedgerError? {
    try fixture.ledger.close()
    let folder = folder
    return refusal { _ = try Ledger(in: folder) }
  }

  @Test func keepsEverythingOverARestart() throws {
    let key = try fixture.draft(rows: [0])
    try fixture.submit(key, holding: 77)
    let before = try fixture.ledger.order(key)
    try fixture.reopen()
    #expect(try fixture.ledger.order(key) == before)
    #expect(try fixture.balance().held == fixture.money(77))
    #expect(try fixture.ledger.orders(job: fixture.job).count == 1)
  }

  @Test func writesTheAnchorAfterEachCommit() throws {
    for _ in 0..<3 {
      try grant()
      let entry = try #require(try fixture.ledger.entries().last)
      #expect(try String(contentsOf: anchor, encoding: .utf8) == "\(entry.seq) \(entry.hash)\n")
    }
  }

  @Test func goesOnFromAnAnchorThatIsOneBehind() throws {
    let old = try Data(contentsOf: anchor)
    try grant()
    try fixture.ledger.close()
    try old.write(to: anchor)
    let ledger = try Ledger(in: folder)
    #expect(try ledger.verify().anchorFinding == nil)
  }

  @Test func refusesALedgerThatLostCommits() throws {
    try fixture.ledger.close()
    let old = try Data(contentsOf: file)
    let ledger = try Ledger(in: folder)
    try ledger.grant(fixture.money(1), to: "b", actor: "test", at: fixture.now)
    try ledger.close()
    try old.write(to: file)
    let folder = folder
    let error = refusal { _ = try Ledger(in: folder) }
    #expect(error == .anchorAhead(path: file.path, anchor: 2, head: 1))
    #expect(error?.exitCode == .badData)
    #expect(try Ledger(reading: folder).verify().anchorFinding == .ahead(seq: 2))
  }

  @Test func refusesALedgerThatIsGone() throws {
    try fixture.ledger.close()
    try FileManager.default.removeItem(at: file)
    let folder = folder
    #expect(
      refusal { _ = try Ledger(in: folder) }
        == .anchorAhead(path: file.path, anchor: 1, head: 0))
    #expect(!FileManager.default.fileExists(atPath: file.path))
    #expect(refusal { _ = try Ledger(reading: folder) } == .missing(path: file.path))
  }

  @Test func refusesAnAnchorOfAnotherChain() throws {
    try Data("1 \(String(repeating: "00", count: 32))\n".utf8).write(to: anchor)
    #expect(try openingRefusal() == .anchorAhead(path: file.path, anchor: 1, head: 1))
  }

  @Test(arguments: ["", "1", "x y", "1 abcd", "-1 \(String(repeating: "00", count: 32))"])
  func refusesAnAnchorItCannotRead(_ text: String) throws {
    try Data(text.utf8).write(to: anchor)
    let error = try openingRefusal()
    #expect(
      error
        == .anchorUnreadable(path: anchor.path, reason: "is not of the form NUMBER HASH"))
  }

  @Test func refusesToGoOnWithoutItsAnchor() throws {
    try FileManager.default.removeItem(at: anchor)
    #expect(try openingRefusal() == .anchorUnreadable(path: anchor.path, reason: "is gone"))
    let found = try Ledger(reading: folder).verify()
    #expect(found.anchorFinding == .missing)
    #expect(!found.isSound)
    #expect(found.problems.count == 1)
    #expect(found.problems.first?.contains("restore it from a backup") == true)
  }

  @Test func needsNoAnchorBeforeTheFirstEntry() throws {
    let empty = try TemporaryFolder()
    try Ledger(in: empty.url).close()
    try FileManager.default.removeItem(at: empty.url.appending(path: "anchor"))
    #expect(try Ledger(reading: empty.url).verify().isSound)
  }

  @Test func refusesAnEditedEntry() throws {
    try grant()
    try fixture.ledger.queue.write { database in
      let trigger = try String.fetchOne(
        database, sql: "SELECT sql FROM sqlite_schema WHERE name = 'entry_no_update'")
      try database.execute(
        sql: "DROP TRIGGER entry_no_update; UPDATE entry SET actor = 'me' WHERE seq = 1")
      try database.execute(sql: try #require(trigger))
    }
    let error = try openingRefusal()
    guard case .broken(_, let verification)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(verification.firstBrokenSeq == 1)
    #expect(verification.problems == ["entry 1 was changed: its hash is another"])
    #expect(error?.description.contains("restore a backup") == true)
  }

  @Test func findsEveryFlippedByteOfAnEntry() throws {
    try fixture.ledger.close()
    let good = try Data(contentsOf: file)
    let entry = try #require(good.firstRange(of: Data("b:ownerb:free".utf8)))
    for offset in entry {
      var bad = good
      bad[offset] ^= 1
      try bad.write(to: file)
      let folder = folder
      #expect(throws: LedgerError.self, "byte \(offset)") { _ = try Ledger(in: folder) }
    }
    try good.write(to: file)
    #expect(try Ledger(in: folder).verify().isSound)
  }

  @Test func leavesANewerLedgerAlone() throws {
    try fixture.ledger.queue.write { try $0.execute(sql: "PRAGMA user_version = 9") }
    try fixture.ledger.close()
    let before = try Data(contentsOf: file)
    let folder = folder
    let error = refusal { _ = try Ledger(in: folder) }
    #expect(error == .newer(path: file.path, version: 9, known: 2))
    #expect(error?.exitCode == .configuration)
    #expect(try Data(contentsOf: file) == before)
  }

  @Test func leavesForeignFilesAlone() throws {
    try fixture.ledger.close()
    let folder = folder
    let foreign = folder.appending(path: "foreign.sqlite")
    try DatabaseQueue(path: foreign.path).write { try $0.execute(sql: "CREATE TABLE t (x)") }
    for bytes in [try Data(contentsOf: foreign), Data("not a database at all, but long".utf8)] {
      try bytes.write(to: file)
      #expect(refusal { _ = try Ledger(in: folder) } == .notALedger(path: file.path))
      #expect(try Data(contentsOf: file) == bytes)
    }
  }

  @Test func belongsToOneWriter() throws {
    let folder = folder
    #expect(refusal { _ = try Ledger(in: folder) } == .inUse(path: file.path))
    #expect(refusal { _ = try Ledger(reading: folder) } == .inUse(path: file.path))
    #expect(LedgerError.inUse(path: file.path).exitCode == .tryLater)
    try grant()
  }

  @Test func isReadWithoutAWriter() throws {
    try fixture.ledger.close()
    let ledger = try Ledger(reading: folder)
    #expect(try ledger.verify().isSound)
    #expect(try ledger.budgets().count == 1)
    let amount = try fixture.money(1)
    #expect(
      refusal { try ledger.grant(amount, to: "b", actor: "x", at: fixture.now) }
        == .readOnly(path: file.path))
  }

  @Test func stopsWhenTheAnchorCannotBeWritten() throws {
    // A folder of that name makes the rename fail, whoever runs the test.
    try FileManager.default.removeItem(at: anchor)
    try FileManager.default.createDirectory(at: anchor, withIntermediateDirectories: false)
    guard case .inputOutput? = refusal({ try grant() }) else {
      Issue.record("the grant should have failed")
      return
    }
    guard case .stopped? = refusal({ try grant() }) else {
      Issue.record("the ledger should have stopped")
      return
    }
  }

  /// The files as a power cut in the middle of a write leaves them: half of a transaction is in
  /// the database, and the journal knows how to take it back.
  @Test func takesBackHalfATransaction() throws {
    let cut = try TemporaryFolder()
    try fixture.ledger.queue.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA cache_size = 1; BEGIN IMMEDIATE")
      for number in 0..<300 {
        try database.execute(
          sql: "INSERT INTO budget VALUES (?, 'EUR', 2, '2026-01-02T03:04:05.000Z', 'cut')",
          arguments: ["cut-\(number)"])
      }
      for name in [Ledger.fileName, Ledger.fileName + "-journal", "anchor"] {
        try FileManager.default.copyItem(
          at: folder.appending(path: name), to: cut.url.appending(path: name))
      }
      try database.execute(sql: "ROLLBACK")
    }
    let half = try Data(contentsOf: cut.url.appending(path: Ledger.fileName))
    #expect(half != (try Data(contentsOf: file)), "nothing was written before the cut")
    let path = cut.url.appending(path: Ledger.fileName).path
    #expect(refusal { _ = try Ledger(reading: cut.url) } == .interrupted(path: path))
    let ledger = try Ledger(in: cut.url)
    #expect(try ledger.budgets().map(\.id) == ["b"])
    #expect(try ledger.verify().isSound)
  }

  @Test func goesOnAfterAFullDisk() throws {
    let key = try fixture.draft(rows: Array(0..<40))
    func limitPages(_ sql: String) throws {
      try fixture.ledger.queue.writeWithoutTransaction { try $0.execute(sql: sql) }
    }
    let pages = try fixture.ledger.queue.read { try Int.fetchOne($0, sql: "PRAGMA page_count") }
    try limitPages("PRAGMA max_page_count = \(try #require(pages))")
    let error = refusal { try fixture.apply(key, to: .held, .hold(fixture.money(50))) }
    #expect(error == .noSpace(path: file.path))
    #expect(try fixture.balance().held.minorUnits == 0)
    try limitPages("PRAGMA max_page_count = 100000")
    try fixture.apply(key, to: .held, .hold(fixture.money(50)))
    #expect(try fixture.ledger.verify().isSound)
  }

  @Test func hasTheSettingsThatItNeeds() throws {
    try fixture.ledger.queue.writeWithoutTransaction { database in
      for (name, value) in [
        ("journal_mode", "delete"), ("synchronous", "3"), ("locking_mode", "exclusive"),
        ("foreign_keys", "1"), ("recursive_triggers", "1"), ("trusted_schema", "0"),
        ("cell_size_check", "1"),
      ] {
        #expect(try String.fetchOne(database, sql: "PRAGMA \(name)") == value, "\(name)")
      }
      // Defensive: not even the owner of the connection edits the schema's text.
      try database.execute(sql: "PRAGMA writable_schema = ON")
      #expect(throws: DatabaseError.self) {
        try database.execute(sql: "UPDATE sqlite_schema SET sql = 'x'")
      }
    }
  }
}
