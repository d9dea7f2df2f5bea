// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Daemons that are killed at every named point of a purchase, and at every ordered pair of them:
/// killed, started, killed again on the way back, started again.
@Suite(
  .serialized, .tags(.slow), .enabled(if: runsProcesses, "set FOVEA_FULL=1 to start programs"),
  .timeLimit(.minutes(8)))
struct CrashTests {
  static let points = ["K0", "K1", "K2", "K3", "K4", "K5", "K6"]
  /// How many daemons with their vendors live at once.
  private static let worldCount = 3

  @Test func `after SIGKILL at any two points in turn nothing is bought twice, lost or left held`()
    async throws
  {
    let pairs = Self.points.flatMap { first in
      [[first]] + Self.points.map { [first, $0] }
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, pair) in pairs.enumerated() {
        if index >= Self.worldCount { try await group.next() }
        group.addTask { try await self.run(pair) }
      }
      try await group.waitForAll()
    }
  }

  private func run(_ points: [String]) async throws {
    let world = try World()
    try await world.startVendor()
    var job = ""
    var isKilled = true
    for (index, point) in points.enumerated() where isKilled {
      let daemon = try await world.startDaemon(crashAt: point, waits: index == 0)
      if index == 0 {
        job = try await world.submit(budget: "50.00 EUR", extra: ["--cap", "12.00 EUR"])
      }
      isKilled = try await ends(daemon, job, world)
      // A point that lies behind the first crash is not reached again.
      #expect(isKilled || index > 0, "\(points): \(daemon.log.suffix(2000))")
    }
    if isKilled { try await world.startDaemon() }
    let record = try await world.wait(for: job, ["done", "parked", "failed"])
    #expect(record["state"] as? String == "done", "\(points): \(record)")
    try await expectEqualBooks(world, job, points)
    if points.count == 1 { try await expectNothingToRecover(world, points) }
  }

  /// Waits until the daemon was killed at its point, or the job is done without that.
  private func ends(_ daemon: ChildProcess, _ job: String, _ world: World) async throws -> Bool {
    let end = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < end {
      guard daemon.isRunning else {
        #expect(try await daemon.waitForExit() == 128 + SIGKILL, "\(daemon.log.suffix(2000))")
        return true
      }
      let shown = try await world.run("job", "show", job, "--json")
      if shown.status == 0, try shown.object()["state"] as? String == "done" { return false }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw Timeout(description: "a crash or the job's end: \(daemon.log.suffix(2000))")
  }

  /// Both sides' books, the report and the accounts say the same, and no patch was sold twice.
  private func expectEqualBooks(
    _ world: World, _ job: String, _ points: [String]
  ) async throws {
    let comment = Comment(rawValue: "\(points)")
    let spent = try await world.account("spent")
    #expect(spent > 0, comment)
    #expect(try await world.account("held") == 0, comment)
    let books = try await world.books()
    #expect((books["total"] as? [String: Any])?["minor_units"] as? Int == spent, comment)
    let sales = try #require(books["sales"] as? [[String: Any]])
    let places = sales.map { "\($0["pixels"] ?? "")" }
    #expect(Set(places).count == places.count, comment)
    let report = try await world.run("report", job, "--json").object()
    let money = try #require(report["money"] as? [String: Any])
    #expect((money["captured"] as? [String: Any])?["minor_units"] as? Int == spent, comment)
    #expect(try await world.run("ledger", "verify").status == 0, comment)
    let compared = try await world.run("reconcile", "demo")
    #expect(compared.status == 0, "\(points): \(compared.text)\(compared.errors)")
    let orders = try await world.run("order", "list", "--open", "--json").items()
    #expect(orders.isEmpty, comment)
  }

  /// Another start changes nothing in the books.
  private func expectNothingToRecover(_ world: World, _ points: [String]) async throws {
    let before = try await world.run("ledger", "verify", "--json").object()
    world.daemon?.signal(SIGKILL)
    _ = try await world.daemon?.waitForExit()
    try await world.startDaemon()
    let after = try await world.run("ledger", "verify", "--json").object()
    #expect(before["head"] as? String == after["head"] as? String, "\(points)")
  }
}
