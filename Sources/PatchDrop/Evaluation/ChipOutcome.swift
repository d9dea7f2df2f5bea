// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What was answered for a chip whose truth is known.
public struct ChipOutcome: Sendable, Equatable {
  /// The answer.
  public let classIndex: Int
  /// The answer's probability.
  public let probability: Float
  /// The truth's probability.
  public let truthProbability: Float
  /// Whether the answer is the truth.
  public let isRight: Bool

  init(_ answer: Agent.Answer, truth: Int) {
    classIndex = answer.classIndex
    probability = answer.probabilities[answer.classIndex]
    truthProbability = answer.probabilities[truth]
    isRight = answer.classIndex == truth
  }

  /// How surprising the truth is, in nats; finite also where its probability vanished.
  var negativeLogLikelihood: Double {
    -log(Double(max(truthProbability, .leastNormalMagnitude)))
  }
}

/// The answer for one chip, with the truth.
public struct Prediction: Sendable, Equatable, Codable {
  /// The image's path, or the chip's place as `r3c4`.
  public var name: String
  /// The true class.
  public var truth: String
  /// What was bought, hexadecimal; patch 0 is the lowest bit.
  public var mask: String
  /// The answer.
  public var predicted: String
  /// The answer's probability.
  public var probability: Float

  private enum CodingKeys: String, CodingKey {
    case name
    case truth
    case mask
    case predicted = "class"
    case probability
  }
}
