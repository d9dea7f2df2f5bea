// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Client
import Foundation
import Service
import Synchronization
import TestSupport
import Testing
import Wire

/// Plans that a person must approve, through the API of a whole daemon.
@Suite(.timeLimit(.minutes(10))) struct ApprovalTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static func euros(_ minorUnits: Int64) throws -> Money {
    try Money(minorUnits: minorUnits, currency: Currency(code: "EUR"))
  }

  private static func request(approveOver minorUnits: Int64) throws -> JobRequest {
    JobRequest(
      scene: "s", model: "m", vendor: "v", budget: "b", approveOver: try euros(minorUnits))
  }

  /// Waits until the job rests in a state.
  private func expect(
    _ state: JobState, of job: String, _ daemon: RunningDaemon
  ) async throws -> JobRecord {
    #expect(
      try await Samples.eventually { try await daemon.client.job(job).state == state })
    return try await daemon.client.job(job)
  }

  private func refusal(
    _ call: () async throws -> JobRecord
  ) async throws -> ProblemDocument? {
    do {
      _ = try await call()
      return nil
    } catch ClientError.refused(let problem) {
      return problem
    }
  }

  @Test func `a dear plan waits, and is bought when it is approved as it was seen`() async throws {
    let bought = Mutex(0)
    let daemon = try await RunningDaemon(
      folder, steps: Self.steps(price: 1000, buy: { bought.withLock { $0 += 1 } }))
    let job = try await daemon.client.submit(Self.request(approveOver: 999), idempotencyKey: "k")
    let waiting = try await expect(.awaitingApproval, of: job.id, daemon)
    #expect(waiting.plan?.price == (try Self.euros(1000)))
    #expect(bought.withLock { $0 } == 0)
    let dearer = try await refusal {
      try await daemon.client.approve(job.id, ApprovalRequest(price: Self.euros(900)))
    }
    #expect(dearer?.name == "plan-changed")
    #expect(dearer?.status == 409)
    let other = try await refusal {
      try await daemon.client.approve(job.id, ApprovalRequest(plan: "0123"))
    }
    #expect(other?.place == "/plan")
    _ = try await daemon.client.approve(
      job.id, ApprovalRequest(plan: waiting.plan?.sha256, price: waiting.plan?.price))
    _ = try await expect(.done, of: job.id, daemon)
    #expect(bought.withLock { $0 } == 1)
    let late = try await refusal { try await daemon.client.approve(job.id) }
    #expect(late?.name == "job-state")
    try await daemon.stop()
  }

  @Test func `a plan at the limit needs nobody`() async throws {
    let daemon = try await RunningDaemon(folder, steps: Self.steps(price: 1000))
    let job = try await daemon.client.submit(Self.request(approveOver: 1000), idempotencyKey: "k")
    _ = try await expect(.done, of: job.id, daemon)
    try await daemon.stop()
  }

  @Test func `a watcher is told how to approve, and a waiting job can be cancelled`() async throws {
    let daemon = try await RunningDaemon(folder, steps: Self.steps(price: 1000))
    let job = try await daemon.client.submit(Self.request(approveOver: 10), idempotencyKey: "k")
    let told = Mutex("")
    try await daemon.client.watch(job: job.id) { event in
      told.withLock { $0 = event.message }
      return event.state != .awaitingApproval
    }
    #expect(told.withLock { $0 }.contains("fovea job approve \(job.id)"))
    #expect(try await daemon.client.cancel(job.id).state == .cancelled)
    try await daemon.stop()
  }

  @Test func `a job waits over a restart, and another plan must be approved again`() async throws {
    let first = try await RunningDaemon(folder, steps: Self.steps(price: 1000))
    let job = try await first.client.submit(Self.request(approveOver: 10), idempotencyKey: "k")
    _ = try await expect(.awaitingApproval, of: job.id, first)
    try await first.stop()
    // Nothing of the first plan can be bought, and the next one costs more.
    let outcomes = Outcomes([
      .cameToNothing(
        StepFailure(Trouble(where: "order", what: "No.", do: "Wait."), consequence: .parks))
    ])
    let second = try await RunningDaemon(
      folder,
      steps: Self.steps(price: 1000, again: 1200, outcome: { outcomes.next() }))
    #expect(try await second.client.job(job.id).state == .awaitingApproval)
    _ = try await second.client.approve(job.id)
    #expect(
      try await Samples.eventually {
        try await second.client.job(job.id).plan?.price.minorUnits == 1200
      })
    let again = try await expect(.awaitingApproval, of: job.id, second)
    _ = try await second.client.approve(job.id, ApprovalRequest(plan: again.plan?.sha256))
    _ = try await expect(.done, of: job.id, second)
    try await second.stop()
  }

  /// Steps that plan for a price, and when they plan again, for another.
  private static func steps(
    price: Int64, again: Int64? = nil, buy: @escaping @Sendable () -> Void = {},
    outcome: @escaping @Sendable () -> PurchaseOutcome = { .bought }
  ) -> JobSteps {
    @Sendable func finish(_ result: JobResult, _ work: JobWork) throws {
      try Data("{}".utf8).write(to: work.file(result))
    }
    return JobSteps(
      admit: { $0 }, survey: { try finish(.survey, $0) },
      choose: { work in
        let isFirst = !FileManager.default.fileExists(atPath: work.file(.plan).path)
        let chosen = isFirst ? price : again ?? price
        try Data("\(chosen)".utf8).write(to: work.file(.plan))
        return try Samples.plan(chosen)
      },
      planned: { work in
        try Samples.plan(Int64(String(contentsOf: work.file(.plan), encoding: .utf8)) ?? 0)
      },
      buy: { _, accepted in
        await accepted()
        buy()
        return outcome()
      }, abandon: { _ in }, classify: { try finish(.results, $0) },
      report: { try finish(.report, $0) }, money: { _ in nil })
  }
}
