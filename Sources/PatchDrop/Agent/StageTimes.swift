// SPDX-License-Identifier: Apache-2.0

/// How long the parts of a survey and its classification took; for benchmarks.
package struct StageTimes: Sendable {
  /// A part.
  package enum Stage: String, Sendable, CaseIterable {
    /// Files are opened.
    case open
    /// LR pixels become the networks' input.
    case readLow
    /// Keep probabilities are computed.
    case policy
    /// The LR classifier answers.
    case classifyLow
    /// HR pixels are read.
    case readHigh
    /// What was bought of them becomes the network's input.
    case mask
    /// The HR classifier answers.
    case classify
  }

  private var times: [Stage: Duration] = [:]

  /// No time spent yet.
  package init() {}

  /// The time that was spent on a part.
  package subscript(stage: Stage) -> Duration { times[stage, default: .zero] }

  /// Runs `body` and adds its time to a part's.
  package mutating func measure<Value>(
    _ stage: Stage, _ body: () throws -> Value
  ) rethrows -> Value {
    let start = ContinuousClock.now
    defer { times[stage, default: .zero] += ContinuousClock.now - start }
    return try body()
  }
}
