// SPDX-License-Identifier: Apache-2.0

/// How the HR and the LR classifier's logits become one answer.
///
/// Whatever the rule, where nothing was bought the LR classifier answers alone: the HR network has
/// then seen an empty picture.
public enum Fusion: String, Sendable, Equatable, Codable, CaseIterable {
  /// f_h + f_l: the renormalised product of both softmaxes.
  case sum
  /// (k/P) f_h + (1 - k/P) f_l.
  case weighted
  /// f_h alone: Pt and Ft-1 of the paper.
  case none

  /// What the two classifiers' logits are multiplied by before they are added.
  ///
  /// - Parameters:
  ///   - boughtCount: k, the number of patches bought.
  ///   - patchCount: P.
  public func weights(boughtCount: Int, patchCount: Int) -> (high: Double, low: Double) {
    guard boughtCount > 0 else { return (0, 1) }
    let share = Double(boughtCount) / Double(patchCount)
    switch self {
    case .sum: return (1, 1)
    case .weighted: return (share, 1 - share)
    case .none: return (1, 0)
    }
  }

  /// The fused logits, `[N]`; the LR classifier's where nothing was bought.
  ///
  /// - Parameters:
  ///   - high: the HR classifier's logits on the masked image, `[N]`.
  ///   - low: the LR classifier's logits, `[N]`.
  public func logits(
    high: [Double], low: [Double], boughtCount: Int, patchCount: Int
  ) -> [Double] {
    guard boughtCount > 0 else { return low }
    let weights = weights(boughtCount: boughtCount, patchCount: patchCount)
    return zip(high, low).map { weights.high * $0 + weights.low * $1 }
  }
}
