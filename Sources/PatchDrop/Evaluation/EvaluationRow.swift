// SPDX-License-Identifier: Apache-2.0

/// How one way of buying does on labelled chips.
public struct EvaluationRow: Sendable, Equatable, Codable {
  /// The ways of buying.
  public enum System: String, Sendable, Codable, CaseIterable {
    /// Nothing; the LR classifier answers.
    case lrCNN = "lr_cnn"
    /// What the policy keeps.
    case patchDrop = "patchdrop"
    /// Whole chips in the order of the LR classifier's doubt, as many patches as PatchDrop.
    case lrMargin = "lr_margin"
    /// The same patches of every chip, middle rows first, as many as PatchDrop, rounded up.
    case fixedH = "fixed_h"
    /// The same patches of every chip, middle columns first, as many as PatchDrop, rounded up.
    case fixedV = "fixed_v"
    /// Everything; the stand-alone HR classifier answers.
    case hrCNN = "hr_cnn"
    /// Masks that were given.
    case given
  }

  /// The way of buying.
  public var system: System
  /// The variant whose policy and HR classifier were used; nil for the stand-alone classifiers.
  public var stage: AgentVariant?
  /// The share of right answers.
  public var accuracy: Double
  /// S, the mean number of patches bought of a chip.
  public var patches: Double
  /// The share of the cost of buying everything.
  public var costShare: Double
  /// The number of different masks.
  public var distinctMasks: Int
  /// The expected calibration error of the answers' probabilities, 15 bins.
  public var ece: Double?

  private enum CodingKeys: String, CodingKey {
    case system
    case stage
    case accuracy
    case patches
    case costShare = "cost_share"
    case distinctMasks = "distinct_masks"
    case ece
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
