// SPDX-License-Identifier: Apache-2.0

import Acquisition

/// How one way of buying does on labelled chips.
///
/// A row of a bundle's card may come from a program that measured less: what is missing is nil.
public struct EvaluationRow: Sendable, Equatable, Codable {
  /// How much more often PatchDrop is right about the same chips, as a share of them.
  public struct Difference: Sendable, Equatable, Codable {
    /// PatchDrop's accuracy less this system's.
    public var mean: Double
    /// Its 95 % interval, by paired bootstrap.
    public var interval: Interval

    /// Whether one of the two is better beyond chance: the interval leaves 0 out.
    public var isClear: Bool { !interval.contains(0) }
  }

  /// The way of buying.
  public var system: EvaluationSystem
  /// The variant whose policy and HR classifier were used; nil for the stand-alone classifiers.
  public var stage: AgentVariant?
  /// The share of right answers.
  public var accuracy: Double
  /// Its 95 % interval, by bootstrap.
  public var accuracyInterval: Interval?
  /// S, the mean number of patches bought of a chip.
  public var patches: Double
  /// The share of the cost of buying everything.
  public var costShare: Double
  /// The expected calibration error of the answers' probabilities, 15 bins.
  public var ece: Double?
  /// Its 95 % interval, by bootstrap; nil for the systems that PatchDrop is compared to.
  public var eceInterval: Interval?
  /// The mean negative log-likelihood of the truth, in nats.
  public var nll: Double?
  /// The number of different masks.
  public var distinctMasks: Int
  /// How many chips had 0 to P patches bought, `[P + 1]`.
  public var maskCounts: [Int]?
  /// How PatchDrop's policy fails to be one on these chips; nil where it does not, and for other
  /// systems.
  public var collapse: PolicyCollapse?
  /// For how many epochs a comparison system's HR classifier was fine-tuned on its own masks; 0
  /// where the bundle has none and PatchDrop's answered, nil for other systems and in Pt.
  public var epochs: Int?
  /// How much better PatchDrop is at the same stage; at the default one for what stands alone.
  public var patchDropDifference: Difference?

  private enum CodingKeys: String, CodingKey {
    case system
    case stage
    case accuracy
    case accuracyInterval = "accuracy_interval"
    case patches
    case costShare = "cost_share"
    case ece
    case eceInterval = "ece_interval"
    case nll
    case distinctMasks = "distinct_masks"
    case maskCounts = "mask_counts"
    case collapse
    case epochs
    case patchDropDifference = "patchdrop_difference"
  }

  /// The paper's figures for this system and stage, by data set.
  public var published: [String: PublishedResult] { system.published(stage: stage) }
}

extension EvaluationRow {
  /// A row from the answers to some chips.
  ///
  /// - Parameters:
  ///   - masks: what was bought, one a chip.
  ///   - reference: which of PatchDrop's answers are right; nil for its own row.
  init(
    _ system: EvaluationSystem, stage: AgentVariant?, masks: [PatchMask],
    outcomes: [ChipOutcome], grid: PatchGrid, reference: [ChipOutcome]?, epochs: Int? = nil
  ) {
    let count = outcomes.count
    let isRight = outcomes.map(\.isRight)
    let rightCount = isRight.count { $0 }
    var counts = [Int](repeating: 0, count: grid.patchCount + 1)
    for mask in masks { counts[mask.count] += 1 }
    let total = counts.enumerated().reduce(0) { $0 + $1.offset * $1.element }
    let divisor = Double(max(count, 1))
    self.system = system
    self.stage = stage
    accuracy = Double(rightCount) / divisor
    accuracyInterval = Bootstrap.share(of: rightCount, in: count)
    patches = Double(total) / divisor
    costShare = patches / Double(grid.patchCount)
    let confidences = outcomes.map { Double($0.probability) }
    ece = Calibration.expectedError(confidences: confidences, isRight: isRight)
    eceInterval =
      reference == nil
      ? Bootstrap.calibrationError(confidences: confidences, isRight: isRight) : nil
    nll = outcomes.reduce(0) { $0 + $1.negativeLogLikelihood } / divisor
    distinctMasks = Set(masks).count
    maskCounts = counts
    collapse = system == .patchDrop ? PolicyCollapse.of(masks, grid: grid) : nil
    self.epochs = epochs
    patchDropDifference = reference.map { reference in
      let better = zip(reference, outcomes).count { $0.isRight && !$1.isRight }
      let worse = zip(reference, outcomes).count { !$0.isRight && $1.isRight }
      return Difference(
        mean: Double(better - worse) / divisor,
        interval: Bootstrap.difference(better: better, worse: worse, count: count))
    }
  }
}
