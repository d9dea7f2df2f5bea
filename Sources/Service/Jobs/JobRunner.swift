// SPDX-License-Identifier: Apache-2.0

import Acquisition
package import Foundation
package import Logging
import Platform
import ServiceLifecycle
import Wire

/// Takes jobs from the queue and carries each through its steps.
///
/// What is to be done next follows from what is durable: a step whose result is there is skipped.
/// A stop of the daemon cancels the steps that run and leaves the jobs as they stand; the next
/// start takes them up again.
package actor JobRunner {
  private let store: JobStore
  private let hub: EventHub
  private let steps: JobSteps
  private let folder: @Sendable (String) -> URL
  private let concurrentJobs: Int
  private let logger: Logger
  private let now: @Sendable () -> Date

  /// A job that is under way: its steps, and what waits for their end to record it.
  private struct Run {
    let steps: Task<Void, any Error>
    let conclusion: Task<Void, Never>
  }

  private var running: [String: Run] = [:]
  /// Whether a graceful stop has begun: no new job is taken then.
  package private(set) var isStopping = false
  private let wake: AsyncStream<Void>
  private let wakeContinuation: AsyncStream<Void>.Continuation

  /// Creates a runner; ``run()`` starts it.
  ///
  /// - Parameters:
  ///   - folder: the folder of a job's results, by its id.
  ///   - now: the wall clock.
  package init(
    store: JobStore, hub: EventHub, steps: JobSteps, concurrentJobs: Int, logger: Logger,
    folder: @escaping @Sendable (String) -> URL, now: @escaping @Sendable () -> Date
  ) {
    self.store = store
    self.hub = hub
    self.steps = steps
    self.folder = folder
    self.concurrentJobs = concurrentJobs
    self.logger = logger
    self.now = now
    (wake, wakeContinuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    wakeContinuation.yield()
  }

  /// Runs jobs until a graceful stop; returns when the steps that ran have stopped.
  package func run() async {
    await withTaskCancellationOrGracefulShutdownHandler {
      for await _ in wake where !Task.isShuttingDownGracefully { await claim() }
    } onCancelOrGracefulShutdown: { [wakeContinuation] in
      wakeContinuation.finish()
    }
    isStopping = true
    let stopped = Array(running.values)
    for run in stopped {
      run.steps.cancel()
      run.conclusion.cancel()
    }
    for run in stopped { await run.conclusion.value }
  }

  /// Looks at the queue again: a job was added.
  package nonisolated func jobsChanged() { wakeContinuation.yield() }

  /// Ends a job at a person's wish: at once when it waits, at the next safe point when it runs.
  ///
  /// - Throws: `StoreError.noSuchJob`.
  package func cancel(_ id: String, actor: String) async throws -> JobStore.StoredJob {
    let job = try await store.requestCancel(id, actor: actor)
    if let run = running[id] {
      run.steps.cancel()
    } else if !job.state.isFinal {
      start(job)
      // Nothing was bought for a job that waits, so its end is near.
      if job.state == .queued { await running[id]?.conclusion.value }
    }
    return try await store.job(id)
  }

  /// Takes a parked job up again.
  ///
  /// - Throws: `StoreError.noSuchJob`.
  package func retry(_ id: String, actor: String) async throws -> JobStore.StoredJob {
    if try await store.job(id).state == .parked {
      if let event = try await store.move(id, to: .queued, message: "taken up again by \(actor)") {
        hub.publish(event)
      }
      jobsChanged()
    }
    return try await store.job(id)
  }

  private func claim() async {
    let waiting: [JobStore.StoredJob]
    do {
      waiting = try await store.runnable().filter { running[$0.id] == nil }
    } catch {
      logger.error("the queue cannot be read", metadata: ["error": "\(error)"])
      return
    }
    for job in waiting.prefix(max(0, concurrentJobs - running.count)) { start(job) }
  }

  private func start(_ job: JobStore.StoredJob) {
    let steps = Task { try await self.perform(job) }
    // Asked for before: the steps do not begin, and what was bought is given up.
    if job.isCancelRequested { steps.cancel() }
    let conclusion = Task {
      await self.conclude(job, steps)
      self.ended(job.id)
    }
    running[job.id] = Run(steps: steps, conclusion: conclusion)
  }

  private func ended(_ id: String) {
    running[id] = nil
    jobsChanged()
  }

  // MARK: One job

  /// Waits for the steps of a job and records how they ended.
  private func conclude(_ job: JobStore.StoredJob, _ steps: Task<Void, any Error>) async {
    let logger = logger(of: job.id)
    do {
      do {
        try await steps.value
      } catch is CancellationError {
        try await giveUp(job, logger)
      } catch let failure as StepFailure {
        try await fail(job, failure, logger)
      }
    } catch is CancellationError {
      logger.info("stopped; the next start takes it up")
    } catch {
      // The database itself failed: nothing can be recorded, and the job stays as it stands.
      logger.error("the job's state cannot be kept", metadata: ["error": "\(error)"])
    }
  }

  /// After a cancellation: a person's ends the job, the daemon's stop leaves it to the next start.
  private func giveUp(_ job: JobStore.StoredJob, _ logger: Logger) async throws {
    guard try await store.job(job.id).isCancelRequested else { throw CancellationError() }
    do {
      try await step("cancel", .parks, logger) { try await steps.abandon(work(job)) }
    } catch let failure as StepFailure {
      return try await fail(job, failure, logger)
    }
    try await enter(.cancelled, job.id, message: "cancelled")
    logger.info("cancelled")
  }

  private func fail(
    _ job: JobStore.StoredJob, _ failure: StepFailure, _ logger: Logger
  ) async throws {
    let state: JobState = failure.consequence == .parks ? .parked : .failed
    logger.warning("\(state.rawValue)", metadata: ["reason": "\(failure.trouble)"])
    try await enter(
      state, job.id, message: failure.trouble.description, trouble: failure.trouble)
  }

  private func perform(_ job: JobStore.StoredJob) async throws {
    let logger = logger(of: job.id)
    let work = self.work(job)
    try Task.checkCancellation()
    hub.resume(job.id, in: job.state)
    do {
      try DurableFile.createFolder(work.folder)
    } catch {
      throw Self.failure("start", error, .parks)
    }
    if !work.has(.survey) {
      try await enter(.surveying, job.id, message: "surveying the scene")
      try await step("survey", .fails, logger) { try await self.steps.survey(work) }
    }
    if !work.has(.plan) {
      try await step("choose", .fails, logger) { try await self.steps.choose(work) }
      try await enter(.planned, job.id, message: "the plan is made")
    }
    if !work.has(.results) {
      if job.state != .acquiring { try await enter(.ordering, job.id, message: "ordering") }
      try await step("buy", .parks, logger) {
        try await self.steps.buy(work) { await self.accepted(job.id) }
      }
      try await enter(.classifying, job.id, message: "classifying")
      try await step("classify", .parks, logger) { try await self.steps.classify(work) }
    }
    try await enter(.classifying, job.id, message: "writing the report")
    if !work.has(.report) {
      try await step("report", .parks, logger) { try await self.steps.report(work) }
    }
    try await enter(.done, job.id, message: "done")
    logger.info("done")
  }

  private func step(
    _ name: String, _ consequence: StepFailure.Consequence, _ logger: Logger,
    _ body: () async throws -> Void
  ) async throws {
    try Task.checkCancellation()
    logger.info("\(name) begins")
    do {
      try await body()
    } catch let failure as StepFailure {
      throw failure
    } catch is CancellationError {
      throw CancellationError()
    } catch  where Task.isCancelled {
      // A cancelled step may report the cancellation in its own library's error.
      logger.debug("\(name) stopped", metadata: ["error": "\(error)"])
      throw CancellationError()
    } catch {
      throw Self.failure(name, error, consequence)
    }
  }

  private func accepted(_ id: String) async {
    do {
      if try await store.job(id).state == .ordering {
        try await enter(.acquiring, id, message: "the vendor has accepted")
      }
    } catch {
      logger.error("the job's state cannot be kept", metadata: ["error": "\(error)"])
    }
  }

  private static func failure(
    _ step: String, _ error: any Error, _ consequence: StepFailure.Consequence
  ) -> StepFailure {
    StepFailure(
      Trouble(where: step, error: error, remedy: "See the daemon's log."),
      consequence: consequence)
  }

  private func logger(of id: String) -> Logger {
    var logger = logger
    logger[metadataKey: "job"] = "\(id)"
    return logger
  }

  /// Moves a job on; one that has ended meanwhile, by a cancellation, goes no further.
  private func enter(
    _ state: JobState, _ id: String, message: String, trouble: Trouble? = nil
  ) async throws {
    let event = try await store.move(
      id, to: state, message: message, trouble: trouble, money: await steps.money(id))
    guard let event else { throw CancellationError() }
    hub.publish(event)
  }

  private func work(_ job: JobStore.StoredJob) -> JobWork {
    let (hub, store, steps, logger) = (hub, store, steps, logger)
    return JobWork(
      id: job.id, request: job.request, createdAt: job.createdAt, folder: folder(job.id),
      progress: { [now] step in hub.publish(step, of: job.id, at: now()) },
      note: { message, known in
        do {
          let money = if let known { known } else { await steps.money(job.id) }
          hub.publish(try await store.note(job.id, message: message, money: money))
        } catch {
          logger.error("a note cannot be kept", metadata: ["error": "\(error)"])
        }
      })
  }
}
