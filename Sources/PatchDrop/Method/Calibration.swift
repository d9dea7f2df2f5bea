// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Probabilities from logits, and how far they can be believed.
public enum Calibration {
  /// The number of bins of the expected calibration error.
  public static let binCount = 15

  /// The softmax of the logits over a temperature, `[N]`.
  public static func softmax(_ logits: [Double], temperature: Double = 1) -> [Double] {
    let largest = logits.max() ?? 0
    let powers = logits.map { exp(($0 - largest) / temperature) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  /// How far the best class's probability is above the second's, of two logits or more.
  public static func margin(_ logits: [Double]) -> Double {
    let sorted = softmax(logits).sorted(by: >)
    return sorted[0] - sorted[1]
  }

  /// The index of the largest value; the lowest wins a tie.
  public static func bestIndex<Number: Comparable>(_ values: [Number]) -> Int {
    var best = 0
    for index in values.indices where values[index] > values[best] { best = index }
    return best
  }

  /// The mean negative log-likelihood of the truth, in nats.
  public static func negativeLogLikelihood(
    logits: [[Double]], truth: [Int], temperature: Double = 1
  ) -> Double {
    guard !logits.isEmpty else { return 0 }
    let sum = zip(logits, truth).reduce(0.0) { sum, pair in
      let scaled = pair.0.map { $0 / temperature }
      let largest = scaled.max() ?? 0
      return sum + largest + log(scaled.reduce(0) { $0 + exp($1 - largest) }) - scaled[pair.1]
    }
    return sum / Double(logits.count)
  }

  /// The temperature under which the truth is likeliest (Guo and others, 2017).
  ///
  /// The problem is convex in 1/T; its derivative is bisected between T = 0.05 and T = 20.
  public static func temperature(logits: [[Double]], truth: [Int]) -> Double {
    guard !logits.isEmpty else { return 1 }
    func slope(_ inverse: Double) -> Double {
      zip(logits, truth).reduce(0.0) { sum, pair in
        let probabilities = softmax(pair.0, temperature: 1 / inverse)
        return sum + zip(probabilities, pair.0).reduce(0) { $0 + $1.0 * $1.1 } - pair.0[pair.1]
      }
    }
    var (low, high) = (0.05, 20.0)
    for _ in 0..<80 {
      let middle = (low + high) / 2
      if slope(middle) < 0 { low = middle } else { high = middle }
    }
    return 2 / (low + high)
  }

  /// The answers of one range of confidence.
  public struct Bin: Sendable, Equatable {
    /// How many answers.
    public internal(set) var count = 0
    /// The sum of their confidences.
    var confidenceSum = 0.0
    /// How many of them are right.
    var rightCount = 0

    /// Their mean confidence; 0 where there are none.
    public var confidence: Double { confidenceSum / Double(max(count, 1)) }
    /// The share of right ones; 0 where there are none.
    public var accuracy: Double { Double(rightCount) / Double(max(count, 1)) }
  }

  /// The bin of a confidence, 0 to 14.
  static func bin(ofConfidence confidence: Double) -> Int {
    min(max(Int((confidence * Double(binCount)).rounded(.up)) - 1, 0), binCount - 1)
  }

  /// The answers in 15 equal bins, of which bin b holds confidences in (b/15, (b+1)/15].
  public static func bins(confidences: [Double], isRight: [Bool]) -> [Bin] {
    var bins = [Bin](repeating: Bin(), count: binCount)
    for (confidence, isRight) in zip(confidences, isRight) {
      let bin = bin(ofConfidence: confidence)
      bins[bin].count += 1
      bins[bin].confidenceSum += confidence
      bins[bin].rightCount += isRight ? 1 : 0
    }
    return bins
  }

  /// The expected calibration error (Naeini and others, 2015) over ``bins(confidences:isRight:)``.
  public static func expectedError(confidences: [Double], isRight: [Bool]) -> Double {
    guard !confidences.isEmpty else { return 0 }
    let gaps = bins(confidences: confidences, isRight: isRight).map {
      abs(Double($0.rightCount) - $0.confidenceSum)
    }
    return gaps.reduce(0, +) / Double(confidences.count)
  }
}
