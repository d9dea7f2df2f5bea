// SPDX-License-Identifier: Apache-2.0

package import Foundation
package import Wire

/// One job as its steps see it: what was asked for, where results go, whom to tell.
package struct JobWork: Sendable {
  /// The job's id.
  package let id: String
  /// What was asked for.
  package let request: JobRequest
  /// When it was submitted.
  package let createdAt: Date
  /// The folder of the job's results.
  package let folder: URL
  /// Told how far a step is, on any thread, as often as a step likes.
  package let progress: @Sendable (StageProgress) -> Void
  /// Told of what deserves a line: an order sent, a delivery stored; with the job's money where a
  /// step knows it better than a look at the whole ledger would.
  package let note: @Sendable (_ message: String, _ money: JobMoney?) async -> Void
  /// How long the job's steps have taken so far, as far as that was recorded.
  package let stages: @Sendable () async -> [StageTime]

  /// Creates the view of a job.
  package init(
    id: String, request: JobRequest, createdAt: Date, folder: URL,
    progress: @escaping @Sendable (StageProgress) -> Void,
    note: @escaping @Sendable (String, JobMoney?) async -> Void,
    stages: @escaping @Sendable () async -> [StageTime] = { [] }
  ) {
    self.id = id
    self.request = request
    self.createdAt = createdAt
    self.folder = folder
    self.progress = progress
    self.note = note
    self.stages = stages
  }

  /// The id as the ledger has it.
  var jobID: UUID {
    guard let id = UUID(uuidString: id) else {
      preconditionFailure("a job's id is a UUID, made by the daemon")
    }
    return id
  }

  /// A file of the job.
  package func file(_ result: JobResult) -> URL { folder.appending(path: result.rawValue) }

  /// Whether a step has left its durable result.
  package func has(_ result: JobResult) -> Bool {
    FileManager.default.fileExists(atPath: file(result).path)
  }
}

/// The durable results of the steps: a file that is there is whole, and its step is done.
package enum JobResult: String, Sendable, CaseIterable {
  /// What the agent says of every chip.
  case survey = "survey.safetensors"
  /// What will be bought.
  case plan = "plan.json"
  /// The class of every chip.
  case results = "results.json"
  /// The report, written after all other outputs.
  case report = "report.json"
}

/// The work of a job, step by step: each is a function from durable state to durable state, so
/// that running it twice gives the same.
///
/// The daemon's own steps are ``LiveSteps``; tests of the runner bring their own.
package struct JobSteps: Sendable {
  /// A step; what it throws ends or parks the job.
  package typealias Step = @Sendable (JobWork) async throws -> Void

  /// The step that spends money.
  package typealias Purchase =
    @Sendable (JobWork, @escaping @Sendable () async -> Void) async throws -> PurchaseOutcome

  /// Decides whether a job may enter the queue: what it names must be there and fit.
  ///
  /// Returns the request as it is kept; throws a `ProblemDocument` that names the field.
  package let admit: @Sendable (JobRequest) async throws -> JobRequest
  /// Looks at the LR chips: makes `survey.safetensors`.
  package let survey: Step
  /// Chooses the patches: makes `plan.json`, and says what is in it.
  package let choose: @Sendable (JobWork) async throws -> PlanSummary
  /// Says what is in the `plan.json` that is there.
  package let planned: @Sendable (JobWork) async throws -> PlanSummary
  /// Buys the plan: returns when every order of the job has ended well enough to go on.
  ///
  /// The second argument is called once the vendor has accepted an order.
  package let buy: Purchase
  /// Ends what can be ended of a cancelled job's orders; returns when nothing of them is open.
  package let abandon: Step
  /// Classifies what came: makes `results.json`.
  package let classify: Step
  /// Writes the outputs, `report.json` last.
  package let report: Step
  /// What a job holds and has spent; nil before anything was ordered.
  package let money: @Sendable (_ id: String) async -> JobMoney?

  /// Puts the steps together.
  package init(
    admit: @escaping @Sendable (JobRequest) async throws -> JobRequest, survey: @escaping Step,
    choose: @escaping @Sendable (JobWork) async throws -> PlanSummary,
    planned: @escaping @Sendable (JobWork) async throws -> PlanSummary, buy: @escaping Purchase,
    abandon: @escaping Step, classify: @escaping Step, report: @escaping Step,
    money: @escaping @Sendable (_ id: String) async -> JobMoney?
  ) {
    self.admit = admit
    self.survey = survey
    self.choose = choose
    self.planned = planned
    self.buy = buy
    self.abandon = abandon
    self.classify = classify
    self.report = report
    self.money = money
  }
}

/// What became of an attempt to buy a plan.
package enum PurchaseOutcome: Sendable {
  /// Every order has ended well enough to go on.
  case bought
  /// Nothing of what is still to be bought could be: budget or owners have changed since the plan
  /// was made. Where another plan does not help, the job ends up with this failure.
  case cameToNothing(StepFailure)
}

/// Why a step did not give its result.
package struct StepFailure: Error, CustomStringConvertible {
  /// What becomes of the job.
  package enum Consequence: Sendable {
    /// It cannot be done.
    case fails
    /// A person must decide, and then it goes on.
    case parks
  }

  /// Where, what, and what to do.
  package let trouble: Trouble
  /// What becomes of the job.
  package let consequence: Consequence

  /// Creates a failure.
  package init(_ trouble: Trouble, consequence: Consequence) {
    self.trouble = trouble
    self.consequence = consequence
  }

  /// The trouble in one line.
  package var description: String { trouble.description }
}

extension Trouble {
  /// The trouble that an error of ours tells of: its description is what failed, then the remedy.
  package init(where place: String, error: any Error, remedy fallback: String) {
    let text = "\(error)".replacing("\n", with: " ")
    let parts = text.firstMatch(of: /\.\s+(?=[A-Z`])/)
    if let parts {
      self.init(
        where: place, what: String(text[..<parts.range.lowerBound]) + ".",
        do: String(text[parts.range.upperBound...]))
    } else {
      self.init(where: place, what: text.hasSuffix(".") ? text : text + ".", do: fallback)
    }
  }
}
