// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import GRDB
import Platform
import Wire

extension JobStore {
  static func submitted(
    key: String, bodyDigest: String, in database: Database
  ) throws -> StoredJob? {
    let call = try KeyedCall.fetch(key: key, bodyDigest: bodyDigest, in: database)
    guard let id = call?.answer else { return nil }
    return try job(id, in: database)
  }

  static func job(_ id: String, in database: Database) throws -> StoredJob {
    let row = try Row.fetchOne(database, sql: "SELECT * FROM job WHERE id = ?", arguments: [id])
    guard let row else { throw StoreError.noSuchJob(id) }
    return try job(row)
  }

  static func job(_ row: Row) throws -> StoredJob {
    let (state, id): (String, String) = (row["state"], row["id"])
    let (trouble, plan): (String?, String?) = (row["trouble"], row["plan"])
    guard let jobState = JobState(rawValue: state),
      let createdAt = Timestamp.date(row["created_at"]),
      let updatedAt = Timestamp.date(row["updated_at"])
    else { throw DatabaseError(message: "the row of job \(id) is damaged") }
    return StoredJob(
      id: id, state: jobState, request: try ServiceDatabase.value(JobRequest.self, row["request"]),
      createdAt: createdAt, updatedAt: updatedAt, isCancelRequested: row["cancel_requested"],
      trouble: try trouble.map { try ServiceDatabase.value(Trouble.self, $0) },
      plan: try plan.map { try ServiceDatabase.value(PlanSummary.self, $0) },
      approvedPlan: row["approved_plan"])
  }

  static func append(
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

  /// States as SQL's list of texts.
  static func list(_ states: some Sequence<JobState>) -> String {
    states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
  }
}
