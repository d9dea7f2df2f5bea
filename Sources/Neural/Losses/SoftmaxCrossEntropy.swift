// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// The cross-entropy of softmax(logits), averaged over the batch.
///
/// ```swift
/// let (loss, gradient) = SoftmaxCrossEntropy().evaluate(logits, labels: [3, 0])
/// network.backward(gradient)
/// ```
public struct SoftmaxCrossEntropy: Sendable {
  /// The share of each target that is spread evenly over the classes (Szegedy and others 2016).
  public var labelSmoothing: Double

  /// Makes the loss.
  public init(labelSmoothing: Double = 0) {
    precondition(
      (0...1).contains(labelSmoothing), "Label smoothing is a share from 0 to 1.")
    self.labelSmoothing = labelSmoothing
  }

  /// The loss of a batch, and its gradient with respect to the logits.
  ///
  /// - Parameters:
  ///   - logits: `[batch, classes]`.
  ///   - labels: the class of each row.
  public func evaluate(_ logits: Tensor, labels: [Int]) -> (loss: Double, gradient: Tensor) {
    precondition(
      logits.shape.count == 2 && labels.count == logits.shape[0],
      "There are \(labels.count) labels for logits of shape \(logits.shape).")
    let classes = logits.shape[1]
    var targets = Tensor(shape: logits.shape)
    for (row, label) in labels.enumerated() {
      precondition((0..<classes).contains(label), "There is no class \(label) of \(classes).")
      targets[row * classes + label] = 1
    }
    return evaluate(logits, targets: targets)
  }

  /// The loss of a batch whose targets are distributions over the classes, and its gradient with
  /// respect to the logits.
  ///
  /// - Parameters:
  ///   - logits: `[batch, classes]`.
  ///   - targets: `[batch, classes]`, each row summing to 1.
  public func evaluate(_ logits: Tensor, targets: Tensor) -> (loss: Double, gradient: Tensor) {
    precondition(
      logits.shape.count == 2 && targets.shape == logits.shape,
      "Targets of shape \(targets.shape) do not go with logits of shape \(logits.shape).")
    let (batch, classes) = (logits.shape[0], logits.shape[1])
    var gradient = logits.logSoftmax()
    var loss = 0.0
    gradient.withUnsafeMutableBufferPointer { rows in
      targets.withUnsafeBufferPointer { targets in
        for row in 0..<batch {
          let places = row * classes..<(row + 1) * classes
          let mass = targets[places].reduce(0.0) { $0 + Double($1) }
          for place in places {
            let target =
              (1 - labelSmoothing) * Double(targets[place])
              + labelSmoothing * mass / Double(classes)
            loss -= target * Double(rows[place])
            let probability = exp(Double(rows[place]))
            rows[place] = Float((mass * probability - target) / Double(batch))
          }
        }
      }
    }
    return (loss / Double(batch), gradient)
  }
}
