// SPDX-License-Identifier: Apache-2.0

package import Foundation
import GRDB
import Platform

/// A request with an idempotency key that came before.
struct KeyedCall {
  /// When it came first.
  let at: String
  /// What it was answered; nil when the answer was not recorded.
  let answer: String?

  /// The call with a key.
  ///
  /// - Throws: `StoreError.keyReused` when the key came with another body.
  static func fetch(key: String, bodyDigest: String, in database: Database) throws -> KeyedCall? {
    let row = try Row.fetchOne(
      database, sql: "SELECT * FROM idempotency WHERE key = ?", arguments: [key])
    guard let row else { return nil }
    guard row["body_sha256"] == bodyDigest else {
      throw StoreError.keyReused(key: key, firstUsed: row["at"])
    }
    return KeyedCall(at: row["at"], answer: row["answer"])
  }
}

/// Requests that change the ledger, each once for its key.
///
/// The ledger is another database, so that a crash between its commit and the answer's leaves a
/// call of which nobody knows whether it was done: such a key is refused, and a person looks.
package struct KeyedCallStore: Sendable {
  private let database: ServiceDatabase
  private let now: @Sendable () -> Date

  /// Works on an open database; `now` is the wall clock.
  package init(database: ServiceDatabase, now: @escaping @Sendable () -> Date) {
    self.database = database
    self.now = now
  }

  /// Does `body` once for a key, and gives its first answer again afterwards.
  ///
  /// A refusal by `body` is no answer: the key may be used again.
  ///
  /// - Throws: `StoreError.keyReused`, `StoreError.keyBusy`, and what `body` throws.
  package func once<Answer: Codable & Sendable>(
    key: String, bodyDigest: String, _ body: () async throws -> Answer
  ) async throws -> Answer {
    let at = Timestamp.text(now())
    let earlier: String? = try await database.write { database in
      let call = try KeyedCall.fetch(key: key, bodyDigest: bodyDigest, in: database)
      if let call {
        guard let answer = call.answer else { throw StoreError.keyBusy(key: key, since: call.at) }
        return answer
      }
      try database.execute(
        sql: "INSERT INTO idempotency (key, body_sha256, at) VALUES (?, ?, ?)",
        arguments: [key, bodyDigest, at])
      return nil
    }
    if let earlier { return try ServiceDatabase.value(Answer.self, earlier) }
    let answer: Answer
    do {
      answer = try await body()
    } catch {
      try await database.write { database in
        try database.execute(sql: "DELETE FROM idempotency WHERE key = ?", arguments: [key])
      }
      throw error
    }
    let text = try ServiceDatabase.text(answer)
    try await database.write { database in
      try database.execute(
        sql: "UPDATE idempotency SET answer = ? WHERE key = ?", arguments: [text, key])
    }
    return answer
  }
}
