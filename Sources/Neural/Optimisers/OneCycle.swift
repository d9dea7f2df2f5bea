// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// A learning rate that rises to a peak and falls far below where it started, and a momentum that
/// does the opposite (Smith and Topin 2018), in PyTorch's form with two phases.
public struct OneCycle: Sendable, Equatable {
  /// The way between two rates.
  public enum Shape: Sendable, Equatable, CaseIterable {
    /// Half a cosine.
    case cosine
    /// A straight line.
    case linear
  }

  /// The highest rate.
  public var peak: Double
  /// All steps of the training.
  public var steps: Int
  /// The share of the steps in which the rate rises.
  public var risingShare: Double
  /// The peak over the first rate.
  public var firstDivisor: Double
  /// The first rate over the last.
  public var lastDivisor: Double
  /// The momentum's bounds; it is highest where the rate is lowest.
  public var momentum: ClosedRange<Double>
  /// The way between two rates.
  public var shape: Shape

  /// Makes a schedule; the defaults are PyTorch's.
  public init(
    peak: Double, steps: Int, risingShare: Double = 0.3, firstDivisor: Double = 25,
    lastDivisor: Double = 10_000, momentum: ClosedRange<Double> = 0.85...0.95,
    shape: Shape = .cosine
  ) {
    precondition(steps > 0, "A training has steps, not \(steps).")
    precondition((0...1).contains(risingShare), "The rising share is from 0 to 1.")
    precondition(firstDivisor > 0 && lastDivisor > 0, "The divisors are above 0.")
    self.peak = peak
    self.steps = steps
    self.risingShare = risingShare
    self.firstDivisor = firstDivisor
    self.lastDivisor = lastDivisor
    self.momentum = momentum
    self.shape = shape
  }

  /// The learning rate of one step, counted from 0; after the last step it stays.
  public func rate(atStep step: Int) -> Double {
    let first = peak / firstDivisor
    return value(atStep: step, first: first, middle: peak, last: first / lastDivisor)
  }

  /// The momentum of one step, counted from 0; after the last step it stays.
  public func momentum(atStep step: Int) -> Double {
    value(
      atStep: step, first: momentum.upperBound, middle: momentum.lowerBound,
      last: momentum.upperBound)
  }

  private func value(atStep step: Int, first: Double, middle: Double, last: Double) -> Double {
    let turn = max(risingShare * Double(steps) - 1, 0)
    let end = Double(steps - 1)
    let place = min(Double(step), end)
    if place < turn { return between(first, middle, share: place / turn) }
    return end > turn ? between(middle, last, share: (place - turn) / (end - turn)) : middle
  }

  private func between(_ from: Double, _ to: Double, share: Double) -> Double {
    switch shape {
    case .cosine: to + (from - to) * (1 + cos(Double.pi * share)) / 2
    case .linear: from + (to - from) * share
    }
  }
}
