// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Platform
import Transfer
import Wire

/// What the heartbeat asks the parts of a daemon, and what it tells the service manager of them.
struct Watch: Sendable {
  let live: LiveSteps
  let store: JobStore
  let database: ServiceDatabase
  let runner: JobRunner
  let health: Health
  let settings: Settings
  let socket: SocketFile
  let client: HTTPClient

  /// The questions: each takes the way that real work takes.
  var probes: [Heartbeat.Probe] {
    [
      .init(.runner) { _ = await runner.runningCount },
      .init(.database) { try await database.ping() },
      .init(.ledger, ask: ledger),
      .init(.listener) {
        var request = HTTPRequest(.get, "/healthz", to: try Endpoint(unixSocket: socket.path))
        // A question that nobody answers ends with a word, before the next one is asked.
        request.limits.total = .seconds(10)
        let status = try await client.send(request).status
        guard status == 200 else { throw Silence(status: status) }
      },
    ]
  }

  /// After a failed write the books take no more changes, and the daemon is of no use.
  private func ledger() async throws {
    do {
      try await live.storage.run { [ledger = live.ledger] in try ledger.ping() }
    } catch let error as LedgerError {
      throw Heartbeat.Fatal(cause: error)
    }
  }

  /// `2 jobs running, 1 queued; 12.50 EUR held`.
  func status() async -> String {
    lookAtDisk()
    var words: [String] = health.isStopping ? ["stopping"] : []
    let running = await runner.runningCount
    // Words for people: where a figure cannot be had, another part says why.
    if let wanting = try? await store.runnable().count {
      words.append(
        "\(running) job\(running == 1 ? "" : "s") running, \(max(0, wanting - running)) queued")
    }
    if let held = try? await held(), !held.isEmpty {
      words.append("\(held.map(\.description).joined(separator: ", ")) held")
    }
    if health.record.status == "degraded" { words.append("degraded, see /readyz") }
    return words.joined(separator: "; ")
  }

  /// A disk that fills up is no reason to be ended by the watchdog, but one to be seen.
  private func lookAtDisk() {
    let wanted = settings.current.keptFreeByteCount
    // One call to the system; where it fails, the databases on that disk say more.
    guard let free = try? DiskSpace.freeByteCount(at: live.state.root) else { return }
    health.report(
      .disk,
      problem: free >= wanted
        ? nil
        : "\(free >> 20) MiB are free, and limits.free_bytes wants \(wanted >> 20). Make room.")
  }

  /// What the budgets hold together, by currency.
  private func held() async throws -> [Money] {
    let budgets = try await live.storage.run { [ledger = live.ledger] in try ledger.budgets() }
    return try Dictionary(grouping: budgets, by: \.currency)
      .map { currency, budgets in
        try Money(
          minorUnits: budgets.reduce(0) { $0 + $1.held.minorUnits }, currency: currency)
      }
      .filter { $0.minorUnits > 0 }
      .sorted { $0.currency.code < $1.currency.code }
  }

  /// The listener's answer was not the one of a daemon that works.
  private struct Silence: Error, CustomStringConvertible {
    let status: Int
    var description: String { "the socket answers \(status). Restart fovead." }
  }
}
