// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Logging
import Platform
import Wire

/// One job on its way through the steps.
extension JobRunner {
  /// How often a plan is made anew after nothing of it could be bought.
  private static let mostPlans = 3

  // MARK: The end of a run

  /// Waits for the steps of a job and records how they ended.
  ///
  /// - Returns: whether a person's wish has ended them.
  func conclude(_ job: JobStore.StoredJob, _ steps: Task<Void, any Error>) async -> Bool {
    let logger = logger(of: job.id)
    do {
      do {
        try await steps.value
      } catch is CancellationError {
        try await giveUp(job, logger)
        return true
      } catch let failure as StepFailure {
        try await fail(job, failure, logger)
      }
    } catch is CancellationError {
      logger.info("stopped; the next start takes it up")
    } catch {
      // The database itself failed: nothing can be recorded, and the job stays as it stands.
      logger.error("the job's state cannot be kept", metadata: ["error": "\(error)"])
    }
    return false
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

  // MARK: The steps

  func perform(_ job: JobStore.StoredJob) async throws {
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
      try await timed("survey", .fails, work, logger) { try await self.steps.survey(work) }
    }
    if job.request.dryRun {
      let plan = try await plan(job, work, logger, isAnew: false)
      return try await enter(
        .done, job.id, message: "the plan would cost \(plan.price); nothing was bought")
    }
    if !work.has(.results) {
      guard try await purchase(job, work, logger) else { return }
      try await enter(.classifying, job.id, message: "classifying")
      try await timed("classify", .parks, work, logger) { try await self.steps.classify(work) }
    }
    try await enter(.classifying, job.id, message: "writing the report")
    if !work.has(.report) {
      try await timed("report", .parks, work, logger) { try await self.steps.report(work) }
    }
    try await enter(.done, job.id, message: "done")
    logger.info("done")
  }

  /// Plans and buys; false where the job must wait for a person's approval.
  private func purchase(
    _ job: JobStore.StoredJob, _ work: JobWork, _ logger: Logger
  ) async throws -> Bool {
    for round in 1...Self.mostPlans {
      let plan = try await plan(job, work, logger, isAnew: round > 1)
      guard try await isApproved(plan, job) else { return false }
      if round > 1 || job.state != .acquiring {
        try await enter(.ordering, job.id, message: "ordering")
      }
      buying.insert(job.id)
      defer { buying.remove(job.id) }
      let outcome = try await timed("buy", .parks, work, logger) {
        try await self.steps.buy(work) { await self.accepted(job.id) }
      }
      switch outcome {
      case .bought: return true
      case .cameToNothing(let failure) where round == Self.mostPlans: throw failure
      case .cameToNothing: continue
      }
    }
    return true
  }

  /// The plan, which is made where there is none yet or it is wanted anew, and recorded.
  private func plan(
    _ job: JobStore.StoredJob, _ work: JobWork, _ logger: Logger, isAnew: Bool
  ) async throws -> PlanSummary {
    let plan: PlanSummary
    if isAnew || !work.has(.plan) {
      plan = try await timed("choose", .fails, work, logger) {
        try await self.steps.choose(work)
      }
    } else {
      plan = try await step("read the plan", .parks, logger) {
        try await self.steps.planned(work)
      }
      // As it was recorded; otherwise a crash came between its file and its record.
      if plan == job.plan { return plan }
    }
    try await enter(.planned, job.id, message: "the plan is made", plan: plan)
    return plan
  }

  /// Whether the plan may be bought; where a person must say so first, the job waits from now on.
  private func isApproved(_ plan: PlanSummary, _ job: JobStore.StoredJob) async throws -> Bool {
    guard let limit = job.request.approveOver, job.approvedPlan != plan.sha256 else { return true }
    // What an earlier plan of the job has bought counts, too.
    let money = await steps.money(job.id)
    let committed = (money?.held.minorUnits ?? 0) + (money?.spent.minorUnits ?? 0)
    guard plan.price.minorUnits + committed > limit.minorUnits else { return true }
    try await enter(
      .awaitingApproval, job.id,
      message: "the plan costs \(plan.price), and more than \(limit) must be approved: fovea job "
        + "approve \(job.id), or fovea job cancel \(job.id)")
    return false
  }

  /// A step whose time is recorded.
  private func timed<Value: Sendable>(
    _ name: String, _ consequence: StepFailure.Consequence, _ work: JobWork, _ logger: Logger,
    _ body: () async throws -> Value
  ) async throws -> Value {
    let (date, start) = (now(), ContinuousClock.now)
    let result: Result<Value, any Error>
    do {
      result = .success(try await step(name, consequence, logger, body))
    } catch {
      result = .failure(error)
    }
    let time = StageTime(
      stage: name, startedAt: date, durationS: (ContinuousClock.now - start) / .seconds(1))
    try await store.record(time, of: work.id)
    return try result.get()
  }

  private func step<Value: Sendable>(
    _ name: String, _ consequence: StepFailure.Consequence, _ logger: Logger,
    _ body: () async throws -> Value
  ) async throws -> Value {
    try Task.checkCancellation()
    guard !isStopping else { throw CancellationError() }
    logger.info("\(name) begins")
    do {
      return try await body()
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
      logger(of: id).error("the job's state cannot be kept", metadata: ["error": "\(error)"])
    }
  }

  private static func failure(
    _ step: String, _ error: any Error, _ consequence: StepFailure.Consequence
  ) -> StepFailure {
    StepFailure(
      Trouble(where: step, error: error, remedy: "See the daemon's log."),
      consequence: consequence)
  }

  /// Moves a job on; one that has ended meanwhile, by a cancellation, goes no further.
  private func enter(
    _ state: JobState, _ id: String, message: String, trouble: Trouble? = nil,
    plan: PlanSummary? = nil
  ) async throws {
    let event = try await store.move(
      id, to: state, message: message, trouble: trouble, plan: plan, money: await steps.money(id))
    guard let event else { throw CancellationError() }
    hub.publish(event)
  }

  private func work(_ job: JobStore.StoredJob) -> JobWork {
    let (hub, store, steps, logger) = (hub, store, steps, logger(of: job.id))
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
      },
      // Times are for people: where they cannot be read, the report does without.
      stages: { (try? await store.stages(of: job.id)) ?? [] })
  }
}
