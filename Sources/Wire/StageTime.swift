// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// How long one step of a job took.
public struct StageTime: Hashable, Sendable, Codable {
  /// The step: `survey`, `choose`, `buy`, `classify` or `report`.
  public let stage: String
  /// When it began.
  public let startedAt: Date
  /// How long it took, in seconds.
  public let durationS: Double

  /// Creates a record.
  public init(stage: String, startedAt: Date, durationS: Double) {
    self.stage = stage
    self.startedAt = startedAt
    self.durationS = durationS
  }
}
