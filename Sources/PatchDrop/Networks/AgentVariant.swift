// SPDX-License-Identifier: Apache-2.0

/// Which training an agent's policy and HR classifier come from.
public enum AgentVariant: String, Sendable, Codable, CaseIterable {
  /// The policy against a frozen HR classifier.
  case pt
  /// The policy and the HR classifier together.
  case ft1
  /// The same, with the frozen LR classifier's logits added.
  case ft2
}
