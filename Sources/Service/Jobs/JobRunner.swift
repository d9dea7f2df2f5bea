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

  private var running: [String: Task<Void, Never>] = [:]
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
    let stopped = Array(running.values)
    for task in stopped { task.cancel() }
    for task in stopped { await task.value }
  }

  /// Looks at the queue again: a job was added.
  package nonisolated func jobsChanged() { wakeContinuation.yield() }

  /// Ends a job at a person's wish: at once when it waits, at the next safe point when it runs.
  ///
  /// - Throws: `StoreError.noSuchJob`.
  package func cancel(_ id: String, actor: String) async throws -> JobStore.StoredJob {
    let job = try await store.requestCancel(id, actor: actor)
    if let task = running[id] {
      task.cancel()
    } else if !job.state.isFinal {
      if let event = try await store.move(
        id, to: .cancelled, message: "cancelled before it ran", money: await steps.money(id))
      {
        hub.publish(event)
      }
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
    for job in waiting.prefix(max(0, concurrentJobs - running.count)) {
      let isCancelled = job.isCancelRequested
      let task = Task {
        await self.carry(job)
        self.ended(job.id)
      }
      running[job.id] = task
      // Asked for while the daemon was stopping.
      if isCancelled { task.cancel() }
    }
  }

  private func ended(_ id: String) {
    running[id] = nil
    jobsChanged()
  }

  // MARK: One job

  private func carry(_ job: JobStore.StoredJob) async {
    var logger = logger
    logger[metadataKey: "job"] = "\(job.id)"
    do {
      do {
        try await perform(job, logger: logger)
      } catch is CancellationError {
        try await stop(job.id, logger: logger)
      } catch let failure as StepFailure {
        let state: JobState = failure.consequence == .parks ? .parked : .failed
        logger.warning("\(state.rawValue)", metadata: ["reason": "\(failure.trouble)"])
        try await enter(
          state, job.id, message: failure.trouble.description, trouble: failure.trouble)
      }
    } catch {
      // The database itself failed: nothing can be recorded, and the job stays as it stands.
      logger.error("the job's state cannot be kept", metadata: ["error": "\(error)"])
    }
  }

  private func perform(_ job: JobStore.StoredJob, logger: Logger) async throws {
    let work = self.work(job)
    hub.resume(job.id, in: job.state)
    do {
      try DurableFile.createFolder(work.folder)
    } catch {
      throw StepFailure(
        Trouble(where: "start", error: error, remedy: "See the daemon's log."), consequence: .parks)
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
      throw StepFailure(
        Trouble(where: name, error: error, remedy: "See the daemon's log."),
        consequence: consequence)
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

  /// After a cancellation: a person's ends the job, the daemon's stop leaves it to the next start.
  private func stop(_ id: String, logger: Logger) async throws {
    guard try await store.job(id).isCancelRequested else {
      logger.info("stopped; the next start takes it up")
      return
    }
    try await enter(.cancelled, id, message: "cancelled")
    logger.info("cancelled")
  }

  private func enter(
    _ state: JobState, _ id: String, message: String, trouble: Trouble? = nil
  ) async throws {
    let event = try await store.move(
      id, to: state, message: message, trouble: trouble, money: await steps.money(id))
    if let event { hub.publish(event) }
  }

  private func work(_ job: JobStore.StoredJob) -> JobWork {
    let (hub, store, steps, logger) = (hub, store, steps, logger)
    return JobWork(
      id: job.id, request: job.request, folder: folder(job.id),
      progress: { [now] step in hub.publish(step, of: job.id, at: now()) },
      note: { message in
        do {
          hub.publish(
            try await store.note(job.id, message: message, money: await steps.money(job.id)))
        } catch {
          logger.error("a note cannot be kept", metadata: ["error": "\(error)"])
        }
      })
  }
}
