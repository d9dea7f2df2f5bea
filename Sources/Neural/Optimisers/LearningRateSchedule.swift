// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// The learning rate as a function of the step, counted from 0.
public enum LearningRateSchedule: Sendable, Equatable {
  /// The same rate at every step.
  case constant(Double)
  /// Half a cosine from `from` at step 0 to `to` at step `steps` and after (Loshchilov and Hutter
  /// 2017).
  case cosine(from: Double, to: Double = 0, steps: Int)
  /// Times `factor` after every `every` steps.
  case steps(from: Double, factor: Double, every: Int)
  /// Times `factor` at each of the steps `at`.
  case milestones(from: Double, factor: Double, at: [Int])
  /// Up to a peak and down again.
  case oneCycle(OneCycle)

  /// The rate of one step.
  public func rate(atStep step: Int) -> Double {
    switch self {
    case .constant(let rate):
      return rate
    case .cosine(let from, let to, let steps):
      let progress = min(Double(step) / Double(max(steps, 1)), 1)
      return to + (from - to) * (1 + cos(Double.pi * progress)) / 2
    case .steps(let from, let factor, let every):
      return from * pow(factor, Double(step / max(every, 1)))
    case .milestones(let from, let factor, let at):
      return from * pow(factor, Double(at.count { $0 <= step }))
    case .oneCycle(let cycle):
      return cycle.rate(atStep: step)
    }
  }
}
