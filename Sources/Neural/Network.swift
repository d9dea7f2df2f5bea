// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// A network with its weights.
///
/// A network is a value: a copy shares the weights until one of the two is trained. `evaluate`
/// changes nothing, so several threads may use one network at once. All passes work on plain
/// threads and block the caller; do not call them on Swift's cooperative pool.
///
/// ```swift
/// var network = try Network(description, using: &generator)
/// var optimiser = SGD(learningRate: 0.1, momentum: 0.9)
/// network.zeroGradients()
/// let logits = network.forward(images, mode: .train)
/// let (loss, gradient) = SoftmaxCrossEntropy().evaluate(logits, labels: labels)
/// network.backward(gradient)
/// optimiser.step(&network)
/// ```
public struct Network: Sendable {
  /// What the network was built from.
  public let description: NetworkDescription
  /// How many threads work on one pass; results do not depend on it.
  public var threadCount: Int
  /// All layers; whoever changes them takes new plans.
  private var layers: NetworkLayers
  private var plans = NetworkPlans()

  /// Builds a network with first weights drawn from `generator`.
  ///
  /// - Parameters:
  ///   - headScale: what the last layer's first weights are multiplied by; small values start a
  ///     classifier or a policy undecided.
  /// - Throws: `NeuralError.invalidDescription`.
  public init(
    _ description: NetworkDescription, headScale: Double = 1, threadCount: Int? = nil,
    using generator: inout some RandomNumberGenerator
  ) throws(NeuralError) {
    var initialisation = Initialisation(generator: generator)
    try self.init(
      description, headScale: headScale, threadCount: threadCount, &initialisation)
    generator = initialisation.generator
  }

  private init<Generator: RandomNumberGenerator>(
    _ description: NetworkDescription, headScale: Double = 1, threadCount: Int?,
    _ initialisation: inout Initialisation<Generator>
  ) throws(NeuralError) {
    try description.validate()
    _ = MemoryReuse.isOn
    self.description = description
    self.threadCount = threadCount ?? ProcessInfo.processInfo.activeProcessorCount
    layers = NetworkLayers(description, headScale: headScale, initialisation: &initialisation)
  }

  /// Builds a network with the weights of a saved one.
  ///
  /// - Throws: `NeuralError` where the description is invalid or the state does not fit it.
  public init(
    _ description: NetworkDescription, state: [String: Tensor], threadCount: Int? = nil
  ) throws(NeuralError) {
    var blank = Initialisation(generator: SystemRandomNumberGenerator(), isDrawn: false)
    try self.init(description, threadCount: threadCount, &blank)
    try load(state: state)
  }

  // MARK: Passes

  /// The answer to a batch, by the running statistics: `[batch, outputs]`.
  ///
  /// The input is `[batch, channels, rows, columns]` for a residual network and `[batch, inputs]`
  /// for a perceptron.
  public func evaluate(_ input: Tensor) -> Tensor {
    evaluateWithFeatures(input).output
  }

  /// The answer to a batch and the features before the last layer, `[batch, features]`.
  public func evaluateWithFeatures(_ input: Tensor) -> (output: Tensor, features: Tensor) {
    let shape = input.shape
    let (trunk, head) = plans.plans(of: layers, input: shape, threadCount: threadCount)
    let features = trunk.run(input, threadCount: threadCount)
    return (head.run(features, threadCount: threadCount), features)
  }

  /// The answer to a batch; in the training modes, `backward` may follow.
  public mutating func forward(_ input: Tensor, mode: PassMode) -> Tensor {
    forwardWithFeatures(input, mode: mode).output
  }

  /// The answer to a batch and the features before the last layer, `[batch, features]`; in the
  /// training modes, `backward` may follow.
  public mutating func forwardWithFeatures(
    _ input: Tensor, mode: PassMode
  ) -> (output: Tensor, features: Tensor) {
    guard mode != .evaluate else { return evaluateWithFeatures(input) }
    let options = PassOptions(mode: mode, threadCount: threadCount)
    plans = NetworkPlans()
    let features = layers.trunk.forward(.plain(input), options: options)
      .tensor(threadCount: threadCount)
    let output = layers.head.forward(.plain(features), options: options)
    return (output.tensor(threadCount: threadCount), features)
  }

