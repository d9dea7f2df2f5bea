// SPDX-License-Identifier: Apache-2.0

import Acquisition
package import Foundation
package import Logging
import Platform
import ServiceLifecycle
package import Wire

/// Takes jobs from the queue and carries each through its steps.
///
/// What is to be done next follows from what is durable: a step whose result is there is skipped.
/// A stop of the daemon lets the steps that run end, up to a limit, and leaves the jobs as they
/// stand; the next start takes them up again.
package actor JobRunner {
  let store: JobStore
  let hub: EventHub
  let steps: JobSteps
  let folder: @Sendable (String) -> URL
  private var concurrentJobs: Int
  private let stopLimit: Duration
  private let logger: Logger
  let now: @Sendable () -> Date

  /// A job that is under way: its steps, and what waits for their end to record it.
  private struct Run {
    let steps: Task<Void, any Error>
    let conclusion: Task<Void, Never>
    /// Whether a person has asked for its end while it ran.
    var isCancelAsked = false

    func cancel() {
      steps.cancel()
      conclusion.cancel()
    }
  }

  private var running: [String: Run] = [:]
  /// The jobs that wait for a vendor.
  var buying: Set<String> = []
  /// Whether a graceful stop has begun: no new job is taken then.
  package private(set) var isStopping = false
  private let wake: AsyncStream<Void>
  private let wakeContinuation: AsyncStream<Void>.Continuation

  /// Creates a runner; ``run()`` starts it.
  ///
  /// - Parameters:
  ///   - folder: the folder of a job's results, by its id.
  ///   - stopLimit: how long a stop waits for the steps that run.
  ///   - now: the wall clock.
  package init(
    store: JobStore, hub: EventHub, steps: JobSteps, concurrentJobs: Int,
    stopLimit: Duration = .seconds(20), logger: Logger, folder: @escaping @Sendable (String) -> URL,
    now: @escaping @Sendable () -> Date
  ) {
    self.store = store
    self.hub = hub
    self.steps = steps
    self.folder = folder
    self.concurrentJobs = concurrentJobs
    self.stopLimit = stopLimit
    self.logger = logger
    self.now = now
    (wake, wakeContinuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    wakeContinuation.yield()
  }

  /// Runs jobs until a graceful stop; returns when the steps that ran have stopped.
  package func run() async {
    await endInterrupted()
    await withTaskCancellationOrGracefulShutdownHandler {
      for await _ in wake where !Task.isShuttingDownGracefully { await claim() }
    } onCancelOrGracefulShutdown: { [wakeContinuation] in
      wakeContinuation.finish()
    }
    isStopping = true
    await endSteps()
  }

  /// Waits for the steps that run, up to the limit.
  ///
  /// Those that wait for a vendor, which may take days, are cut off at once. What was cut off goes
  /// on at the next start.
  private func endSteps() async {
    let runs = running
    for (id, run) in runs where buying.contains(id) { run.cancel() }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { for run in runs.values { await run.conclusion.value } }
      group.addTask { [stopLimit] in
        // Cut short when the steps have ended, and when there is no time at all.
        try? await Task.sleep(for: stopLimit)
        for run in runs.values { run.cancel() }
      }
      await group.next()
      group.cancelAll()
    }
  }

  /// How many jobs run now; the answer shows that the queue's actor works.
  package var runningCount: Int { running.count }

  /// Runs more or fewer jobs at a time from now on; those that run go on.
  package func setConcurrentJobs(_ count: Int) {
    concurrentJobs = count
    jobsChanged()
  }

  /// Looks at the queue again: a job was added.
  package nonisolated func jobsChanged() { wakeContinuation.yield() }

  /// Ends a job at a person's wish: at once when it waits, at the next safe point when it runs.
  ///
  /// - Throws: `StoreError.noSuchJob`.
  package func cancel(_ id: String, actor: String) async throws -> JobStore.StoredJob {
    let job = try await store.requestCancel(id, actor: actor)
    if let run = running[id] {
      running[id]?.isCancelAsked = true
      run.steps.cancel()
    } else if !job.state.isFinal {
      start(job)
      // No order of a job that waits here is open, so its end is near.
      if [.queued, .awaitingApproval].contains(job.state) {
        await running[id]?.conclusion.value
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

  /// Lets a job buy its plan, where it waits for that and the plan is the one that was seen.
  ///
  /// - Returns: whether it was so.
  /// - Throws: `StoreError.noSuchJob`.
  package func approve(
    _ id: String, actor: String, if isSeen: @escaping @Sendable (PlanSummary) -> Bool
  ) async throws -> Bool {
    guard let event = try await store.approve(id, actor: actor, if: isSeen) else { return false }
    hub.publish(event)
    jobsChanged()
    return true
  }

  /// Ends jobs that wait for a person who has asked for their end already.
  private func endInterrupted() async {
    do {
      for job in try await store.interruptedCancellations() where running[job.id] == nil {
        start(job)
      }
    } catch {
      logger.error("the queue cannot be read", metadata: ["error": "\(error)"])
    }
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
      let isGivenUp = await self.conclude(job, steps)
      await self.ended(job.id, isGivenUp: isGivenUp)
    }
    running[job.id] = Run(steps: steps, conclusion: conclusion)
  }

  private func ended(_ id: String, isGivenUp: Bool) async {
    let run = running.removeValue(forKey: id)
    // Asked when the steps were past their last safe point: what waits now is ended now.
    if run?.isCancelAsked == true, !isGivenUp, let job = try? await store.job(id),
      running[id] == nil, job.state.waitsForPerson
    {
      start(job)
    }
    jobsChanged()
  }

  func logger(of id: String) -> Logger {
    var logger = logger
    logger[metadataKey: "job"] = "\(id)"
    return logger
  }
}
