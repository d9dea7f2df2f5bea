// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Plans, approvals and other controls of jobs, by commands as a person gives them.
@Suite(
  .serialized, .tags(.slow), .enabled(if: runsProcesses, "set FOVEA_FULL=1 to start programs"),
  .timeLimit(.minutes(5)))
struct JobControlTests {
  /// A vendor, a daemon, the demo's scene and a budget; the options that name them.
  private func started(_ budget: String) async throws -> (world: World, options: [String]) {
    let world = try World()
    try await world.startVendor()
    try await world.startDaemon()
    let created = try await world.run("budget", "create", "b", budget)
    #expect(created.status == 0, "\(created.errors)")
    let scene = try await world.run(
      "scene", "add", World.demo.appending(path: "eurosat_lr.tif").path, "--json")
    let id = try #require(try scene.object()["id"] as? String, "\(scene.errors)")
    let options = [
      "--scene", id, "--model", "eurosat-s2-10m", "--vendor", "demo", "--budget", "b",
      "--grid-origin", "scene",
    ]
    return (world, options)
  }

  private func fovea(_ world: World, _ arguments: [String]) async throws -> World.Output {
    try await world.run(program: "fovea", arguments + ["--state", world.state])
  }

  /// The minor units of an amount in an answer.
  private func minorUnits(_ value: Any?) throws -> Int {
    try #require((value as? [String: Any])?["minor_units"] as? Int, "\(value ?? "nothing")")
  }

  @Test func `a plan spends nothing, and the job then costs what it says`() async throws {
    let (world, options) = try await started("5000.00 EUR")
    let map = world.path("plan.geojson")
    let planned = try await fovea(world, ["plan"] + options + ["--json", "--geojson", map])
    #expect(planned.status == 0, "\(planned.errors)")
    let plan = try #require(try planned.object()["plan"] as? [String: Any])
    let price = try minorUnits(plan["price"])
    #expect(price > 0)
    #expect(try minorUnits(plan["price_of_everything"]) > price)
    let (low, high) = try (
      #require(plan["estimated_low_resolution_accuracy"] as? Double),
      #require(plan["estimated_accuracy"] as? Double)
    )
    #expect(low > 0.5 && low < high && high <= 1)
    #expect(try await world.run("ledger", "entries", "--json").items().count == 1)
    let features =
      try #require(
        try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: map)))
          as? [String: Any])["features"] as? [[String: Any]]
    #expect(features?.count ?? 0 > 144)
    let text = try await fovea(world, ["plan"] + options)
    #expect(text.text.contains("expected accuracy"), "\(text)")
    #expect(text.text.contains("nothing was held or bought"))

    let bought = try await fovea(world, ["submit"] + options + ["--watch"])
    #expect(bought.status == 0, "\(bought.errors)")
    #expect(try await world.account("spent") == price)
    let shown = try await world.run("jobs", "--only", "done", "--json").items()
    #expect(shown.count == 3)
    let stages = try #require(shown.first?["stages"] as? [[String: Any]])
    #expect(
      stages.compactMap { $0["stage"] as? String } == [
        "survey", "choose", "buy", "classify", "report",
      ])
  }

  @Test func `a dear plan waits for its approval over a restart, and no other is bought`()
    async throws
  {
    let (world, options) = try await started("5000.00 EUR")
    let waiting = try await fovea(
      world,
      ["submit"] + options + ["--approve-over", "5.00 EUR", "--cap", "20.00 EUR", "--watch"])
    #expect(waiting.status == 75, "\(waiting)")
    let job = try #require(waiting.text.split(separator: " ").last).trimmingCharacters(
      in: .whitespacesAndNewlines)
    #expect(waiting.errors.contains("fovea job approve \(job)"), "\(waiting.errors)")
    #expect(try await world.account("held") == 0)
    let daemon = try #require(world.daemon)
    daemon.signal(SIGKILL)
    _ = try await daemon.waitForExit()
    try await world.startDaemon()
    let wrong = try await world.run("job", "approve", job, "--price", "1.00 EUR")
    #expect(wrong.status == 65)
    #expect(wrong.errors.contains("fovea job show"), "\(wrong.errors)")
    let shown = try await world.run("job", "show", job, "--json").object()
    #expect(shown["state"] as? String == "awaiting_approval")
    let plan = try #require(shown["plan"] as? [String: Any])
    let approved = try await world.run(
      "job", "approve", job, "--plan", try #require(plan["sha256"] as? String))
    #expect(approved.status == 0, "\(approved.errors)")
    let watched = try await world.run("job", "watch", job)
    #expect(watched.status == 0, "\(watched.errors)")
    #expect(try await world.account("spent") == minorUnits(plan["price"]))
  }

  @Test func `a disk without room parks the job before anything is held`() async throws {
    let (world, options) = try await started("5000.00 EUR")
    let file = URL(filePath: world.path("fovead.yaml"))
    let usual = try String(contentsOf: file, encoding: .utf8)
    func reload(_ text: String) async throws {
      let daemon = try #require(world.daemon)
      let before = daemon.log.split(separator: "read anew").count
      try text.write(to: file, atomically: true, encoding: .utf8)
      daemon.signal(SIGHUP)
      try await waitUntil("the new configuration: \(daemon.log.suffix(2000))") {
        daemon.log.split(separator: "read anew").count > before
      }
    }
    try await reload(usual + "\nlimits: {free_bytes: \(1 << 50)}\n")
    let parked = try await fovea(world, ["submit"] + options + ["--cap", "8.00 EUR", "--watch"])
    #expect(parked.status == 75, "\(parked)")
    #expect(parked.errors.contains("limits.free_bytes"), "\(parked.errors)")
    #expect(try await world.account("held") == 0)
    try await reload(usual)
    let jobs = try await world.run("jobs", "--json").items()
    let job = try #require(jobs.first?["id"] as? String)
    #expect(try await world.run("job", "retry", job).status == 0)
    try await world.wait(for: job, ["done"])
  }

  @Test func `a cancelled job ends with 65, and a rectangle in the scene's metres is enough`()
    async throws
  {
    let (world, options) = try await started("5000.00 EUR")
    let scene = try await world.run("scene", "list", "--json").items()
    let bounds = try #require(scene.first?["bounds"] as? [String: Double])
    let (west, north) = try (#require(bounds["west"]), #require(bounds["north"]))
    let box = "\(west),\(north - 1280),\(west + 640),\(north)"
    let submitted = try await fovea(
      world,
      ["submit"] + options
        + ["--bbox=\(box)", "--bbox-crs", "scene", "--approve-over", "0.00 EUR", "--json"])
    let job = try #require(try submitted.object()["id"] as? String, "\(submitted.errors)")
    try await world.wait(for: job, ["awaiting_approval", "done"])
    let shown = try await world.run("job", "show", job, "--json").object()
    let chips = try #require((shown["plan"] as? [String: Any])?["chips"] as? [String: Any])
    #expect(chips["surveyed"] as? Int == 2)
    guard shown["state"] as? String == "awaiting_approval" else { return }
    #expect(try await world.run("job", "cancel", job).status == 0)
    #expect(try await world.run("watch", job).status == 65)
    #expect(try await world.account("spent") == 0)
  }
}
