// SPDX-License-Identifier: Apache-2.0

/// The stages of a training, in their order.
public enum TrainingStage: String, Sendable, Codable, CaseIterable {
  /// The HR classifier on whole images.
  case hr
  /// The LR classifier.
  case lr
  /// LR classifiers that each have not seen a part of the training images; a remedy, left out
  /// where there are none.
  case lrFolds = "lr_folds"
  /// The HR classifier on random masks; a remedy, left out where it has no epochs.
  case warm
  /// The policy, against the frozen HR classifier.
  case pt
  /// The policy and the HR classifier.
  case ft1
  /// The policy and the HR classifier, with the frozen LR classifier's logits added.
  case ft2
  /// The HR classifier on Fixed-H's masks, as in Ft-1.
  case fixedHFt1 = "fixed_h.ft1"
  /// The same as in Ft-2.
  case fixedHFt2 = "fixed_h.ft2"
  /// The HR classifier on Fixed-V's masks, as in Ft-1.
  case fixedVFt1 = "fixed_v.ft1"
  /// The same as in Ft-2.
  case fixedVFt2 = "fixed_v.ft2"
  /// The HR classifier on Stochastic's masks, as in Ft-1.
  case stochasticFt1 = "stochastic.ft1"
  /// The same as in Ft-2.
  case stochasticFt2 = "stochastic.ft2"

  /// The comparison system and the setting that a stage fine-tunes for; nil for the agent's own.
  public var comparison: (system: ComparisonSystem, setting: AgentVariant)? {
    switch self {
    case .hr, .lr, .lrFolds, .warm, .pt, .ft1, .ft2: nil
    case .fixedHFt1: (.fixedH, .ft1)
    case .fixedHFt2: (.fixedH, .ft2)
    case .fixedVFt1: (.fixedV, .ft1)
    case .fixedVFt2: (.fixedV, .ft2)
    case .stochasticFt1: (.stochastic, .ft1)
    case .stochasticFt2: (.stochastic, .ft2)
    }
  }

  /// A number that stays the stage's own, whichever stages there are: its randomness starts there.
  var seedNumber: Int {
    switch self {
    case .hr: 0
    case .lr: 1
    case .warm: 2
    case .pt: 3
    case .ft1: 4
    case .ft2: 5
    case .fixedHFt1: 6
    case .fixedHFt2: 7
    case .fixedVFt1: 8
    case .fixedVFt2: 9
    case .stochasticFt1: 10
    case .stochasticFt2: 11
    case .lrFolds: 12
    }
  }

  /// The stages that a stage follows from, besides those that these follow from.
  var needs: [TrainingStage] {
    switch self {
    case .hr: []
    case .lr, .warm: [.hr]
    case .lrFolds: [.lr]
    case .pt: [.lrFolds, .warm]
    case .ft1: [.pt]
    case .ft2: [.ft1]
    case .fixedHFt1, .fixedVFt1, .stochasticFt1: [.ft1]
    case .fixedHFt2: [.ft2, .fixedHFt1]
    case .fixedVFt2: [.ft2, .fixedVFt1]
    case .stochasticFt2: [.ft2, .stochasticFt1]
    }
  }
}
