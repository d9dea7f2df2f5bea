// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation

/// Something that happened to a job: one server-sent event of `/v1/jobs/{id}/events`.
public struct JobEvent: Hashable, Sendable, Codable {
  /// What kind of event this is.
  public enum Kind: String, Hashable, Sendable, Codable {
    /// The job's state changed.
    case state
    /// A step came further; such events are not kept and have no id.
    case progress
    /// Something worth a line: an order sent, a delivery stored, a warning.
    case note
  }

  /// The number by which a client resumes (`Last-Event-ID`); nil for progress.
  public let id: Int64?
  /// The job's id.
  public let job: String
  /// When it happened.
  public let at: Date
  /// What kind of event this is.
  public let kind: Kind
  /// The job's state after it.
  public let state: JobState
  /// What happened, in words.
  public let message: String
  /// How far the present step is.
  public let progress: StageProgress?
  /// The job's money after it.
  public let money: JobMoney?

  /// Creates an event.
  public init(
    id: Int64?, job: String, at: Date, kind: Kind, state: JobState, message: String,
    progress: StageProgress? = nil, money: JobMoney? = nil
  ) {
    self.id = id
    self.job = job
    self.at = at
    self.kind = kind
    self.state = state
    self.message = message
    self.progress = progress
    self.money = money
  }
}

extension JobEvent {
  /// The event with the number under which it is kept.
  public func numbered(_ id: Int64) -> JobEvent {
    JobEvent(
      id: id, job: job, at: at, kind: kind, state: state, message: message, progress: progress,
      money: money)
  }
}
