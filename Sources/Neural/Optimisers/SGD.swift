// SPDX-License-Identifier: Apache-2.0

/// Stochastic gradient descent with momentum (Sutskever and others 2013), in PyTorch's form: the
/// learning rate scales the velocity, and the first velocity is the first gradient.
public struct SGD: Optimiser {
  /// The step's length.
  public var learningRate: Double
  /// The share of the velocity that a step keeps; change it between steps to follow a
  /// ``OneCycle``.
  public var momentum: Double
  /// The share of the gradient that the velocity leaves out.
  public let dampening: Double
  /// The strength of L2 regularisation: its share of each weight joins the gradient.
  public let weightDecay: Double
  /// Whether to look ahead along the velocity.
  public let isNesterov: Bool
  private var velocities: [Tensor] = []
  private var stepCount = 0

  /// The count of steps, and the velocities.
  public var memory: OptimiserMemory {
    get { OptimiserMemory(stepCount: stepCount, histories: ["velocity": velocities]) }
    set {
      stepCount = newValue.stepCount
      velocities = newValue.histories["velocity"] ?? []
    }
  }

  /// Makes an optimiser at rest.
  public init(
    learningRate: Double, momentum: Double = 0, dampening: Double = 0, weightDecay: Double = 0,
    isNesterov: Bool = false
  ) {
    precondition(
      !isNesterov || (momentum > 0 && dampening == 0),
      "Nesterov's method needs momentum and no dampening.")
    self.learningRate = learningRate
    self.momentum = momentum
    self.dampening = dampening
    self.weightDecay = weightDecay
    self.isNesterov = isNesterov
  }

  /// Counts the step.
  public mutating func beginStep() {
    stepCount += 1
  }

  /// Moves one parameter; `slot` is its place in the network's order.
  public mutating func update(_ parameter: inout Parameter, slot: Int) {
    velocities.prepare(slot: slot, shape: parameter.value.shape)
    let (rate, decay, keep) = (Float(learningRate), Float(weightDecay), Float(momentum))
    let take: Float = stepCount == 1 ? 1 : Float(1 - dampening)
    parameter.value.withUnsafeMutableBufferPointer { value in
      parameter.gradient.withUnsafeBufferPointer { gradient in
        velocities[slot].withUnsafeMutableBufferPointer { velocity in
          for index in value.indices {
            let slope = gradient[index] + decay * value[index]
            velocity[index] = keep * velocity[index] + take * slope
            value[index] -= rate * (isNesterov ? slope + keep * velocity[index] : velocity[index])
          }
        }
      }
    }
  }
}
