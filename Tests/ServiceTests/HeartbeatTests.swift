// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import GRDB
import Ledger
import Logging
import Platform
import Service
import Synchronization
import TestSupport
import Testing
import Wire

/// The watchdog is fed by what really works.
@Suite(.timeLimit(.minutes(10))) struct HeartbeatTests {
  private let folder: TemporaryFolder
  private let manager: ServiceManager
  private let health = Health()

  init() throws {
    folder = try TemporaryFolder()
    manager = ServiceManager(in: folder)
  }

  private func heartbeat(_ probes: [Heartbeat.Probe]) -> Heartbeat {
    Heartbeat(
      probes: probes, health: health,
      notifier: ServiceNotifier(
        environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "150000"]),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, status: { "at work" })
  }

  private var beatCount: Int { manager.messages.count { $0 == "WATCHDOG=1" } }

  @Test func `while a write to the ledger hangs, the watchdog starves`() async throws {
    let ledger = try Ledger(in: folder.url)
    let pool = ComputePool(threadCount: 1)
    let heartbeat = heartbeat([
      .init(.runner) {}, .init(.ledger) { try await pool.run { try ledger.ping() } },
    ])
    let task = Task { try await heartbeat.run() }
    #expect(await Samples.eventually { beatCount >= 2 })
    // A disk that does not answer, as the ledger's queue sees it.
    let disk = DispatchSemaphore(value: 0)
    let thread = Thread { ledger.queue.inDatabase { _ in disk.wait() } }
    thread.start()
    #expect(
      await Samples.eventually { health.record.checks?.contains { $0.problem != nil } == true })
    let starved = beatCount
    try await Task.sleep(for: .milliseconds(400))
    #expect(beatCount == starved)
    #expect(health.record.status == "degraded")
    #expect(health.record.checks?.first { $0.problem != nil }?.part == "ledger")
    disk.signal()
    #expect(await Samples.eventually { beatCount > starved && health.record.status == "ok" })
    task.cancel()
    try await task.value
    #expect(manager.messages.count { $0 == "STATUS=at work" } == 1)
  }

  @Test func `a part that answers with an error does not feed the watchdog`() async throws {
    struct Broken: Error, CustomStringConvertible { let description = "no such table" }
    let heartbeat = heartbeat([.init(.runner) {}, .init(.database) { throw Broken() }])
    let task = Task { try await heartbeat.run() }
    #expect(await Samples.eventually { health.record.status == "degraded" })
    try await Task.sleep(for: .milliseconds(200))
    #expect(beatCount == 0)
    #expect(health.record.checks?.first { $0.part == "database" }?.problem == "no such table")
    task.cancel()
    try await task.value
  }

  @Test func `books that do not add up end the watch`() async throws {
    let ledger = try Ledger(in: folder.url)
    try ledger.createBudget("b", currency: Samples.euros(0).currency, actor: "a", at: Date())
    try ledger.grant(Samples.euros(5), to: "b", actor: "a", at: Date())
    let watch = LedgerWatch(
      ledger, pool: ComputePool(threadCount: 1), period: .milliseconds(10),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let task = Task { try await watch.run() }
    try await Task.sleep(for: .milliseconds(100))
    // A person with a database shell who takes the rules away first.
    try ledger.queue.inDatabase { database in
      try database.execute(sql: "DROP TRIGGER entry_no_update; UPDATE entry SET amount = 9")
    }
    let error = await #expect(throws: LedgerError.self) { try await task.value }
    #expect(error?.exitCode == .badData)
  }
}
