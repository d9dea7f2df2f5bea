// SPDX-License-Identifier: Apache-2.0

package import Foundation
import GRDB
import Platform

/// The database `fovea.sqlite`: opened, checked, migrated.
///
/// It holds no money, so it may be in WAL mode; with `synchronous=FULL`, since GRDB's own NORMAL
/// loses the last commits when the power fails.
package struct ServiceDatabase: Sendable {
  /// "FOVJ": marks the file as ours.
  static let applicationID = 0x464F_564A
  /// The version of the tables.
  static let schemaVersion = 2

  let pool: DatabasePool
  let path: String

  /// Opens the database, and creates it where there is none.
  package init(file: URL) throws(StoreError) {
    let path = file.path
    self.path = path
    do {
      try Self.checkOwner(path)
      var configuration = GRDB.Configuration()
      configuration.foreignKeysEnabled = true
      configuration.busyMode = .timeout(5)
      configuration.prepareDatabase { database in
        try database.execute(
          sql: """
            PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;
            PRAGMA recursive_triggers = ON;
            """)
      }
      pool = try DatabasePool(path: path, configuration: configuration)
      try pool.writeWithoutTransaction { database in
        // After opening: GRDB sets NORMAL when it turns WAL on.
        try database.execute(sql: "PRAGMA synchronous = FULL")
        try Self.check(database, path: path)
      }
      try Self.migrator.migrate(pool)
    } catch let error as StoreError {
      throw error
    } catch {
      throw .database(path: path, reason: "\(error)")
    }
  }

  /// Brings everything into the main file, and closes it.
  package func close() throws(StoreError) {
    do {
      _ = try pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
      try pool.close()
    } catch {
      throw .database(path: path, reason: "\(error)")
    }
  }

  /// Waits until the writes before this call are done.
  package func ping() async throws(StoreError) {
    try await access { [pool] in
      try await pool.writeWithoutTransaction { try $0.execute(sql: "SELECT 1") }
    }
  }

  // GRDB abandons a transaction when its task is cancelled. The end of a cancelled job must be
  // written all the same, so that each access has a task of its own, awaited at once.

  /// Reads in a snapshot.
  func read<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(StoreError) -> Value {
    try await access { [pool] in try await pool.read(body) }
  }

  /// Writes in a transaction, which is durable on return.
  func write<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(StoreError) -> Value {
    try await access { [pool] in try await pool.write(body) }
  }

  private func access<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
  ) async throws(StoreError) -> Value {
    do {
      return try await Task { try await body() }.value
    } catch let error as StoreError {
      throw error
    } catch {
      throw .database(path: path, reason: "\(error)")
    }
  }

  /// A record as the JSON text of its column.
  static func text(_ value: some Encodable) throws -> String {
    String(decoding: try JSON.encoder().encode(value), as: UTF8.self)
  }

  /// The record of a column.
  static func value<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
    try JSON.decoder().decode(type, from: Data(text.utf8))
  }

  /// Whose file this is, asked before anything is written to it.
  private static func checkOwner(_ path: String) throws {
    guard FileManager.default.fileExists(atPath: path) else { return }
    var configuration = GRDB.Configuration()
    configuration.readonly = true
    let (identifier, version, tables) = try DatabaseQueue(
      path: path, configuration: configuration
    ).read { database in
      (
        try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0,
        try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0,
        try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
      )
    }
    // A crash right after the file was made leaves it empty.
    if identifier == 0 && tables == 0 { return }
    guard identifier == applicationID else { throw StoreError.foreignDatabase(path: path) }
    guard version <= schemaVersion else {
      throw StoreError.newerDatabase(path: path, version: version, known: schemaVersion)
    }
  }

  /// Reads back what the safety of the file depends on.
  private static func check(_ database: Database, path: String) throws {
    let wanted = [
      ("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"),
      ("trusted_schema", "0"), ("cell_size_check", "1"),
    ]
    for (setting, value) in wanted {
      let found = try String.fetchOne(database, sql: "PRAGMA \(setting)") ?? "unknown"
      guard found == value else {
        throw StoreError.settingRefused(path: path, setting: setting, value: found)
      }
    }
  }

  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1: scenes, jobs, events") { database in
      try database.execute(sql: schema)
      try database.execute(sql: "PRAGMA application_id = \(applicationID)")
      try database.execute(sql: "PRAGMA user_version = 1")
    }
    migrator.registerMigration("2: priorities, plans, stages") { database in
      try database.execute(sql: prioritiesPlansStages)
      try database.execute(sql: "PRAGMA user_version = 2")
    }
    return migrator
  }

  // Records are JSON as on the wire; what queries need stands in columns of its own.
  private static let schema = """
    CREATE TABLE scene (
      id TEXT PRIMARY KEY CHECK (length(id) = 16),
      record TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE job (
      id TEXT PRIMARY KEY CHECK (length(id) = 36),
      state TEXT NOT NULL,
      request TEXT NOT NULL,
      actor TEXT NOT NULL,
      created_at TEXT NOT NULL,
      updated_at TEXT NOT NULL,
      cancel_requested INTEGER NOT NULL DEFAULT 0 CHECK (cancel_requested IN (0, 1)),
      trouble TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX job_state ON job (state, id);

    CREATE TABLE idempotency (
      key TEXT PRIMARY KEY CHECK (length(key) BETWEEN 1 AND 255),
      body_sha256 TEXT NOT NULL CHECK (length(body_sha256) = 64),
      at TEXT NOT NULL,
      answer TEXT
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE event (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      job TEXT NOT NULL REFERENCES job (id),
      event TEXT NOT NULL
    ) STRICT;
    CREATE INDEX event_job ON event (job, id);
    """

  private static let prioritiesPlansStages = """
    ALTER TABLE job ADD COLUMN priority INTEGER NOT NULL DEFAULT 0
      CHECK (priority BETWEEN -100 AND 100);
    ALTER TABLE job ADD COLUMN plan TEXT;
    ALTER TABLE job ADD COLUMN approved_plan TEXT CHECK (length(approved_plan) = 64);
    DROP INDEX job_state;
    CREATE INDEX job_queue ON job (state, priority DESC, id);

    CREATE TABLE stage (
      id INTEGER PRIMARY KEY,
      job TEXT NOT NULL REFERENCES job (id),
      record TEXT NOT NULL
    ) STRICT;
    CREATE INDEX stage_job ON stage (job, id);
    """
}
