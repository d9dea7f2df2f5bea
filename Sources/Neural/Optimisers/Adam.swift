// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// Adam (Kingma and Ba 2015), or AdamW where the weights decay apart from the gradient
/// (Loshchilov and Hutter 2019).
public struct Adam: Optimiser {
  /// How weights are pulled towards zero.
  public enum WeightDecay: Sendable, Equatable {
    /// The decay's share of a weight joins its gradient.
    case inGradient(Double)
    /// The decay's share of a weight, times the learning rate, is taken off it (AdamW).
    case decoupled(Double)
  }

  /// The step's length.
  public var learningRate: Double
  /// The share that the mean gradient keeps in a step.
  public let meanDecay: Double
  /// The share that the mean squared gradient keeps in a step.
  public let squareDecay: Double
  /// What is added to the root of the mean squared gradient.
  public let epsilon: Double
  /// How weights are pulled towards zero.
  public let weightDecay: WeightDecay
  private var means: [Tensor] = []
  private var squares: [Tensor] = []
  private var stepCount = 0

  /// The count of steps, the mean gradients and the mean squared gradients.
  public var memory: OptimiserMemory {
    get { OptimiserMemory(stepCount: stepCount, histories: ["mean": means, "square": squares]) }
    set {
      stepCount = newValue.stepCount
      means = newValue.histories["mean"] ?? []
      squares = newValue.histories["square"] ?? []
    }
  }

  /// Makes an optimiser without a history.
  public init(
    learningRate: Double, meanDecay: Double = 0.9, squareDecay: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: WeightDecay = .inGradient(0)
  ) {
    self.learningRate = learningRate
    self.meanDecay = meanDecay
    self.squareDecay = squareDecay
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// Counts the step.
  public mutating func beginStep() {
    stepCount += 1
  }

  /// Moves one parameter; `slot` is its place in the network's order.
  public mutating func update(_ parameter: inout Parameter, slot: Int) {
    means.prepare(slot: slot, shape: parameter.value.shape)
    squares.prepare(slot: slot, shape: parameter.value.shape)
    var (coupled, shrinking): (Float, Float) = (0, 1)
    switch weightDecay {
    case .inGradient(let share): coupled = Float(share)
    case .decoupled(let share): shrinking = Float(1 - learningRate * share)
    }
    let (keepMean, keepSquare) = (Float(meanDecay), Float(squareDecay))
    let (takeMean, takeSquare) = (Float(1 - meanDecay), Float(1 - squareDecay))
    let rate = Float(learningRate / (1 - pow(meanDecay, Double(stepCount))))
    let rootScale = Float(1 / (1 - pow(squareDecay, Double(stepCount))).squareRoot())
    let epsilon = Float(epsilon)
    parameter.value.withUnsafeMutableBufferPointer { value in
      parameter.gradient.withUnsafeBufferPointer { gradient in
        means[slot].withUnsafeMutableBufferPointer { mean in
          squares[slot].withUnsafeMutableBufferPointer { square in
            for index in value.indices {
              let slope = gradient[index] + coupled * value[index]
              mean[index] = keepMean * mean[index] + takeMean * slope
              square[index] = keepSquare * square[index] + takeSquare * slope * slope
              value[index] =
                value[index] * shrinking
                - rate * mean[index] / (square[index].squareRoot() * rootScale + epsilon)
            }
          }
        }
      }
    }
  }
}
