// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import Wire

/// `/healthz` and `/readyz`: whether the daemon is alive, and whether it can work.
struct HealthRoutes: Sendable {
  let health: Health

  func add(to routes: inout RouteTable) {
    // Whoever gets this answer has seen the loop work; nothing else is asked.
    routes.get("healthz") { _, _ in try Answer.json(HealthRecord(status: "ok")) }
    // The socket is bound only when recovery is done, so there is no "starting".
    routes.get("readyz") { _, _ in
      let record = health.record
      return try Answer.json(record, status: health.isStopping ? .serviceUnavailable : .ok)
    }
  }
}
