// SPDX-License-Identifier: Apache-2.0

package import Acquisition
import GRDB

extension JobStore {
  /// How many jobs are in each state.
  package func counts() async throws(StoreError) -> [JobState: Int] {
    try await database.read { database in
      let rows = try Row.fetchAll(
        database, sql: "SELECT state, count(*) AS count FROM job GROUP BY state")
      return rows.reduce(into: [:]) { counts, row in
        if let state = JobState(rawValue: row["state"]) { counts[state] = row["count"] }
      }
    }
  }
}
