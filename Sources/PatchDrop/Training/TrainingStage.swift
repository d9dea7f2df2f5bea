// SPDX-License-Identifier: Apache-2.0

/// The stages of a training, in their order.
public enum TrainingStage: String, Sendable, Codable, CaseIterable {
  /// The HR classifier on whole images.
  case hr
  /// The LR classifier.
  case lr
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
    case .hr, .lr, .warm, .pt, .ft1, .ft2: nil
    case .fixedHFt1: (.fixedH, .ft1)
    case .fixedHFt2: (.fixedH, .ft2)
    case .fixedVFt1: (.fixedV, .ft1)
    case .fixedVFt2: (.fixedV, .ft2)
    case .stochasticFt1: (.stochastic, .ft1)
    case .stochasticFt2: (.stochastic, .ft2)
    }
  }

  /// The stages whose weights a stage starts from or looks at.
  var needs: [TrainingStage] {
    switch self {
    case .hr: []
    case .lr, .warm: [.hr]
    case .pt: [.hr, .lr, .warm]
    case .ft1: [.hr, .lr, .warm, .pt]
    case .ft2: [.hr, .lr, .warm, .pt, .ft1]
    case .fixedHFt1, .fixedVFt1, .stochasticFt1: [.hr, .lr, .warm, .pt, .ft1]
    case .fixedHFt2: [.hr, .lr, .warm, .pt, .ft1, .ft2, .fixedHFt1]
    case .fixedVFt2: [.hr, .lr, .warm, .pt, .ft1, .ft2, .fixedVFt1]
    case .stochasticFt2: [.hr, .lr, .warm, .pt, .ft1, .ft2, .stochasticFt1]
    }
  }
}
