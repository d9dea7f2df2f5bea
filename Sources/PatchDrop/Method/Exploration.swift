// SPDX-License-Identifier: Apache-2.0

/// How far the probabilities that masks are drawn with stay from 0 and 1 while training.
///
/// s' = alpha s + (1 - alpha)(1 - s). Testing never uses it.
public struct Exploration: Sendable, Equatable {
  /// The share of the policy's own probability, above 0.5 and at most 1.
  public let alpha: Double

  /// No exploration: s' = s.
  public static let none = Exploration(unchecked: 1)

  /// Nil unless alpha is above 0.5, where the gradient vanishes, and at most 1.
  public init?(alpha: Double) {
    guard alpha > 0.5, alpha <= 1 else { return nil }
    self.alpha = alpha
  }

  private init(unchecked alpha: Double) { self.alpha = alpha }

  /// The scaled probability of a keep probability, in [1 - alpha, alpha].
  public func scaled(_ keepProbability: Double) -> Double {
    alpha * keepProbability + (1 - alpha) * (1 - keepProbability)
  }

  /// The derivative of the scaled probability, constant.
  public var slope: Double { 2 * alpha - 1 }
}

/// Alpha over the epochs of a stage: a straight line from `start` to `end`.
public struct ExplorationSchedule: Sendable, Equatable, Codable {
  /// Alpha in the first epoch.
  public var start: Double
  /// Alpha in the last epoch.
  public var end: Double

  /// Creates a schedule; both ends are above 0.5 and at most 1.
  public init(start: Double, end: Double) {
    precondition(start > 0.5 && start <= 1 && end > 0.5 && end <= 1, "alpha is in (0.5, 1]")
    self.start = start
    self.end = end
  }

  /// Fovea's default, 0.7 to 0.95.
  public static let standard = ExplorationSchedule(start: 0.7, end: 0.95)

  /// The scaling of an epoch, counted from 0, of a stage of `epochCount`.
  public func exploration(epoch: Int, of epochCount: Int) -> Exploration {
    let share = epochCount > 1 ? min(Double(epoch) / Double(epochCount - 1), 1) : 1
    return Exploration(alpha: start + (end - start) * share) ?? .none
  }
}
