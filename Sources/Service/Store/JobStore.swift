// SPDX-License-Identifier: Apache-2.0

package import Acquisition
package import Foundation
import GRDB
import Platform
package import Wire

/// The durable queue: jobs, their states and what happened to them.
///
/// A change of state and the event that tells of it are one transaction.
package struct JobStore: Sendable {
  private let database: ServiceDatabase
  private let now: @Sendable () -> Date

  /// A job as the database has it.
  package struct StoredJob: Sendable, Equatable {
    /// The id, a UUID of version 7.
    package let id: String
    /// Where it is in its life.
    package var state: JobState
    /// What was asked for.
    package let request: JobRequest
    /// When it was submitted.
    package let createdAt: Date
    /// When its state last changed.
    package var updatedAt: Date
    /// Whether a person has asked for its end.
    package var isCancelRequested: Bool
    /// Why it failed or is parked.
    package var trouble: Trouble?
  }

  /// Works on an open database; `now` is the wall clock.
  package init(database: ServiceDatabase, now: @escaping @Sendable () -> Date) {
    self.database = database
    self.now = now
  }

  /// Adds a job, once for each idempotency key.
  ///
  /// - Returns: the job, and whether it is new; the same key and body give the first job again.
  /// - Throws: `StoreError.keyReused` when the key came with another body.
  package func submit(
    id: String, request: JobRequest, key: String, bodyDigest: String, actor: String
  ) async throws(StoreError) -> (job: StoredJob, isNew: Bool) {
    let at = Timestamp.text(now())
    return try await database.write { database in
      if let earlier = try Self.submitted(key: key, bodyDigest: bodyDigest, in: database) {
        return (earlier, false)
      }
      try database.execute(
        sql: """
          INSERT INTO job (id, state, request, actor, created_at, updated_at)
          VALUES (?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          id, JobState.queued.rawValue, try ServiceDatabase.text(request), actor, at, at,
        ])
      try database.execute(
        sql: "INSERT INTO idempotency (key, body_sha256, at, answer) VALUES (?, ?, ?, ?)",
        arguments: [key, bodyDigest, at, id])
      let job = try Self.job(id, in: database)
      _ = try Self.append(
        .state, message: "queued by \(actor)", money: nil, of: job, at: job.createdAt, to: database)
      return (job, true)
    }
  }

  /// The job that was submitted with a key before.
  ///
  /// - Throws: `StoreError.keyReused` when the key came with another body.
  package func submitted(
    key: String, bodyDigest: String
  ) async throws(StoreError) -> StoredJob? {
    try await database.read { try Self.submitted(key: key, bodyDigest: bodyDigest, in: $0) }
  }

  /// One job.
  ///
  /// - Throws: `StoreError.noSuchJob`.
  package func job(_ id: String) async throws(StoreError) -> StoredJob {
    try await database.read { try Self.job(id, in: $0) }
  }

  /// Jobs from the newest to the oldest, those after `id` in that order where one is given.
  package func jobs(after id: String?, limit: Int) async throws(StoreError) -> [StoredJob] {
    try await database.read { database in
      try Row.fetchAll(
        database,
        sql: "SELECT * FROM job WHERE ? IS NULL OR id < ? ORDER BY id DESC LIMIT ?",
        arguments: [id, id, limit]
      ).map(Self.job)
    }
  }

  /// The jobs that want to run, the oldest first: neither ended nor parked.
  package func runnable() async throws(StoreError) -> [StoredJob] {
    let resting = JobState.allCases.filter {
      $0.isFinal || $0 == .parked || $0 == .awaitingApproval
    }
    let list = resting.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    return try await database.read { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM job WHERE state NOT IN (\(list)) ORDER BY id"
      ).map(Self.job)
    }
  }

  /// Changes a job's state, with the event that tells of it.
  ///
  /// A job that has ended stays as it is: the second of two ends is ignored.
  package func move(
    _ id: String, to state: JobState, message: String, trouble: Trouble? = nil,
    money: JobMoney? = nil
  ) async throws(StoreError) -> JobEvent? {
    let date = now()
    return try await database.write { database in
      guard try !Self.job(id, in: database).state.isFinal else { return nil }
      try database.execute(
        sql: "UPDATE job SET state = ?, trouble = ?, updated_at = ? WHERE id = ?",
        arguments: [
          state.rawValue, try trouble.map(ServiceDatabase.text), Timestamp.text(date), id,
        ])
      let job = try Self.job(id, in: database)
      return try Self.append(
        .state, message: message, money: money, of: job, at: date, to: database)
    }
  }

  /// Records something worth a line that changes no state.
  package func note(
    _ id: String, message: String, money: JobMoney? = nil
  ) async throws(StoreError) -> JobEvent {
    let date = now()
    return try await database.write { database in
      let job = try Self.job(id, in: database)
      return try Self.append(
        .note, message: message, money: money, of: job, at: date, to: database)
    }
  }

  /// Records that a person wants a job to end.
  ///
  /// - Returns: the job as it is after that; one that has ended is not changed.
  package func requestCancel(_ id: String, actor: String) async throws(StoreError) -> StoredJob {
    let date = now()
    return try await database.write { database in
      let job = try Self.job(id, in: database)
      guard !job.state.isFinal, !job.isCancelRequested else { return job }
      try database.execute(
        sql: "UPDATE job SET cancel_requested = 1 WHERE id = ?", arguments: [id])
      _ = try Self.append(
        .note, message: "cancellation asked for by \(actor)", money: nil, of: job, at: date,
        to: database)
      return try Self.job(id, in: database)
    }
  }

  /// The events of a job with an id greater than `id`, in order.
  package func events(
    of job: String, after id: Int64, limit: Int = 1000
  ) async throws(StoreError) -> [JobEvent] {
    try await database.read { database in
      try Row.fetchAll(
        database, sql: "SELECT id, event FROM event WHERE job = ? AND id > ? ORDER BY id LIMIT ?",
        arguments: [job, id, limit]
      ).map { row in
        try ServiceDatabase.value(JobEvent.self, row["event"]).numbered(row["id"])
      }
    }
  }

  // MARK: Rows

  private static func submitted(
    key: String, bodyDigest: String, in database: Database
  ) throws -> StoredJob? {
    let call = try KeyedCall.fetch(key: key, bodyDigest: bodyDigest, in: database)
    guard let id = call?.answer else { return nil }
    return try job(id, in: database)
  }

  private static func job(_ id: String, in database: Database) throws -> StoredJob {
    let row = try Row.fetchOne(database, sql: "SELECT * FROM job WHERE id = ?", arguments: [id])
    guard let row else { throw StoreError.noSuchJob(id) }
    return try job(row)
  }

  private static func job(_ row: Row) throws -> StoredJob {
    let (state, id): (String, String) = (row["state"], row["id"])
    let trouble: String? = row["trouble"]
    guard let jobState = JobState(rawValue: state),
      let createdAt = Timestamp.date(row["created_at"]),
      let updatedAt = Timestamp.date(row["updated_at"])
    else { throw DatabaseError(message: "the row of job \(id) is damaged") }
    return StoredJob(
      id: id, state: jobState, request: try ServiceDatabase.value(JobRequest.self, row["request"]),
      createdAt: createdAt, updatedAt: updatedAt, isCancelRequested: row["cancel_requested"],
      trouble: try trouble.map { try ServiceDatabase.value(Trouble.self, $0) })
  }

  private static func append(
    _ kind: JobEvent.Kind, message: String, money: JobMoney?, of job: StoredJob, at date: Date,
    to database: Database
  ) throws -> JobEvent {
    let event = JobEvent(
      id: nil, job: job.id, at: date, kind: kind, state: job.state, message: message, money: money)
    try database.execute(
      sql: "INSERT INTO event (job, event) VALUES (?, ?)",
      arguments: [job.id, try ServiceDatabase.text(event)])
    return event.numbered(database.lastInsertedRowID)
  }

}
