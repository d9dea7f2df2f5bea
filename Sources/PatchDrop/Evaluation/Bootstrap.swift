// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform

/// A number that a sample of chips gave, with the range in which 95 of 100 samples like it lie.
public struct Interval: Sendable, Equatable {
  /// The lower end.
  public let low: Double
  /// The upper end.
  public let high: Double

  /// Creates an interval.
  public init(low: Double, high: Double) { (self.low, self.high) = (low, high) }

  /// Whether a number lies in it, ends included.
  public func contains(_ number: Double) -> Bool { low <= number && number <= high }
}

extension Interval: Codable {
  /// Reads `[low, high]`.
  public init(from decoder: any Decoder) throws {
    var container = try decoder.unkeyedContainer()
    low = try container.decode(Double.self)
    high = try container.decode(Double.self)
  }

  /// Writes `[low, high]`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.unkeyedContainer()
    try container.encode(low)
    try container.encode(high)
  }
}

/// Intervals by bootstrap: chips are drawn again from those that were measured, as many, with
/// replacement, 10,000 times with a fixed seed; the interval leaves out 2.5 % at each end.
///
/// A resample's mean depends only on how often each outcome was drawn, and these numbers are
/// multinomial; drawing them as such gives the same distribution as drawing chip by chip.
///
/// ```swift
/// Bootstrap.share(of: 940, in: 1000)  // about 0.925 ... 0.954
/// ```
public enum Bootstrap {
  /// How often chips are drawn again.
  public static let resampleCount = 10_000

  /// The interval of a share: the right answers among all.
  public static func share(of part: Int, in count: Int) -> Interval {
    difference(better: part, worse: 0, count: count)
  }

  /// The interval of a mean of outcomes that are 1 (`better` chips), -1 (`worse` chips) or 0: how
  /// much more often one of two systems is right about the same chips.
  public static func difference(better: Int, worse: Int, count: Int) -> Interval {
    precondition(
      better >= 0 && worse >= 0 && better + worse <= count, "no more outcomes than chips")
    guard count > 0 else { return Interval(low: 0, high: 0) }
    var generator = SeededGenerator(seed: 1)
    let share = Double(better) / Double(count)
    // Among the chips that are not better.
    let rest = worse == 0 ? 0 : Double(worse) / Double(count - better)
    var sums: [Int] = []
    sums.reserveCapacity(resampleCount)
    for _ in 0..<resampleCount {
      let up = binomial(count, share, using: &generator)
      sums.append(up - binomial(count - up, rest, using: &generator))
    }
    return middle(sums.map { Double($0) / Double(count) })
  }

  /// The interval of the expected calibration error; the answers are drawn one by one.
  ///
  /// An error cannot average out as differences do, so chance adds to it: the interval lies rather
  /// high.
  public static func calibrationError(confidences: [Double], isRight: [Bool]) -> Interval {
    let count = min(confidences.count, isRight.count)
    guard count > 0 else { return Interval(low: 0, high: 0) }
    let bins = confidences.map { Calibration.bin(ofConfidence: $0) }
    let gaps = zip(confidences, isRight).map { ($1 ? 1 : 0) - $0 }
    var generator = SeededGenerator(seed: 1)
    var errors: [Double] = []
    errors.reserveCapacity(resampleCount)
    for _ in 0..<resampleCount {
      var sums = [Double](repeating: 0, count: Calibration.binCount)
      for _ in 0..<count {
        // The high half of a product with 32 random bits: a uniform place, but for one in a million.
        let place = Int(((generator.next() >> 32) &* UInt64(count)) >> 32)
        sums[bins[place]] += gaps[place]
      }
      errors.append(sums.reduce(0) { $0 + abs($1) } / Double(count))
    }
    return middle(errors)
  }

  /// The interval that leaves out 2.5 % of some numbers at each end.
  private static func middle(_ values: [Double]) -> Interval {
    let sorted = values.sorted()
    func quantile(_ share: Double) -> Double {
      sorted[Int((share * Double(sorted.count - 1)).rounded())]
    }
    return Interval(low: quantile(0.025), high: quantile(0.975))
  }

  /// How many of `count` draws succeed, each with a probability: found by going through the
  /// numbers of successes from the likeliest outwards.
  static func binomial(
    _ count: Int, _ probability: Double, using generator: inout some RandomNumberGenerator
  ) -> Int {
    guard count > 0, probability > 0 else { return 0 }
    guard probability < 1 else { return count }
    let odds = probability / (1 - probability)
    let likeliest = min(Int(Double(count + 1) * probability), count)
    var (low, high) = (likeliest, likeliest)
    func factorial(_ number: Int) -> Double { lgamma(Double(number) + 1) }
    var lowMass = exp(
      factorial(count) - factorial(likeliest) - factorial(count - likeliest)
        + Double(likeliest) * log(probability)
        + Double(count - likeliest) * log(1 - probability))
    var highMass = lowMass
    var left = Double(generator.next() >> 11) * 0x1p-53 - lowMass
    while left > 0 {
      let (canRise, canFall) = (high < count && highMass > 0, low > 0 && lowMass > 0)
      // Rounding may leave a last crumb of probability.
      guard canRise || canFall else { return high }
      if canRise {
        highMass *= Double(count - high) / Double(high + 1) * odds
        high += 1
        left -= highMass
        if left <= 0 { return high }
      }
      if canFall {
        lowMass *= Double(low) / (Double(count - low + 1) * odds)
        low -= 1
        left -= lowMass
        if left <= 0 { return low }
      }
    }
    return high
  }
}
