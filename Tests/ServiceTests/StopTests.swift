// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Logging
import Platform
import Service
import ServiceLifecycle
import TestSupport
import Testing
import Wire

/// The orderly end: nothing is taken anew, and what runs ends or is left to the next start.
@Suite(.timeLimit(.minutes(10))) struct StopTests {
  private let folder: TemporaryFolder
  private let manager: ServiceManager
  private let store: JobStore
  private let hub = EventHub()
  private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  init() throws {
    folder = try TemporaryFolder()
    manager = ServiceManager(in: folder)
    store = JobStore(
      database: try ServiceDatabase(file: folder.url.appending(path: "fovea.sqlite")),
      now: { Date() })
  }

  /// Runs a job until its step has begun, stops in order, and says how long the stop took.
  private func stop(_ steps: JobSteps, limit: Duration, once begun: AsyncStream<Void>) async throws
    -> Duration
  {
    _ = try await store.submit(
      id: Samples.jobID(1), request: Samples.request, key: "1",
      bodyDigest: String(repeating: "a", count: 64), actor: "a")
    let runner = JobRunner(
      store: store, hub: hub, steps: steps, concurrentJobs: 1, stopLimit: limit, logger: logger,
      folder: { [folder] in folder.url.appending(path: "jobs/\($0)") }, now: { Date() })
    let service = RunnerService(
      runner: runner, hub: hub, health: Health(),
      notifier: ServiceNotifier(environment: ["NOTIFY_SOCKET": manager.path]), logger: logger,
      period: .milliseconds(50))
    let group = ServiceGroup(services: [service], logger: logger)
    async let end: Void = group.run()
    for await _ in begun { break }
    let start = ContinuousClock.now
    await group.triggerGracefulShutdown()
    try await end
    #expect(await runner.runningCount == 0)
    return ContinuousClock.now - start
  }

  private func has(_ result: JobResult) -> Bool {
    FileManager.default.fileExists(
      atPath: folder.url.appending(path: "jobs/\(Samples.jobID(1))/\(result.rawValue)").path)
  }

  @Test func `a step that runs is finished, and the next one is not begun`() async throws {
    let begun = AsyncStream<Void>.makeStream()
    let took = try await stop(
      QuickSteps.steps { work in
        begun.continuation.yield()
        for step in 1...10 {
          try await Task.sleep(for: .milliseconds(50))
          work.progress(StageProgress(stage: "survey", completed: step, total: 10))
        }
      }, limit: .seconds(30), once: begun.stream)
    #expect(took > .milliseconds(300) && took < .seconds(25))
    #expect(has(.survey) && !has(.plan))
    #expect(try await store.job(Samples.jobID(1)).state == .surveying)
    #expect(
      await Samples.eventually { manager.messages.first == "STOPPING=1\nSTATUS=stopping" })
    #expect(
      await Samples.eventually { manager.messages.contains("EXTEND_TIMEOUT_USEC=15000000") })
  }

  @Test func `a step that takes longer than the limit is cut off`() async throws {
    let begun = AsyncStream<Void>.makeStream()
    let took = try await stop(
      QuickSteps.steps { _ in
        begun.continuation.yield()
        try await Task.sleep(for: .seconds(50))
      }, limit: .milliseconds(200), once: begun.stream)
    #expect(took < .seconds(25))
    #expect(!has(.survey))
    #expect(try await store.job(Samples.jobID(1)).state == .surveying)
    #expect(!manager.messages.contains { $0.hasPrefix("EXTEND") })
  }

  @Test func `what waits for a vendor is cut off at once`() async throws {
    let begun = AsyncStream<Void>.makeStream()
    let took = try await stop(
      QuickSteps.steps(buy: {
        begun.continuation.yield()
        try await Task.sleep(for: .seconds(50))
      }), limit: .seconds(50), once: begun.stream)
    #expect(took < .seconds(25))
    #expect(has(.plan) && !has(.results))
    #expect(try await store.job(Samples.jobID(1)).state == .ordering)
  }
}
