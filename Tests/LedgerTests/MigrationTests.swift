// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import GRDB
import Ledger
import TestSupport
import Testing

/// Ledgers of version 1, and copies of ledgers.
@Suite struct MigrationTests {
  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures")
  private let folder: TemporaryFolder
  private var file: URL { folder.url.appending(path: Ledger.fileName) }
  private var old: URL { folder.url.appending(path: "ledger.v1.sqlite") }

  /// A state directory as the last program of version 1 left it.
  init() throws {
    folder = try TemporaryFolder()
    let dump = try String(
      contentsOf: Self.fixtures.appending(path: "ledger-v1.sql"), encoding: .utf8)
    let queue = try DatabaseQueue(path: file.path)
    try queue.writeWithoutTransaction { database in
      try database.execute(sql: dump)
      try database.execute(sql: "PRAGMA application_id = 1179604556; PRAGMA user_version = 1")
    }
    try queue.close()
    try FileManager.default.copyItem(
      at: Self.fixtures.appending(path: "ledger-v1.anchor"),
      to: folder.url.appending(path: "anchor"))
  }

  @Test func bringsAVersion1LedgerUpToDate() throws {
    let before = try Data(contentsOf: file)
    let ledger = try Ledger(in: folder.url)
    let verification = try ledger.verify()
    #expect(verification.isSound && verification.entryCount == 6)
    let balance = try ledger.budget("b")
    #expect(balance.spent.description == "6.50 EUR" && balance.held.description == "5.00 EUR")
    #expect(try ledger.newestOrders().map(\.state).contains(.delivering))
    // What version 2 brought works on it.
    try ledger.freeze("vendor", reason: "a test", actor: "test", at: Date())
    #expect(try ledger.frozenVendors().count == 1)
    try ledger.close()
    // The copy has the old content, and is not made again.
    #expect(try Data(contentsOf: old).count == before.count)
    try Ledger(in: folder.url).close()
    let version = try DatabaseQueue(path: old.path).read {
      try Int.fetchOne($0, sql: "PRAGMA user_version")
    }
    #expect(version == 1)
  }

  @Test func readsNoOldLedgerWithoutADaemon() throws {
    let (folder, file) = (folder.url, file)
    let before = try Data(contentsOf: file)
    let error = refusal { _ = try Ledger(reading: folder) }
    #expect(error == .outdated(path: file.path, version: 1))
    #expect(try Data(contentsOf: file) == before)
  }

  @Test func copiesAnOpenLedgerWithItsAnchor() throws {
    let ledger = try Ledger(in: folder.url)
    let target = folder.url.appending(path: "backup")
    let found = try ledger.backup(to: target)
    #expect(found.isSound && found.entryCount == 6)
    let copy = try Ledger(in: target)
    #expect(try copy.budget("b") == ledger.budget("b"))
    let again = refusal { try ledger.backup(to: target) }
    #expect(again == .copyExists(path: target.appending(path: Ledger.fileName).path))
    #expect(try ledger.verify().isSound)
  }
}
