// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform
import Raster
import Synchronization
import TestSupport

/// Many hostile files through ``Ingest``, on all cores; what each seed gives is the same each time.
struct RasterFuzzRun: Sendable {
  let hostile: HostileRaster
  let seeds: Range<UInt64>
  /// Where the files are tried.
  ///
  /// What ends the whole process is left in it, named by its seed.
  let folder: URL
  /// How many files there are between two lines of progress; none are printed without.
  var progressStep: Int?

  /// The largest memory that this process, and a child, may have had.
  static let largestMemoryBytes = 1536 << 20

  /// What the threads share.
  private final class Progress: Sendable {
    let next: Mutex<UInt64>
    let tally = Mutex(RasterFuzzTally())
    let started = ContinuousClock.now

    init(first: UInt64) { next = Mutex(first) }
  }

  /// Tries every seed.
  func tally() async throws -> RasterFuzzTally {
    let pool = ComputePool()
    let progress = Progress(first: seeds.lowerBound)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<pool.threadCount {
        group.addTask { try await pool.run { try self.work(on: progress, thread: index) } }
      }
      try await group.waitForAll()
    }
    return progress.tally.withLock { $0 }
  }

  /// Takes seeds from the common row until it is empty.
  private func work(on progress: Progress, thread: Int) throws {
    let judge = try RasterFuzzJudge(folder: folder.appending(path: "thread-\(thread)"))
    while true {
      let seed = progress.next.withLock { seed in
        defer { seed += 1 }
        return seed
      }
      guard seed < seeds.upperBound else { return }
      let sample = hostile.sample(seed)
      let verdict = try judge.judge(sample)
      try keep(sample, verdict)
      let line = progress.tally.withLock { tally -> String? in
        tally.add(verdict)
        guard let progressStep, tally.fileCount % progressStep == 0 else { return nil }
        return "\(ContinuousClock.now - progress.started): \(tally)"
      }
      if let line { Self.say(line) }
    }
  }

  /// Keeps the bytes and the story of a failure.
  private func keep(_ sample: HostileRaster.Sample, _ verdict: RasterFuzzVerdict) throws {
    guard !verdict.failures.isEmpty else { return }
    let failures = folder.appending(path: "failures")
    try FileManager.default.createDirectory(at: failures, withIntermediateDirectories: true)
    let name = failures.appending(path: "\(sample.seed)")
    try Data(sample.bytes).write(to: name.appendingPathExtension("tif"))
    let text = ([sample.story] + verdict.failures).joined(separator: "\n") + "\n"
    try Data(text.utf8).write(to: name.appendingPathExtension("txt"))
    Self.say("FAILED seed \(sample.seed): \(verdict.failures.joined(separator: "; "))")
  }

  /// Prints a line at once.
  static func say(_ text: String) {
    FileHandle.standardOutput.write(Data((text + "\n").utf8))
  }
}

/// What came of all files so far; its description is the line that closes a run.
struct RasterFuzzTally: CustomStringConvertible, Sendable {
  private(set) var fileCount = 0
  private(set) var acceptedCount = 0
  private(set) var refusals: [String: Int] = [:]
  private(set) var deaths: [Int32: Int] = [:]
  private(set) var timeoutCount = 0
  private(set) var slowest = (seconds: 0.0, seed: 0 as UInt64)
  private(set) var failures: [(seed: UInt64, what: String)] = []

  mutating func add(_ verdict: RasterFuzzVerdict) {
    fileCount += 1
    if let error = verdict.error {
      refusals[error.kind, default: 0] += 1
    } else {
      acceptedCount += 1
    }
    if let signal = verdict.signal { deaths[signal, default: 0] += 1 }
    if verdict.isTimeout { timeoutCount += 1 }
    if verdict.seconds > slowest.seconds { slowest = (verdict.seconds, verdict.seed) }
    failures += verdict.failures.map { (verdict.seed, $0) }
  }

  var description: String {
    let kinds = refusals.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    let signals = deaths.sorted { $0.key < $1.key }.map { "signal \($0.key): \($0.value)" }
    let memory = [
      "process \(Self.peakMemoryBytes(RUSAGE_SELF) >> 20) MiB",
      "children \(Self.peakMemoryBytes(RUSAGE_CHILDREN) >> 20) MiB",
    ]
    return "\(fileCount) files, \(acceptedCount) accepted, \(fileCount - acceptedCount) refused ("
      + kinds.joined(separator: ", ") + "); deaths by signal: "
      + (signals.isEmpty ? "none" : signals.joined(separator: ", "))
      + "; timeouts \(timeoutCount); slowest \(String(format: "%.2f", slowest.seconds)) s (seed "
      + "\(slowest.seed)); peak memory: \(memory.joined(separator: ", ")); failures "
      + "\(failures.count)"
  }

  /// The most memory that this process, or one of those it waited for, ever had.
  static func peakMemoryBytes(_ who: __rusage_who) -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(who.rawValue), &usage)
    return usage.ru_maxrss << 10
  }
}
