// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// The log-likelihood of independent yes-or-no actions whose probabilities are given by logits u:
/// with s = sigmoid(u), the probability of yes is p = alpha s + (1 - alpha)(1 - s).
///
/// With `alpha` 1 that is s itself; smaller values bound it to [1 - alpha, alpha], so that both
/// actions keep being tried (PatchDrop's exploration scaling).
public struct BernoulliLogLikelihood: Sendable {
  /// How much of the logits' certainty is kept, in (0.5, 1].
  public let alpha: Double

  /// Makes the likelihood for one `alpha`.
  public init(alpha: Double = 1) {
    precondition(alpha > 0.5 && alpha <= 1, "alpha must be above 0.5 and at most 1, not \(alpha).")
    self.alpha = alpha
  }

  /// The probability of yes for each logit.
  public func probabilities(_ logits: Tensor) -> Tensor {
    Tensor(
      shape: logits.shape, values: logits.values.map { Float(bounded(sigmoid(Double($0)))) })
  }

  /// a log p + (1 - a) log(1 - p) for each logit and its action a, 0 or 1.
  public func values(_ logits: Tensor, actions: Tensor) -> Tensor {
    combine(logits, actions) { logit, action in
      guard alpha < 1 else {
        return action * logSigmoid(logit) + (1 - action) * logSigmoid(-logit)
      }
      let yes = bounded(sigmoid(logit))
      return action * log(yes) + (1 - action) * log(1 - yes)
    }
  }

  /// The derivative of each of `values` with respect to its logit:
  /// (a - p) / (p (1 - p)) (2 alpha - 1) s (1 - s), which is a - s for alpha 1.
  public func gradients(_ logits: Tensor, actions: Tensor) -> Tensor {
    combine(logits, actions) { logit, action in
      let plain = sigmoid(logit)
      guard alpha < 1 else { return action - plain }
      let yes = bounded(plain)
      return (action - yes) / (yes * (1 - yes)) * (2 * alpha - 1) * plain * (1 - plain)
    }
  }

  private func bounded(_ plain: Double) -> Double {
    alpha * plain + (1 - alpha) * (1 - plain)
  }

  private func combine(
    _ logits: Tensor, _ actions: Tensor, _ body: (_ logit: Double, _ action: Double) -> Double
  ) -> Tensor {
    precondition(
      logits.shape == actions.shape,
      "Logits of shape \(logits.shape) and actions of shape \(actions.shape) differ.")
    return Tensor(
      shape: logits.shape,
      values: zip(logits.values, actions.values).map { Float(body(Double($0), Double($1))) })
  }
}
