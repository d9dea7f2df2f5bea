// SPDX-License-Identifier: Apache-2.0

/// Where a job is in its life.
public enum JobState: String, Hashable, Sendable, Codable, CaseIterable {
  /// Waiting for its turn.
  case queued
  /// The agent looks at the LR chips.
  case surveying
  /// The plan is made.
  case planned
  /// A person must approve the plan's price.
  case awaitingApproval = "awaiting_approval"
  /// Orders are quoted, held and sent.
  case ordering
  /// Orders are with the vendor, or being delivered.
  case acquiring
  /// Completed mosaics are classified and the outputs written.
  case classifying
  /// Everything is there.
  case done
  /// It cannot be done; nothing is held.
  case failed
  /// A person ended it.
  case cancelled
  /// A person must decide; the job says why and what to do.
  case parked

  /// Whether the job has ended for good.
  public var isFinal: Bool { [.done, .failed, .cancelled].contains(self) }

  /// Whether nothing more happens until a person has decided.
  public var waitsForPerson: Bool { self == .awaitingApproval || self == .parked }
}
