// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation

/// How far a step of a job is.
public struct StageProgress: Hashable, Sendable, Codable {
  /// The step: `survey`, `buy`, `classify` or `report`.
  public let stage: String
  /// How many of ``total`` are done.
  public let completed: Int
  /// Chips, or items of orders.
  public let total: Int

  /// Creates a report of progress.
  public init(stage: String, completed: Int, total: Int) {
    self.stage = stage
    self.completed = completed
    self.total = total
  }
}

/// The money of one job.
public struct JobMoney: Hashable, Sendable, Codable {
  /// What is set aside for its orders.
  public let held: Money
  /// What was paid for its orders.
  public let spent: Money

  /// Creates a statement.
  public init(held: Money, spent: Money) {
    self.held = held
    self.spent = spent
  }
}

/// A job as it stands.
public struct JobRecord: Hashable, Sendable, Codable {
  /// The id, a UUID of version 7.
  public let id: String
  /// Where it is in its life.
  public let state: JobState
  /// What was asked for.
  public let request: JobRequest
  /// When it was submitted.
  public let createdAt: Date
  /// When its state last changed.
  public let updatedAt: Date
  /// Why it failed or is parked.
  public let trouble: Trouble?
  /// How far the present step is, while one runs.
  public let progress: StageProgress?
  /// What it would buy, or buys; nil before the plan is made.
  public let plan: PlanSummary?
  /// How long its steps took, in the order in which they ended; one that was cut off and done again
  /// is there twice.
  public let stages: [StageTime]
  /// What it holds and has spent; nil before anything was ordered.
  public let money: JobMoney?
  /// Whether a person has asked for its end.
  public let isCancelRequested: Bool

  /// Creates a record.
  public init(
    id: String, state: JobState, request: JobRequest, createdAt: Date, updatedAt: Date,
    trouble: Trouble?, progress: StageProgress?, plan: PlanSummary?, stages: [StageTime],
    money: JobMoney?, isCancelRequested: Bool
  ) {
    self.id = id
    self.state = state
    self.request = request
    self.createdAt = createdAt
    self.updatedAt = updatedAt
    self.trouble = trouble
    self.progress = progress
    self.plan = plan
    self.stages = stages
    self.money = money
    self.isCancelRequested = isCancelRequested
  }
}
