// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform
import Raster
import TestSupport
import Testing

/// Generated files, hostile in every field: each is taken or refused with words, and does no harm.
@Suite(.serialized) struct RasterFuzzTests {
  private static let environment = ProcessInfo.processInfo.environment

  /// A number from the environment; `make fuzz-rasters` sets it.
  private static func number(_ name: String) -> UInt64? {
    environment[name].flatMap { UInt64($0) }
  }

  private func hostile() throws -> HostileRaster {
    let shared = RasterFixtures.shared.map {
      [$0.appending(path: "formats"), $0.appending(path: "scenes")]
    }
    return try HostileRaster(folders: [RasterFixtures.folder] + (shared ?? []))
  }

  private func expectNoHarm(_ tally: RasterFuzzTally) {
    #expect(tally.failures.isEmpty, "\(tally.failures.prefix(20))")
    for who in [RUSAGE_SELF, RUSAGE_CHILDREN] {
      #expect(RasterFuzzTally.peakMemoryBytes(who) <= RasterFuzzRun.largestMemoryBytes)
    }
  }

  // Without this the hostile files could all fail for the one reason that their writer is wrong.
  @Test func `what the tag-by-tag writer makes is taken before it is spoiled`() throws {
    let scratch = try ScratchFolder()
    for seed in 0..<150 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let plain = PlainRaster(using: &generator)
      let source = try scratch.file("in.tif", plain.file().bytes())
      let clean = scratch.file("clean.tif")
      do {
        let facts = try Ingest.scene(source, cleanCopy: clean)
        let window: Window<Float> = try Dataset(trusted: clean).readAll()
        #expect(facts.noDataShare == 0, "seed \(seed): \(plain)")
        let corner = Float(plain.value(0, plain.width - 1, plain.height - 1))
        #expect(window.samples[plain.width * plain.height - 1] == corner, "seed \(seed): \(plain)")
      } catch {
        Issue.record("seed \(seed), \(plain): \(error)")
      }
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func `1,500 generated files do no harm`() async throws {
    let scratch = try ScratchFolder()
    let run = RasterFuzzRun(hostile: try hostile(), seeds: 0..<1500, folder: scratch.url)
    let tally = try await run.tally()
    RasterFuzzRun.say("hostile rasters: \(tally)")
    expectNoHarm(tally)
    #expect(tally.fileCount == 1500)
    #expect(tally.acceptedCount > 75, "the generator's files are too bad to get far")
  }

  @Test(.enabled(if: number("FOVEA_FUZZ_FILES") != nil, "make fuzz-rasters runs it"))
  func `as many files as are asked for do no harm`() async throws {
    let first = Self.number("FOVEA_FUZZ_SEED") ?? 0
    let count = try #require(Self.number("FOVEA_FUZZ_FILES"))
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "fovea-fuzz-\(first)-\(getpid())")
    let hostile = try hostile()
    RasterFuzzRun.say(
      "seeds \(first)..<\(first + count), \(hostile.goodFileCount) good files; failures, and what "
        + "ends the process, stay in \(folder.path)")
    let run = RasterFuzzRun(
      hostile: hostile, seeds: first..<first + count, folder: folder,
      progressStep: Int(count) >= 2000 ? 1000 : nil)
    let tally = try await run.tally()
    RasterFuzzRun.say("fuzz-rasters: \(tally)")
    expectNoHarm(tally)
    if tally.failures.isEmpty { try FileManager.default.removeItem(at: folder) }
  }

  @Test(.enabled(if: number("FOVEA_FUZZ_ONE") != nil, "make fuzz-rasters ONE=SEED runs it"))
  func `one file again, with all that is known of it`() throws {
    let seed = try #require(Self.number("FOVEA_FUZZ_ONE"))
    let folder = FileManager.default.temporaryDirectory.appending(path: "fovea-fuzz-one-\(seed)")
    let sample = try hostile().sample(seed)
    let verdict = try RasterFuzzJudge(folder: folder).judge(sample)
    let file = folder.appending(path: "\(seed).tif")
    try Data(sample.bytes).write(to: file)
    RasterFuzzRun.say(
      """
      \(file.path): \(sample.bytes.count) bytes
      \(sample.story)
      \(verdict.error.map { "\($0.kind): \($0)" } ?? "taken"), \(verdict.seconds) s
      """)
    #expect(verdict.failures.isEmpty)
  }
}
