// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// The cross-entropy of softmax(logits), averaged over the batch.
///
/// ```swift
/// let (loss, gradient) = SoftmaxCrossEntropy().evaluate(logits, labels: [3, 0])
/// network.backward(gradient)
/// ```
public struct SoftmaxCrossEntropy: Sendable, Equatable {
  /// The share of each target that is spread evenly over the classes (Szegedy and others 2016).
  public let labelSmoothing: Double
  /// How much each class counts, above 0; nil where all count the same.
  public let classWeights: [Double]?

  /// Makes the loss.
  public init(labelSmoothing: Double = 0, classWeights: [Double]? = nil) {
    precondition(
      (0...1).contains(labelSmoothing), "Label smoothing is a share from 0 to 1.")
    precondition(
      classWeights?.allSatisfy { $0 > 0 && $0.isFinite } ?? true,
      "Class weights are above 0 and finite.")
    self.labelSmoothing = labelSmoothing
    self.classWeights = classWeights
  }

  /// The loss of a batch, and its gradient with respect to the logits.
  ///
  /// With class weights it is the mean over the sum of the labels' weights.
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
    let weight = classWeights.map { weights in
      checkWeights(classes)
      return labels.reduce(0) { $0 + weights[$1] }
    }
    return evaluate(logits, targets: targets, totalWeight: weight ?? Double(labels.count))
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
    checkWeights(logits.shape[1])
    return evaluate(logits, targets: targets, totalWeight: Double(logits.shape[0]))
  }

  private func checkWeights(_ classes: Int) {
    precondition(
      classWeights?.count ?? classes == classes,
      "There are \(classWeights?.count ?? 0) weights for \(classes) classes.")
  }

  private func evaluate(
    _ logits: Tensor, targets: Tensor, totalWeight: Double
  ) -> (loss: Double, gradient: Tensor) {
    let (batch, classes) = (logits.shape[0], logits.shape[1])
    var gradient = logits.logSoftmax()
    var loss = 0.0
    var wanted = [Double](repeating: 0, count: classes)
    gradient.withUnsafeMutableBufferPointer { rows in
      targets.withUnsafeBufferPointer { targets in
        for row in 0..<batch {
          let first = row * classes
          let mass = targets[first..<first + classes].reduce(0.0) { $0 + Double($1) }
          var weightedMass = 0.0
          for column in 0..<classes {
            let smooth =
              (1 - labelSmoothing) * Double(targets[first + column])
              + labelSmoothing * mass / Double(classes)
            wanted[column] = smooth * (classWeights?[column] ?? 1)
            weightedMass += wanted[column]
          }
          for column in 0..<classes {
            let logarithm = Double(rows[first + column])
            loss -= wanted[column] * logarithm
            rows[first + column] = Float(
              (weightedMass * exp(logarithm) - wanted[column]) / totalWeight)
          }
        }
      }
    }
    return (loss / totalWeight, gradient)
  }
}
