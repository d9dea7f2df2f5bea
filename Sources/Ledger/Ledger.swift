// SPDX-License-Identifier: Apache-2.0

public import Foundation
package import GRDB
import Synchronization

/// The books: budgets, orders, and every movement of money, in one SQLite file.
///
/// Each change is one transaction that is durable when the call returns, followed by the anchor
/// file. The database itself refuses to go over a budget, to hold or capture twice, to sell a patch
/// to two orders, and to change what was written. Calls block for the time of a few disk syncs (tens
/// of milliseconds): make them off the cooperative pool.
///
/// ```swift
/// let ledger = try Ledger(in: stateDirectory)
/// try ledger.createBudget("demo", currency: euro, actor: "uid:1000", at: now)
/// try ledger.grant(Money(parsing: "20.00 EUR"), to: "demo", actor: "uid:1000", at: now)
/// ```
public final class Ledger: Sendable {
  /// The name of the database in the state directory.
  public static let fileName = "ledger.sqlite"

  /// The connection, for tests that play a person with a database shell.
  package let queue: DatabaseQueue
  let file: URL
  let anchor: Anchor
  private let isWritable: Bool
  private let stopReason = Mutex<String?>(nil)

  /// Opens the ledger of a state directory for reading and writing, and makes a new one where there
  /// is none; no other process can open it while this value lives.
  ///
  /// The whole chain is checked first, and the anchor must name an entry that is there.
  ///
  /// - Throws: `LedgerError` about the files.
  public init(in directory: URL) throws(LedgerError) {
    file = directory.appending(path: Self.fileName)
    anchor = Anchor(in: directory)
    isWritable = true
    let anchored = try anchor.read()
    if let anchored, anchored.seq > 0, !FileManager.default.fileExists(atPath: file.path) {
      throw .anchorAhead(path: file.path, anchor: anchored.seq, head: 0)
    }
    do {
      queue = try LedgerConnection.open(file, writable: true)
    } catch {
      throw LedgerError(error, path: file.path)
    }
    let verification = try verify()
    if case .ahead(let seq)? = verification.anchorFinding {
      throw .anchorAhead(path: file.path, anchor: seq, head: verification.headSeq)
    }
    if verification.anchorFinding == .missing, verification.headSeq > 0 {
      throw .anchorUnreadable(path: anchor.file.path, reason: "is gone")
    }
    guard verification.isSound else {
      throw .broken(path: file.path, verification: verification)
    }
    let head = try read { try ChainHead.fetch($0) }
    if head != anchored { try anchor.write(head) }
  }

