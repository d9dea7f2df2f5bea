// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// What needs no daemon: a made-up scene, its score, and the cost of a made-up job.
@Suite(
  .serialized, .tags(.slow), .enabled(if: runsProcesses, "set FOVEA_FULL=1 to start programs"),
  .timeLimit(.minutes(5)))
struct SynthesisTests {
  @Test func `a made-up scene can be scored, and is not replaced unasked`() async throws {
    let world = try World()
    let folder = world.path("made-up")
    let command = ["scene", "synthesize", "--output", folder, "--chips", "24"]
    let made = try await world.run(program: "fovea", command)
    #expect(made.status == 0, "\(made.errors)")
    let files = ["hr.tif", "lr.tif", "truth.tif"].map { "\(folder)/\($0)" }
    #expect(made.text == files.joined(separator: "\n") + "\n")
    let bytes = try files.map { try Data(contentsOf: URL(filePath: $0)) }

    let score = try await world.run(
      program: "fovea",
      [
        "evaluate", "--model", TestPaths.root.path + "/etc/models/eurosat-s2-10m.safetensors",
        "--lr", files[1], "--hr", files[0], "--truth", files[2], "--json",
      ])
    #expect(score.status == 0, "\(score.errors)")
    #expect(try score.object()["images"] as? Int == 24)

    let again = try await world.run(program: "fovea", command + ["--seed", "2"])
    #expect(again.status == 65)
    #expect(again.errors.contains("hr.tif is there already"), "\(again.errors)")
    #expect(try files.map { try Data(contentsOf: URL(filePath: $0)) } == bytes)
    let forced = try await world.run(program: "fovea", command + ["--seed", "2", "--force"])
    #expect(forced.status == 0, "\(forced.errors)")
    #expect(try Data(contentsOf: URL(filePath: files[0])) != bytes[0])
    let wrong = try await world.run(program: "fovea", command + ["--zoom", "7"])
    #expect(wrong.status == 64)
    #expect(wrong.errors.contains("a zoom of 7 does not divide"), "\(wrong.errors)")
  }

  @Test func `the cost of a job is measured step by step`() async throws {
    let world = try World()
    let plot = world.path("scale.svg")
    let measured = try await world.run(
      program: "fovea-bench", ["scale", "--chips", "60", "300", "--json", "--plot", plot])
    #expect(measured.status == 0, "\(measured.errors)")
    let sizes = try #require(
      JSONSerialization.jsonObject(with: Data(measured.text.utf8)) as? [[String: Any]])
    #expect(sizes.map { $0["chips"] as? Int } == [60, 300])
    for size in sizes {
      let steps = size["steps"] as? [[String: Any]] ?? []
      #expect(steps.map { $0["name"] as? String }.contains("buy"))
      #expect(steps.allSatisfy { ($0["peak_mib"] as? Double ?? 0) > 0 })
    }
    #expect(try String(contentsOfFile: plot, encoding: .utf8).contains(">report</text>"))
  }
}
