// SPDX-License-Identifier: Apache-2.0

/// A function from one tensor to another without weights of its own, and its derivative.
///
/// Operations are what networks are not built of but what losses, losses' inputs and spatial
/// transformers need; chain them by hand.
///
/// ```swift
/// let halve = Resampling(.area, height: 16, width: 16)
/// let small = halve.evaluate(images, threadCount: 2)
/// let slope = halve.gradient(smallGradient, at: images, threadCount: 2)
/// ```
///
/// Results do not depend on the number of threads. Both functions block the caller; with more
/// than one thread, do not call them on Swift's cooperative pool.
public protocol DifferentiableOperation: Sendable {
  /// The output for an input.
  func evaluate(_ input: Tensor, threadCount: Int) -> Tensor

  /// The vector-Jacobian product: a loss's gradient with respect to the input, given that with
  /// respect to the output.
  ///
  /// - Parameters:
  ///   - outputGradient: of the output's shape.
  ///   - input: where the derivative is taken: what `evaluate` was given.
  func gradient(_ outputGradient: Tensor, at input: Tensor, threadCount: Int) -> Tensor
}

extension DifferentiableOperation {
  /// The output for an input, worked out by the caller alone.
  public func evaluate(_ input: Tensor) -> Tensor { evaluate(input, threadCount: 1) }

  /// The gradient with respect to the input, worked out by the caller alone.
  public func gradient(_ outputGradient: Tensor, at input: Tensor) -> Tensor {
    gradient(outputGradient, at: input, threadCount: 1)
  }
}

/// Stops where a gradient is not one of the output: a programmer's mistake.
func checkGradient(_ gradient: Tensor, isOf outputShape: [Int]) {
  precondition(
    gradient.shape == outputShape,
    "The output has shape \(outputShape), its gradient \(gradient.shape).")
}