  /// Opens the ledger of a state directory for reading, while no daemon has it.
  ///
  /// Nothing is checked: see ``verify()``.
  ///
  /// - Throws: `LedgerError.missing`, `LedgerError.inUse`, and others about the files.
  public init(reading directory: URL) throws(LedgerError) {
    file = directory.appending(path: Self.fileName)
    anchor = Anchor(in: directory)
    isWritable = false
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw .missing(path: file.path)
    }
    do {
      queue = try LedgerConnection.open(file, writable: false)
    } catch {
      throw LedgerError(error, path: file.path)
    }
  }

  /// Closes the file; every later call fails.
  public func close() throws(LedgerError) {
    do {
      try queue.close()
    } catch {
      throw LedgerError(error, path: file.path)
    }
  }

  /// Waits until the calls before this one are done, and says whether more may follow.
  ///
  /// - Throws: `LedgerError.stopped` after a failed write, `LedgerError.inputOutput`.
  public func ping() throws(LedgerError) {
    if let reason = stopReason.withLock({ $0 }) { throw .stopped(reason: reason) }
    try read { try $0.execute(sql: "SELECT 1") }
  }

  /// Runs `body` in one transaction, then writes the anchor; anything thrown leaves nothing behind.
  func write<Value>(_ body: (Database) throws -> Value) throws(LedgerError) -> Value {
    guard isWritable else { throw .readOnly(path: file.path) }
    if let reason = stopReason.withLock({ $0 }) { throw .stopped(reason: reason) }
    do {
      // The queue is serial, so anchors are written in the order of the commits.
      return try queue.writeWithoutTransaction { database in
        let before = try ChainHead.fetch(database)
        let heldBefore = try Self.held(database)
        var result: Result<Value, any Error>?
        try database.inTransaction(.immediate) {
          let value = try body(database)
          try Self.checkInvariants(database, since: before, heldBefore: heldBefore)
          result = .success(value)
          return .commit
        }
        let after = try ChainHead.fetch(database)
        if after != before { try anchor.write(after) }
        guard let result else { preconditionFailure("a committed transaction has a result") }
        return try result.get()
      }
    } catch {
      let refusal = LedgerError(error, path: file.path)
      // After a failed write or sync the kernel may have dropped the pages: do not try again.
      if case .inputOutput(_, let reason) = refusal { stopReason.withLock { $0 = reason } }
      throw refusal
    }
  }

  /// Runs `body` on a consistent state.
  func read<Value>(_ body: (Database) throws -> Value) throws(LedgerError) -> Value {
    do {
      return try queue.read(body)
    } catch {
      throw LedgerError(error, path: file.path)
    }
  }

  /// `free + held + spent + disputed = granted` in every budget, and what it holds has changed by
  /// what its orders hold more or less since `head`; checked before every commit.
  ///
  /// That all orders together hold what the budgets do is checked when the ledger is opened: here
  /// it would make each purchase cost more than the one before.
  private static func checkInvariants(
    _ database: Database, since head: ChainHead, heldBefore: [String: Int64]
  ) throws {
    func doNotAddUp(_ budget: String) -> LedgerError {
      .rule("ledger: the accounts of budget \(budget) do not add up")
    }
    let unbalanced = try String.fetchOne(
      database, sql: "SELECT budget FROM balance GROUP BY budget HAVING sum(amount) <> 0")
    if let unbalanced { throw doNotAddUp(unbalanced) }
    var expected = heldBefore
    let changes = try Row.fetchAll(
      database,
      sql: """
        SELECT o.budget, sum(\(LedgerSchema.heldByEntry)) AS change
        FROM entry e JOIN purchase_order o ON o.key = e.order_key WHERE e.seq > ? GROUP BY o.budget
        """, arguments: [head.seq])
    for row in changes { expected[row["budget"], default: 0] += row["change"] as Int64 }
    let held = try held(database)
    let differing = Set(held.keys).union(expected.keys).sorted()
      .first { held[$0, default: 0] != expected[$0, default: 0] }
    if let differing { throw doNotAddUp(differing) }
  }

  /// What each budget holds.
  private static func held(_ database: Database) throws -> [String: Int64] {
    let rows = try Row.fetchAll(
      database, sql: "SELECT budget, amount FROM balance WHERE kind = 'held'")
    return Dictionary(uniqueKeysWithValues: rows.map { ($0["budget"], $0["amount"]) })
  }
}

extension ChainHead {
  /// The newest entry.
  static func fetch(_ database: Database) throws -> ChainHead {
    let row = try Row.fetchOne(database, sql: "SELECT seq, hash FROM head")
    guard let row else { return .empty }
    return ChainHead(seq: row["seq"], hash: row["hash"])
  }
}

extension LedgerError {
  /// What an error of the database means for the ledger.
  init(_ error: any Error, path: String) {
    if let error = error as? LedgerError {
      self = error
      return
    }
    guard let error = error as? DatabaseError else {
      // Only a row that nobody could have written through this class decodes wrongly.
      self = .rule("ledger: unreadable row, \(error)")
      return
    }
    let message = error.message ?? "\(error.resultCode)"
    self =
      switch error.resultCode {
      case .SQLITE_CONSTRAINT: .rule(message)
      case .SQLITE_BUSY, .SQLITE_LOCKED: .inUse(path: path)
      case .SQLITE_FULL: .noSpace(path: path)
      case .SQLITE_NOTADB: .notALedger(path: path)
      case .SQLITE_READONLY where error.extendedResultCode == .SQLITE_READONLY_ROLLBACK:
        .interrupted(path: path)
      case .SQLITE_READONLY: .readOnly(path: path)
      default: .inputOutput(path: path, reason: message)
      }
  }
}
