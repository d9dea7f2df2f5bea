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
  let database: ServiceDatabase
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
    /// The plan as it was recorded last; nil before there was one.
    package var plan: PlanSummary?
    /// The SHA-256 of the plan that a person has approved.
    package var approvedPlan: String?
  }

  /// Which jobs a list shows.
  package struct Filter: Sendable {
    /// The states; all when empty.
    package var states: Set<JobState>
    /// The tag; any when nil.
    package var tag: String?

    /// Creates a filter.
    package init(states: Set<JobState> = [], tag: String? = nil) {
      self.states = states
      self.tag = tag
    }
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
          INSERT INTO job (id, state, request, priority, actor, created_at, updated_at)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          id, JobState.queued.rawValue, try ServiceDatabase.text(request), request.priority, actor,
          at, at,
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
  package func jobs(
    after id: String?, limit: Int, filter: Filter = Filter()
  ) async throws(StoreError) -> [StoredJob] {
    var conditions = ["(? IS NULL OR id < ?)", "(? IS NULL OR json_extract(request, '$.tag') = ?)"]
    if !filter.states.isEmpty { conditions.append("state IN (\(Self.list(filter.states)))") }
    let sql =
      "SELECT * FROM job WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT ?"
    return try await database.read { database in
      try Row.fetchAll(
        database, sql: sql, arguments: [id, id, filter.tag, filter.tag, limit]
      ).map(Self.job)
    }
  }

  /// The jobs that want to run, neither ended nor waiting for a person: the most urgent first, of
  /// two as urgent the older.
  package func runnable() async throws(StoreError) -> [StoredJob] {
    let running = JobState.allCases.filter { !$0.isFinal && !$0.waitsForPerson }
    let sql =
      "SELECT * FROM job WHERE state IN (\(Self.list(running))) ORDER BY priority DESC, id"
    return try await database.read { try Row.fetchAll($0, sql: sql).map(Self.job) }
  }

  /// The jobs that wait for a person although one has asked for their end: a crash came between.
  package func interruptedCancellations() async throws(StoreError) -> [StoredJob] {
    let waiting = JobState.allCases.filter(\.waitsForPerson)
    let sql =
      "SELECT * FROM job WHERE cancel_requested = 1 AND state IN (\(Self.list(waiting)))"
    return try await database.read { try Row.fetchAll($0, sql: sql).map(Self.job) }
  }

  /// Changes a job's state, with the event that tells of it; and its plan, where one is given.
  ///
  /// A job that has ended stays as it is: the second of two ends is ignored.
  package func move(
    _ id: String, to state: JobState, message: String, trouble: Trouble? = nil,
    plan: PlanSummary? = nil, money: JobMoney? = nil
  ) async throws(StoreError) -> JobEvent? {
    let date = now()
    return try await database.write { database in
      guard try !Self.job(id, in: database).state.isFinal else { return nil }
      try database.execute(
        sql: """
          UPDATE job SET state = ?, trouble = ?, plan = coalesce(?, plan), updated_at = ?
          WHERE id = ?
          """,
        arguments: [
          state.rawValue, try trouble.map(ServiceDatabase.text),
          try plan.map(ServiceDatabase.text), Timestamp.text(date), id,
        ])
      let job = try Self.job(id, in: database)
      return try Self.append(
        .state, message: message, money: money, of: job, at: date, to: database)
    }
  }

  /// Records that a person approves the plan of a job that waits for that, and queues it.
  ///
  /// - Parameter isSeen: whether the plan is the one that the person saw.
  /// - Returns: the event; nil where the job does not wait for it, or its plan is another one.
  package func approve(
    _ id: String, actor: String, if isSeen: @escaping @Sendable (PlanSummary) -> Bool
  ) async throws(StoreError) -> JobEvent? {
    let date = now()
    return try await database.write { database in
      var job = try Self.job(id, in: database)
      guard job.state == .awaitingApproval, !job.isCancelRequested, let plan = job.plan,
        isSeen(plan)
      else { return nil }
      try database.execute(
        sql: "UPDATE job SET state = ?, approved_plan = ?, updated_at = ? WHERE id = ?",
        arguments: [JobState.queued.rawValue, plan.sha256, Timestamp.text(date), id])
      job = try Self.job(id, in: database)
      return try Self.append(
        .state, message: "the plan for \(plan.price) was approved by \(actor)", money: nil, of: job,
        at: date, to: database)
    }
  }

  /// Records how long a step of a job took.
  package func record(_ time: StageTime, of id: String) async throws(StoreError) {
    try await database.write { database in
      try database.execute(
        sql: "INSERT INTO stage (job, record) VALUES (?, ?)",
        arguments: [id, try ServiceDatabase.text(time)])
    }
  }

  /// How long the steps of a job took, in the order in which they ended.
  package func stages(of id: String) async throws(StoreError) -> [StageTime] {
    try await database.read { database in
      try String.fetchAll(
        database, sql: "SELECT record FROM stage WHERE job = ? ORDER BY id", arguments: [id]
      ).map { try ServiceDatabase.value(StageTime.self, $0) }
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
}
