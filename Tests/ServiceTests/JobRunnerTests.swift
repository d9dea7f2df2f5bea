// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Logging
import Service
import Synchronization
import TestSupport
import Testing
import Wire

/// The runner with steps that leave their results and say that they ran.
@Suite(.timeLimit(.minutes(1))) struct JobRunnerTests {
  private final class Record: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
  }

  private struct Rejected: Error, CustomStringConvertible {
    var description: String { "the scene has no such band. Give one with three bands." }
  }

  private let folder: TemporaryFolder
  private let store: JobStore
  private let hub = EventHub()
  private let record = Record()

  init() throws {
    folder = try TemporaryFolder()
    store = JobStore(
      database: try ServiceDatabase(file: folder.url.appending(path: "fovea.sqlite")),
      now: { Date() })
  }

  private typealias Hook = @Sendable (JobWork) async throws -> Void

  /// Steps that write the file which says that they are done; hooks run before that.
  private func steps(
    survey: @escaping Hook = { _ in }, buy: @escaping Hook = { _ in },
    classify: @escaping Hook = { _ in }
  ) -> JobSteps {
    let record = record
    @Sendable func finish(_ name: String, _ result: JobResult, _ work: JobWork) throws {
      record.add(name)
      try Data().write(to: work.file(result))
    }
    return JobSteps(
      admit: { $0 },
      survey: { work in
        try await survey(work)
        try finish("survey", .survey, work)
      },
      choose: { try finish("choose", .plan, $0) },
      buy: { work, accepted in
        await accepted()
        try await buy(work)
        record.add("buy")
      },
      abandon: { _ in record.add("abandon") },
      classify: { work in
        try await classify(work)
        try finish("classify", .results, work)
      },
      report: { try finish("report", .report, $0) }, money: { _ in nil })
  }

  private func runner(_ steps: JobSteps, concurrentJobs: Int = 2) -> JobRunner {
    JobRunner(
      store: store, hub: hub, steps: steps, concurrentJobs: concurrentJobs,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      folder: { [folder] in folder.url.appending(path: "jobs/\($0)") }, now: { Date() })
  }

  private func submit(_ number: Int = 1) async throws -> String {
    try await store.submit(
      id: Samples.jobID(number), request: Samples.request, key: "\(number)",
      bodyDigest: String(repeating: "a", count: 64), actor: "a"
    ).job.id
  }

  /// Runs until the job is in one of `states`, then stops the runner.
  private func run(_ runner: JobRunner, _ id: String, until states: Set<JobState>) async throws {
    let running = Task { await runner.run() }
    let arrived = try await Samples.eventually { states.contains(try await store.job(id).state) }
    running.cancel()
    await running.value
    let state = try await store.job(id).state
    #expect(arrived, "the job is \(state.rawValue)")
  }

  @Test func `a job goes through its steps in order`() async throws {
    let id = try await submit()
    try await run(runner(steps()), id, until: [.done])
    #expect(record.all == ["survey", "choose", "buy", "classify", "report"])
    let states = try await store.events(of: id, after: 0).filter { $0.kind == .state }.map(\.state)
    #expect(
      states == [
        .queued, .surveying, .planned, .ordering, .acquiring, .classifying, .classifying, .done,
      ])
  }

  @Test func `after a stop the next start goes on at the last durable result`() async throws {
    let id = try await submit()
    let reached = AsyncStream<Void>.makeStream()
    let first = runner(
      steps(buy: { _ in
        reached.continuation.yield()
        try await Task.sleep(for: .seconds(30))
      }))
    let running = Task { await first.run() }
    for await _ in reached.stream { break }
    running.cancel()
    await running.value
    #expect(try await store.job(id).state == .acquiring)
    #expect(record.all == ["survey", "choose"])
    try await run(runner(steps()), id, until: [.done])
    #expect(record.all == ["survey", "choose", "buy", "classify", "report"])
  }

  @Test func `a bad job fails with its reason, and the next one runs`() async throws {
    let bad = try await submit(1)
    let good = try await submit(2)
    let failing = steps(survey: { if $0.id == Samples.jobID(1) { throw Rejected() } })
    try await run(runner(failing, concurrentJobs: 1), good, until: [.done])
    let job = try await store.job(bad)
    #expect(job.state == .failed)
    #expect(
      job.trouble
        == Trouble(
          where: "survey", what: "the scene has no such band.",
          do: "Give one with three bands."))
  }

  @Test func `a job that a person must look at is parked, and goes on after a retry`() async throws
  {
    let id = try await submit()
    let isDown = SharedFlag(true)
    let runner = runner(steps(buy: { _ in if isDown.take() { throw Rejected() } }))
    let running = Task { await runner.run() }
    #expect(try await Samples.eventually { try await store.job(id).state == .parked })
    #expect(try await store.job(id).trouble?.place == "buy")
    _ = try await runner.retry(id, actor: "uid:7")
    #expect(try await Samples.eventually { try await store.job(id).state == .done })
    running.cancel()
    await running.value
    #expect(record.all == ["survey", "choose", "buy", "classify", "report"])
    #expect(try await store.job(id).trouble == nil)
  }

  @Test func `a running job is cancelled, and its purchases are given up`() async throws {
    let id = try await submit()
    let reached = AsyncStream<Void>.makeStream()
    let runner = runner(
      steps(buy: { _ in
        reached.continuation.yield()
        try await Task.sleep(for: .seconds(30))
      }))
    let running = Task { await runner.run() }
    for await _ in reached.stream { break }
    _ = try await runner.cancel(id, actor: "uid:7")
    #expect(try await Samples.eventually { try await store.job(id).state == .cancelled })
    running.cancel()
    await running.value
    #expect(record.all == ["survey", "choose", "abandon"])
  }

  @Test func `a waiting job is cancelled at once, and never runs`() async throws {
    let id = try await submit()
    let runner = runner(steps())
    let job = try await runner.cancel(id, actor: "uid:7")
    #expect(job.state == .cancelled)
    let running = Task { await runner.run() }
    running.cancel()
    await running.value
    #expect(record.all == ["abandon"])
  }

  @Test func `a job that ended behind the runner's back goes no further`() async throws {
    let id = try await submit()
    let store = store
    let runner = runner(
      steps(survey: { _ in _ = try await store.move(id, to: .cancelled, message: "elsewhere") }))
    let running = Task { await runner.run() }
    #expect(await Samples.eventually { record.all.contains("choose") })
    running.cancel()
    await running.value
    #expect(record.all == ["survey", "choose"])
    #expect(try await store.job(id).state == .cancelled)
  }

  @Test func `no more jobs run than are allowed, the oldest first`() async throws {
    for number in 1...4 { _ = try await submit(number) }
    let most = Peak()
    let runner = runner(
      steps(survey: { _ in
        most.enter()
        try await Task.sleep(for: .milliseconds(20))
        most.leave()
      }), concurrentJobs: 2)
    try await run(runner, Samples.jobID(4), until: [.done])
    #expect(most.highest == 2)
  }

  @Test func `progress reaches those who watch`() async throws {
    let id = try await submit()
    let events = hub.events(of: id)
    let runner = runner(
      steps(survey: { $0.progress(StageProgress(stage: "survey", completed: 3, total: 9)) }))
    let running = Task { await runner.run() }
    for await event in events where event.kind == .progress {
      #expect(event.progress == StageProgress(stage: "survey", completed: 3, total: 9))
      #expect(event.state == .surveying)
      #expect(event.id == nil)
      break
    }
    running.cancel()
    await running.value
  }
}

/// True the first time.
private final class SharedFlag: Sendable {
  private let value: Mutex<Bool>
  init(_ value: Bool) { self.value = Mutex(value) }
  func take() -> Bool {
    value.withLock { flag in
      defer { flag = false }
      return flag
    }
  }
}

/// The largest number of visitors at one time.
private final class Peak: Sendable {
  private let counts = Mutex((now: 0, highest: 0))
  func enter() {
    counts.withLock { counts in
      counts.now += 1
      counts.highest = max(counts.highest, counts.now)
    }
  }
  func leave() { counts.withLock { $0.now -= 1 } }
  var highest: Int { counts.withLock { $0.highest } }
}
