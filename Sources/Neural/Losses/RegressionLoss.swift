// SPDX-License-Identifier: Apache-2.0

/// How far numbers are from their targets, in the mean over all of them.
public enum RegressionLoss: Sendable, Equatable, CaseIterable {
  /// The distance (L1); its derivative at 0 is 0.
  case absolute
  /// The square of the distance (L2).
  case squared

  /// The loss, and its gradient with respect to `values`, of their shape.
  ///
  /// - Parameters:
  ///   - values: of any shape, not empty.
  ///   - targets: of the same shape.
  public func evaluate(_ values: Tensor, targets: Tensor) -> (loss: Double, gradient: Tensor) {
    precondition(
      values.shape == targets.shape && values.count > 0,
      "Values of shape \(values.shape) cannot be compared with targets of \(targets.shape).")
    let count = Double(values.count)
    var gradient = values
    var sum = 0.0
    gradient.withUnsafeMutableBufferPointer { values in
      targets.withUnsafeBufferPointer { targets in
        for index in values.indices {
          let distance = Double(values[index]) - Double(targets[index])
          switch self {
          case .absolute:
            sum += abs(distance)
            // Not a number stays what it is.
            values[index] = Float((distance == 0 ? 0 : distance / abs(distance)) / count)
          case .squared:
            sum += distance * distance
            values[index] = Float(2 * distance / count)
          }
        }
      }
    }
    return (sum / count, gradient)
  }
}