  /// Adds to all gradients, given the loss's gradient with respect to the last `forward`'s answer
  /// and, where the features were used too, with respect to them.
  ///
  /// Returns the gradient with respect to the input, or nil where it was not asked for.
  @discardableResult
  public mutating func backward(
    _ outputGradient: Tensor, featuresGradient: Tensor? = nil, needsInputGradient: Bool = false
  ) -> Tensor? {
    let isTrunkTrained = needsInputGradient || !layers.trunk.members.isEmpty
    let found = layers.head.backward(
      .plain(outputGradient), needsInputGradient: isTrunkTrained, threadCount: threadCount)
    guard isTrunkTrained, let found else { return nil }
    var gradient = found.tensor(threadCount: threadCount)
    if let featuresGradient {
      precondition(
        featuresGradient.shape == gradient.shape,
        "The features' gradient has shape \(featuresGradient.shape), not \(gradient.shape).")
      for index in 0..<gradient.count { gradient[index] += featuresGradient[index] }
    }
    return layers.trunk.backward(
      .plain(gradient), needsInputGradient: needsInputGradient, threadCount: threadCount
    )?.tensor(threadCount: threadCount)
  }

  // MARK: Parameters

  /// Calls `body` with each parameter and its name, always in the same order.
  public mutating func visitParameters(
    _ body: (_ name: String, _ parameter: inout Parameter) -> Void
  ) {
    plans = NetworkPlans()
    layers.trunk.visitParameters(prefix: "", body)
    layers.head.visitParameters(prefix: "", body)
  }

  /// The parameters with their names and gradients.
  public var parameters: [(name: String, parameter: Parameter)] {
    var copy = self
    var found: [(name: String, parameter: Parameter)] = []
    copy.visitParameters { found.append(($0, $1)) }
    return found
  }

  /// The number of weights that training changes.
  public var parameterCount: Int {
    parameters.reduce(0) { $0 + $1.parameter.value.count }
  }

  /// Sets all gradients to zero.
  public mutating func zeroGradients() {
    visitParameters { _, parameter in
      parameter.gradient.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
    }
  }

  /// Scales all gradients down where their common Euclidean norm is above `norm`, and returns
  /// what it was.
  @discardableResult
  public mutating func clipGradients(toNorm norm: Double) -> Double {
    GradientClipping.clip(toNorm: norm) { visitParameters($0) }
  }

  // MARK: State

  /// Everything that makes the network what it is, by name: parameters and running statistics.
  public func state() -> [String: Tensor] {
    var copy = self
    var state: [String: Tensor] = [:]
    copy.visitState { state[$0] = $1 }
    return state
  }

  /// Replaces all parameters and running statistics; on an error nothing is changed.
  ///
  /// - Throws: `NeuralError` where a tensor is missing, has another shape, or has no place.
  ///   `num_batches_tracked` may be missing.
  public mutating func load(state: [String: Tensor]) throws(NeuralError) {
    var names: Set<String> = []
    var problem: NeuralError?
    var loaded = self
    loaded.visitState { name, tensor in
      names.insert(name)
      guard let found = state[name] else {
        if !name.hasSuffix("num_batches_tracked") {
          problem = problem ?? .missingTensor(name: name, expectedShape: tensor.shape)
        }
        return
      }
      guard found.shape == tensor.shape else {
        problem =
          problem ?? .wrongShape(name: name, expected: tensor.shape, found: found.shape)
        return
      }
      tensor = found
    }
    if let problem { throw problem }
    if let name = state.keys.filter({ !names.contains($0) }).min() {
      throw .unexpectedTensor(name: name)
    }
    self = loaded
  }

  private mutating func visitState(_ body: (_ name: String, _ tensor: inout Tensor) -> Void) {
    visitParameters { body($0, &$1.value) }
    layers.trunk.visitBuffers(prefix: "", body)
    layers.head.visitBuffers(prefix: "", body)
  }
}
