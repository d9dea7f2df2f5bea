// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Foundation
import GRDB
import Platform

/// How the ledger's one connection is set up: every setting is made, read back, and refused when
/// SQLite did not take it.
enum LedgerConnection {
  /// Opens the database.
  ///
  /// - Parameter writable: a writer takes the file for itself and makes the tables of a new one; a
  ///   reader changes nothing.
  static func open(_ file: URL, writable: Bool) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.label = "ledger"
    configuration.readonly = !writable
    configuration.prepareDatabase { database in
      // Before anything else: a file of somebody else, or of a newer program, stays as it is.
      let version = try ownVersion(of: database, path: file.path)
      try harden(database)
      try registerDigest(in: database)
      if writable {
        try makeDurable(database)
        // The first write takes the lock, which EXCLUSIVE keeps until the connection is closed.
        try database.execute(sql: "BEGIN EXCLUSIVE; COMMIT")
      }
      guard let version else {
        guard writable else { throw LedgerError.notALedger(path: file.path) }
        return try LedgerSchema.create(in: database)
      }
      guard version < LedgerSchema.version else { return }
      guard writable else { throw LedgerError.outdated(path: file.path, version: version) }
      try copy(database, to: backupFile(of: file, version: version))
      try LedgerSchema.migrate(database, from: version)
    }
    return try DatabaseQueue(path: file.path, configuration: configuration)
  }

  /// Where a ledger of an earlier version is kept when its tables are brought up to date.
  static func backupFile(of file: URL, version: Int) -> URL {
    file.deletingPathExtension().appendingPathExtension("v\(version).\(file.pathExtension)")
  }

  /// Copies a database into a new file by SQLite's backup API, which copies one consistent state;
  /// the copy is durable and has its name only when it is whole.
  static func copy(_ database: Database, to file: URL) throws {
    let part = DurableFile.temporaryURL(for: file)
    defer { try? FileManager.default.removeItem(at: part) }
    let copy = try DatabaseQueue(path: part.path)
    try copy.writeWithoutTransaction { try database.backup(to: $0) }
    try copy.close()
    try DurableFile.publish(part, as: file)
  }

  /// The schema as it must be, made once in memory.
  static func expectedObjects() throws -> [String: String] { try expected.get() }

  private static let expected = Result {
    var configuration = Configuration()
    configuration.prepareDatabase { try registerDigest(in: $0) }
    return try DatabaseQueue(configuration: configuration).inDatabase { database in
      try LedgerSchema.create(in: database)
      return try LedgerSchema.objects(of: database)
    }
  }

  /// The version of our tables; nil for an empty database.
  private static func ownVersion(of database: Database, path: String) throws -> Int? {
    let application = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
    let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
    if application == 0 && version == 0 && tables == 0 { return nil }
    guard application == LedgerSchema.applicationID, version >= 1 else {
      throw LedgerError.notALedger(path: path)
    }
    guard version <= LedgerSchema.version else {
      throw LedgerError.newer(path: path, version: version, known: LedgerSchema.version)
    }
    return version
  }

  private static func harden(_ database: Database) throws {
    try set("foreign_keys", "ON", reads: "1", in: database)
    // Without it INSERT OR REPLACE deletes rows past the delete triggers.
    try set("recursive_triggers", "ON", reads: "1", in: database)
    try set("trusted_schema", "OFF", reads: "0", in: database)
    try set("cell_size_check", "ON", reads: "1", in: database)
    var defensive: Int32 = 0
    let code = fovea_sqlite_db_config_flag(
      database.sqliteConnection, SQLITE_DBCONFIG_DEFENSIVE, 1, &defensive)
    guard code == SQLITE_OK, defensive == 1 else {
      throw LedgerError.setting(name: "defensive", wanted: "1", got: "\(defensive)")
    }
  }

  private static func makeDurable(_ database: Database) throws {
    try set("locking_mode", "EXCLUSIVE", reads: "exclusive", in: database)
    // Not WAL: Debian 12's SQLite 3.40.1 has the WAL-reset fault, and a lost WAL is silent.
    try set("journal_mode", "DELETE", reads: "delete", in: database)
    // EXTRA also syncs the folder after the journal is removed: the commit itself is durable.
    try set("synchronous", "EXTRA", reads: "3", in: database)
  }

  private static func set(
    _ name: String, _ value: String, reads wanted: String, in database: Database
  ) throws {
    try database.execute(sql: "PRAGMA \(name) = \(value)")
    let got = try String.fetchOne(database, sql: "PRAGMA \(name)") ?? "absent"
    guard got == wanted else { throw LedgerError.setting(name: name, wanted: wanted, got: got) }
  }

  /// Registers `sha256(X, Y)`, the digest of the bytes of X followed by those of Y.
  ///
  /// With `trusted_schema` off a trigger may only call functions marked innocuous, which GRDB's
  /// own `DatabaseFunction` cannot say.
  private static func registerDigest(in database: Database) throws {
    let flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS
    let code = sqlite3_create_function_v2(
      database.sqliteConnection, "sha256", 2, flags, nil,
      { context, _, arguments in
        var bytes = Data()
        for index in 0..<2 {
          guard let value = arguments?[index], let start = sqlite3_value_blob(value) else {
            continue
          }
          bytes.append(
            start.assumingMemoryBound(to: UInt8.self), count: Int(sqlite3_value_bytes(value)))
        }
        let digest = Digest.sha256Bytes(bytes)
        digest.withUnsafeBytes { buffer in
          // SQLITE_TRANSIENT, a macro that Swift does not see: SQLite copies the bytes.
          let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
          sqlite3_result_blob(context, buffer.baseAddress, Int32(buffer.count), transient)
        }
      }, nil, nil, nil)
    guard code == SQLITE_OK else {
      throw LedgerError.setting(name: "sha256", wanted: "registered", got: "code \(code)")
    }
  }
}
