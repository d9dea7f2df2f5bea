// SPDX-License-Identifier: Apache-2.0
import Neural
import Platform
import Testing

/// Training that was stopped and taken up again.
@Suite struct OptimiserStateTests {
  static let description = NetworkDescription.perceptron(
    .init(inputs: 4, hidden: [6], outputs: 3))

  static let optimisers: [any Optimiser] = [
    SGD(learningRate: 0.1, momentum: 0.9, dampening: 0.2, weightDecay: 0.01),
    SGD(learningRate: 0.1, momentum: 0.9, isNesterov: true),
    Adam(learningRate: 0.01), Adam(learningRate: 0.01, weightDecay: .decoupled(0.1)),
  ]

  @Test(arguments: 0..<4) func goesOnToTheBit(_ kind: Int) throws {
    try check(Self.optimisers[kind])
  }

  private func check(_ fresh: some Optimiser) throws {
    var generator = SeededGenerator(seed: 1)
    var network = try Network(Self.description, using: &generator)
    var optimiser = fresh
    train(&network, &optimiser, steps: 0..<3)

    // Through a file, as names and numbers.
    let kept = SafeTensors(optimiser.state(of: network).tensors).encoded()
    let state = OptimiserState(
      stepCount: optimiser.state(of: network).stepCount, tensors: try SafeTensors(kept).tensors())
    var resumed = try Network(Self.description, state: network.state())
    var resumedOptimiser = fresh
    try resumedOptimiser.load(state, of: resumed)

    train(&network, &optimiser, steps: 3..<6)
    train(&resumed, &resumedOptimiser, steps: 3..<6)
    #expect(resumed.state() == network.state())
    #expect(resumedOptimiser.state(of: resumed) == optimiser.state(of: network))

    var forgetful = try Network(Self.description, state: network.state())
    var amnesiac = fresh
    train(&forgetful, &amnesiac, steps: 6..<9)
    train(&network, &optimiser, steps: 6..<9)
    #expect(forgetful.state() != network.state(), "the state must matter")
  }

  private func train(
    _ network: inout Network, _ optimiser: inout some Optimiser, steps: Range<Int>
  ) {
    for step in steps {
      var generator = SeededGenerator(seed: UInt64(100 + step))
      network.zeroGradients()
      let logits = network.forward(.random([5, 4], using: &generator), mode: .train)
      network.backward(
        SoftmaxCrossEntropy().evaluate(logits, labels: [0, 1, 2, 1, 0]).gradient)
      optimiser.step(&network)
    }
  }

  @Test func aFreshOptimiserHasAStateToo() throws {
    var generator = SeededGenerator(seed: 1)
    let network = try Network(Self.description, using: &generator)
    var optimiser = Adam(learningRate: 0.1)
    let state = optimiser.state(of: network)
    #expect(state == OptimiserState(stepCount: 0, tensors: [:]))
    try optimiser.load(state, of: network)
  }

  @Test func statesOfOthersAreRefused() throws {
    var generator = SeededGenerator(seed: 1)
    var network = try Network(Self.description, using: &generator)
    var adam = Adam(learningRate: 0.1)
    train(&network, &adam, steps: 0..<1)
    let state = adam.state(of: network)
    let name = try #require(network.parameters.first?.name)

    var sgd = SGD(learningRate: 0.1, momentum: 0.9)
    refuses(&sgd, state, network, "velocity.\(name) is missing")
    var broken = state
    broken.tensors["mean.\(name)"] = Tensor(shape: [1])
    refuses(&adam, broken, network, "mean.\(name) has shape [1]")
    broken = state
    broken.tensors["mean.nowhere"] = Tensor(shape: [1])
    refuses(&adam, broken, network, "nothing is known of mean.nowhere")
    broken = state
    broken.stepCount = -1
    refuses(&adam, broken, network, "counts -1 steps")
    broken.stepCount = 0
    refuses(&adam, broken, network, "nothing is known of mean.")
  }

  private func refuses(
    _ optimiser: inout some Optimiser, _ state: OptimiserState, _ network: Network,
    _ reason: String
  ) {
    let before = optimiser.state(of: network)
    let error = #expect(throws: NeuralError.self) { try optimiser.load(state, of: network) }
    #expect(error?.description.contains(reason) == true)
    #expect(error?.description.contains("start the training anew") == true)
    #expect(optimiser.state(of: network) == before, "an error changes nothing")
  }
}
