// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Bad input with real programs: each gets words and an exit code, and the daemon lives on.
@Suite(
  .serialized, .tags(.slow), .enabled(if: runsProcesses, "set FOVEA_FULL=1 to start programs"),
  .timeLimit(.minutes(5)))
struct RefusalTests {
  private func startedWorld() async throws -> World {
    let world = try World()
    try await world.startVendor()
    try await world.startDaemon()
    return world
  }

  /// The daemon answers, and nothing was added.
  private func expectUntouched(_ world: World) async throws {
    #expect(world.daemon?.isRunning == true, "\(world.daemon?.log ?? "")")
    #expect(try await world.run("scene", "list", "--json").items().isEmpty)
    #expect(try await world.run("jobs", "--json").items().isEmpty)
    #expect(try await world.run("ledger", "entries", "--json").items().isEmpty)
  }

  @Test func `what is no GeoTIFF, or half of one, is refused with words`() async throws {
    let world = try await startedWorld()
    let text = world.folder.url.appending(path: "note.tif")
    try Data("this is no raster".utf8).write(to: text)
    let whole = try Data(contentsOf: World.demo.appending(path: "eurosat_lr.tif"))
    let half = world.folder.url.appending(path: "half.tif")
    try whole.prefix(whole.count / 2).write(to: half)
    for (file, word) in [(text, "TIFF"), (half, "half.tif")] {
      let refused = try await world.run("scene", "add", file.path)
      #expect(refused.status == 65, "\(refused)")
      #expect(refused.errors.contains(word), "\(refused.errors)")
      #expect(refused.errors.hasPrefix("fovea: "))
    }
    let missing = try await world.run("scene", "add", world.path("none.tif"))
    #expect(missing.status == 66)
    try await expectUntouched(world)
  }

  @Test func `a region that crosses itself is refused at its place`() async throws {
    let world = try await startedWorld()
    let region = world.path("bowtie.geojson")
    try """
    {"type": "Polygon", "coordinates": [[[11, 48], [11.1, 48.1], [11.1, 48], [11, 48.1], [11, 48]]]}
    """.write(toFile: region, atomically: true, encoding: .utf8)
    let refused = try await world.run(
      "submit", "--scene", "0123456789abcdef", "--model", "eurosat-s2-10m", "--vendor", "demo",
      "--budget", "b", "--region", region)
    #expect(refused.status == 65, "\(refused)")
    #expect(refused.errors.contains("bowtie.geojson"), "\(refused.errors)")
    #expect(refused.errors.contains("48.05"), "\(refused.errors)")
    try await expectUntouched(world)
  }

  @Test func `a bundle without one of its tensors is refused by name`() async throws {
    let world = try await startedWorld()
    let bundle = world.folder.url.appending(path: "broken.safetensors")
    try brokenBundle().write(to: bundle)
    let scene = try await world.run(
      "scene", "add", World.demo.appending(path: "eurosat_lr.tif").path, "--json")
    _ = try await world.run("budget", "create", "b", "10.00 EUR")
    let models = URL(filePath: world.state).appending(path: "models")
    try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: bundle, to: models.appending(path: "broken.safetensors"))
    let refused = try await world.run(
      "submit", "--scene", try #require(try scene.object()["id"] as? String), "--model", "broken",
      "--vendor", "demo", "--budget", "b", "--grid-origin", "scene")
    #expect(refused.status == 65, "\(refused)")
    #expect(refused.errors.contains("lr.fc.weight"), "\(refused.errors)")
    #expect(world.daemon?.isRunning == true)
    #expect(try await world.account("held") == 0)
  }

  @Test func `an unknown configuration key names the nearest known one`() async throws {
    let world = try World()
    let file = world.path("fovead.yaml")
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try text.replacing("trust:", with: "trusst:")
      .write(toFile: file, atomically: true, encoding: .utf8)
    let daemon = try await world.startDaemon(waits: false)
    #expect(try await daemon.waitForExit() == 78)
    #expect(daemon.log.contains("trusst") && daemon.log.contains("trust"), "\(daemon.log)")
    #expect(!FileManager.default.fileExists(atPath: world.state + "/ledger.sqlite"))
  }

  @Test func `a second daemon on one state directory names the first and ends`() async throws {
    let world = try await startedWorld()
    let first = try #require(world.daemon)
    let second = try await world.startDaemon(waits: false)
    #expect(try await second.waitForExit() == 75)
    #expect(second.log.contains("\(first.identifier)"), "\(second.log)")
    #expect(first.isRunning)
    #expect(try await world.run("budget", "list").status == 0)
  }

  @Test func `without a daemon the client says how to start one`() async throws {
    let world = try World()
    let refused = try await world.run("jobs")
    #expect(refused.status == 69)
    #expect(refused.errors.contains("fovead.sock"), "\(refused.errors)")
  }

  /// The shipped bundle with the name of one tensor changed in its header.
  private func brokenBundle() throws -> Data {
    var bytes = try Data(
      contentsOf: World.models.appending(path: "eurosat-s2-10m.safetensors"))
    let name = Data("\"lr.fc.weight\"".utf8)
    let place = try #require(bytes.range(of: name))
    bytes.replaceSubrange(place, with: Data("\"lr.fc.weighs\"".utf8))
    return bytes
  }
}
