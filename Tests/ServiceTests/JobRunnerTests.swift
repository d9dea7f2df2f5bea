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
@Suite(.timeLimit(.minutes(10))) struct JobRunnerTests {
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
    classify: @escaping Hook = { _ in }, prices: Prices = Prices([0]),
    outcomes: Outcomes = Outcomes([])
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
      choose: { work in
        try finish("choose", .plan, work)
        return try Samples.plan(prices.next())
      }, planned: { _ in try Samples.plan(prices.last) },
      buy: { work, accepted in
        await accepted()
        try await buy(work)
        record.add("buy")
        return outcomes.next()
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

  private func submit(
    _ number: Int = 1, _ request: JobRequest = Samples.request
  ) async throws -> String {
    try await store.submit(
      id: Samples.jobID(number), request: request, key: "\(number)",
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
    let visitors = Visitors(meeting: 2)
    let runner = runner(steps(survey: { await visitors.visit($0.id) }), concurrentJobs: 2)
    try await run(runner, Samples.jobID(4), until: [.done])
    #expect(await visitors.highest == 2)
    #expect(await Set(visitors.arrived.prefix(2)) == Set([1, 2].map(Samples.jobID)))
  }

  @Test func `an urgent job overtakes those that wait`() async throws {
    _ = try await submit(1)
    let urgent = try await submit(
      2, JobRequest(scene: "s", model: "m", vendor: "v", budget: "b", priority: 9))
    let visitors = Visitors(meeting: 1)
    let runner = runner(steps(survey: { await visitors.visit($0.id) }), concurrentJobs: 1)
    try await run(runner, Samples.jobID(1), until: [.done])
    #expect(await visitors.arrived.first == urgent)
  }

  @Test func `a dry run ends with its plan, and buys nothing`() async throws {
    let id = try await submit(
      1, JobRequest(scene: "s", model: "m", vendor: "v", budget: "b", dryRun: true))
    try await run(runner(steps(prices: Prices([700]))), id, until: [.done])
    #expect(record.all == ["survey", "choose"])
    #expect(try await store.job(id).plan?.price.minorUnits == 700)
    #expect(try await store.stages(of: id).map(\.stage) == ["survey", "choose"])
  }

  @Test func `the time of every step is kept`() async throws {
    let id = try await submit()
    try await run(runner(steps()), id, until: [.done])
    let stages = try await store.stages(of: id)
    #expect(stages.map(\.stage) == ["survey", "choose", "buy", "classify", "report"])
    #expect(stages.allSatisfy { $0.durationS >= 0 && $0.durationS < 60 })
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

/// Those who were let in, and how many were inside at one time at most; the first ones wait for
/// each other, so that they are inside together.
private actor Visitors {
  private let meeting: Int
  private var inside = 0
  private var waiting: [CheckedContinuation<Void, Never>] = []
  private(set) var arrived: [String] = []
  private(set) var highest = 0

  init(meeting: Int) { self.meeting = meeting }

  func visit(_ name: String) async {
    arrived.append(name)
    inside += 1
    highest = max(highest, inside)
    if arrived.count < meeting {
      await withCheckedContinuation { waiting.append($0) }
    } else {
      for visitor in waiting { visitor.resume() }
      waiting = []
    }
    inside -= 1
  }
}

/// What plans cost, one after another; the last one goes on.
final class Prices: Sendable {
  private let left: Mutex<[Int64]>
  init(_ prices: [Int64]) { left = Mutex(prices.reversed()) }
  func next() -> Int64 { left.withLock { $0.count > 1 ? $0.removeLast() : $0[0] } }
  var last: Int64 { left.withLock { $0[0] } }
}

/// What becomes of purchases, one after another; then all is bought.
final class Outcomes: Sendable {
  private let left: Mutex<[PurchaseOutcome]>
  init(_ outcomes: [PurchaseOutcome]) { left = Mutex(outcomes.reversed()) }
  func next() -> PurchaseOutcome { left.withLock { $0.popLast() } ?? .bought }
}
