// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

extension Tag {
  @Tag static var slow: Self
}

/// Whether the tests that start programs run: they need a release build to be quick.
let runsProcesses = ProcessInfo.processInfo.environment["FOVEA_FULL"] == "1"

/// Whole jobs with real programs on real imagery, judged by both sides' books.
@Suite(
  .serialized, .tags(.slow), .enabled(if: runsProcesses, "set FOVEA_FULL=1 to start programs"),
  .timeLimit(.minutes(5)))
struct WholeJobTests {
  @Test func `a job is classified as fovea evaluate says, and every book agrees`() async throws {
    let world = try World()
    try await world.startVendor()
    try await world.startDaemon()
    let job = try await world.submit(budget: "5000.00 EUR")
    try await world.wait(for: job, ["done"])

    let outputs = world.path("outputs")
    let fetched = try await world.run("report", job, "--output", outputs)
    #expect(fetched.status == 0, "\(fetched.errors)")
    let expected = world.path("expected.jsonl")
    let evaluated = try await world.run(
      program: "fovea",
      [
        "evaluate", "--model", World.models.appending(path: "eurosat-s2-10m.safetensors").path,
        "--lr", World.demo.appending(path: "eurosat_lr.tif").path,
        "--hr", World.demo.appending(path: "eurosat_hr.tif").path,
        "--truth", World.demo.appending(path: "eurosat_truth.tif").path,
        "--grid-origin", "scene", "--predictions", expected,
      ])
    #expect(evaluated.status == 0, "\(evaluated.errors)")
    #expect(try predictions(outputs + "/predictions.tsv") == evaluation(expected))
    try await expectEqualBooks(world, job)
  }

  @Test func `a small budget buys the best part and never a cent over`() async throws {
    let world = try World()
    try await world.startVendor()
    try await world.startDaemon()
    let job = try await world.submit(budget: "20.00 EUR")
    try await world.wait(for: job, ["done"])
    let spent = try await world.account("spent")
    #expect(spent > 1000 && spent <= 2000)
    #expect(try await world.account("held") == 0)
    try await expectEqualBooks(world, job)
  }

  @Test func `a budget of nothing still classifies, from low resolution alone`() async throws {
    let world = try World()
    try await world.startVendor()
    try await world.startDaemon()
    let job = try await world.submit(budget: "0.00 EUR")
    try await world.wait(for: job, ["done"])
    let outputs = world.path("outputs")
    _ = try await world.run("report", job, "--output", outputs)
    let rows = try predictions(outputs + "/predictions.tsv")
    #expect(rows.count == 144)
    #expect(Set(rows.map { $0[2] }) == ["0000"])
    #expect(try await world.account("spent") == 0)
  }

  @Test func `a second job over the same place pays nothing again`() async throws {
    let world = try World()
    try await world.startVendor()
    try await world.startDaemon()
    let first = try await world.submit(budget: "5000.00 EUR")
    let record = try await world.wait(for: first, ["done"])
    let spent = try await world.account("spent")
    let request = try #require(record["request"] as? [String: Any])
    let second = try await world.run(
      program: "fovea",
      [
        "submit", "--scene", try #require(request["scene"] as? String), "--model",
        "eurosat-s2-10m", "--vendor", "demo", "--budget", "b", "--grid-origin", "scene", "--json",
        "--state", world.state,
      ])
    let job = try #require(try second.object()["id"] as? String)
    try await world.wait(for: job, ["done"])
    #expect(try await world.account("spent") == spent)
    #expect(try await world.account("held") == 0)
  }

  @Test func `SIGTERM ends the daemon in order, and a new one goes on`() async throws {
    let world = try World()
    try await world.startVendor()
    let daemon = try await world.startDaemon()
    let job = try await world.submit(budget: "5000.00 EUR", extra: ["--cap", "30.00 EUR"])
    daemon.signal(SIGTERM)
    #expect(try await daemon.waitForExit() == 0, "\(daemon.log)")
    try await world.startDaemon()
    try await world.wait(for: job, ["done"])
    try await expectEqualBooks(world, job)
  }

  @Test(arguments: ["submit:lost-answer:1", "download:cut:1", "download:corrupt:1"])
  func `a vendor's passing fault costs nothing twice`(fault: String) async throws {
    let world = try World()
    try await world.startVendor(faults: [fault])
    try await world.startDaemon()
    let job = try await world.submit(budget: "5000.00 EUR", extra: ["--cap", "30.00 EUR"])
    try await world.wait(for: job, ["done"])
    try await expectEqualBooks(world, job)
  }

  @Test func `a job parked on damaged bytes goes on when a person retries it`() async throws {
    let world = try World()
    try await world.startVendor(faults: ["download:corrupt:1000"])
    try await world.startDaemon()
    let job = try await world.submit(budget: "5000.00 EUR", extra: ["--cap", "8.00 EUR"])
    let parked = try await world.wait(for: job, ["parked"])
    #expect("\(parked)".contains("deliver"), "\(parked)")
    #expect(try await world.account("held") > 0)
    // The vendor comes back mended, with its books.
    world.vendor?.signal(SIGTERM)
    _ = try await world.vendor?.waitForExit()
    try await world.startVendor()
    #expect(try await world.run("job", "retry", job).status == 0)
    try await world.wait(for: job, ["done"])
    try await expectEqualBooks(world, job)
  }

  @Test func `two jobs at once share a budget, and the later one plans with what is left`()
    async throws
  {
    let world = try World()
    try await world.startVendor()
    try await world.startDaemon()
    let first = try await world.submit(budget: "30.00 EUR")
    let request = try #require(
      try await world.run("job", "show", first, "--json").object()["request"] as? [String: Any])
    let second = try await world.run(
      program: "fovea",
      [
        "submit", "--scene", try #require(request["scene"] as? String), "--model",
        "eurosat-s2-10m", "--vendor", "demo", "--budget", "b", "--grid-origin", "scene", "--json",
        "--state", world.state,
      ])
    let job = try #require(try second.object()["id"] as? String, "\(second.errors)")
    try await world.wait(for: first, ["done"])
    try await world.wait(for: job, ["done"])
    #expect(try await world.account("spent") <= 3000)
    #expect(try await world.account("held") == 0)
  }

  // The ledger, the vendor and the report say the same, to the cent; nothing is held; the chain is
  // whole; hledger accepts the export.
  private func expectEqualBooks(_ world: World, _ job: String) async throws {
    let spent = try await world.account("spent")
    #expect(spent > 0)
    #expect(try await world.account("held") == 0)
    let books = try await world.books()
    let charged = try #require((books["charged"] ?? books["total"]) as? [String: Any])
    #expect(charged["minor_units"] as? Int == spent)
    let report = try await world.run("report", job, "--json").object()
    let money = try #require(report["money"] as? [String: Any])
    #expect((money["captured"] as? [String: Any])?["minor_units"] as? Int == spent)
    let verified = try await world.run("ledger", "verify", "--json")
    #expect(verified.status == 0, "\(verified.errors)\(verified.text)")
    let journal = try await world.run("ledger", "export", "--format", "hledger")
    #expect(journal.text.contains("b:spent"))
  }

  /// The same of what `fovea evaluate` wrote.
  private func evaluation(_ path: String) throws -> [[String]] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let place = try #require(object["name"] as? String).dropFirst().split(separator: "c")
      return place.map(String.init)
        + (try ["mask", "class"].map { try #require(object[$0] as? String) })
    }
  }

  /// Row, column, mask and class of each chip.
  private func predictions(_ path: String) throws -> [[String]] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").dropFirst()
      .map { $0.split(separator: "\t").prefix(4).map(String.init) }
  }
}
