// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
import Neural
import Platform
import Synchronization
import Testing

@Suite struct NetworkTests {
  /// All that a residual network can have, small.
  static let residual = NetworkDescription.residual(
    .init(
      inputs: 3, stem: .init(kernel: 3, stride: 2, width: 4, maxPool: true),
      stages: [.init(blocks: 2, width: 4), .init(blocks: 1, width: 6, stride: 2)], outputs: 5))
  static let perceptron = NetworkDescription.perceptron(
    .init(inputs: 6, hidden: [8], outputs: 5))

  private func network(
    _ description: NetworkDescription = residual, seed: UInt64 = 1, threadCount: Int = 2
  ) throws -> Network {
    var generator = SeededGenerator(seed: seed)
    return try Network(description, threadCount: threadCount, using: &generator)
  }

  private func images(_ count: Int, side: Int = 16, seed: UInt64 = 2) -> Tensor {
    var generator = SeededGenerator(seed: seed)
    return .random([count, 3, side, side], using: &generator)
  }

  // MARK: Descriptions

  @Test func descriptionsAreReadableJSON() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    #expect(
      try String(decoding: encoder.encode(Self.residual), as: UTF8.self) == """
        {"inputs":3,"kind":"residual","outputs":5,"stages":[{"blocks":2,"stride":1,"width":4},\
        {"blocks":1,"stride":2,"width":6}],\
        "stem":{"kernel":3,"max_pool":true,"stride":2,"width":4}}
        """)
    #expect(
      try String(decoding: encoder.encode(Self.perceptron), as: UTF8.self)
        == #"{"hidden":[8],"inputs":6,"kind":"perceptron","outputs":5}"#)
    for description in [Self.residual, Self.perceptron] {
      let json = try encoder.encode(description)
      #expect(try JSONDecoder().decode(NetworkDescription.self, from: json) == description)
    }
  }

  @Test func impossibleDescriptionsAreRefused() throws {
    let broken: [(NetworkDescription, String)] = [
      (.residual(.init(inputs: 0, stem: .init(width: 4), stages: [], outputs: 5)), "inputs is 0"),
      (
        .residual(.init(inputs: 3, stem: .init(kernel: 4, width: 4), stages: [], outputs: 5)),
        "stem.kernel is 4, which is even"
      ),
      (
        .residual(
          .init(
            inputs: 3, stem: .init(width: 4), stages: [.init(blocks: 1 << 40, width: 4)],
            outputs: 5)), "stages[0].blocks is 1099511627776"
      ),
      (.perceptron(.init(inputs: 3, hidden: [4, -1], outputs: 5)), "hidden[1] is -1"),
      // Each number is fine, all together are a hundred gigabytes.
      (
        .residual(
          .init(
            inputs: 3, stem: .init(width: 4096), stages: [.init(blocks: 100, width: 4096)],
            outputs: 5)), "weights, more than 1073741824"
      ),
      (
        .perceptron(.init(inputs: 65_536, hidden: [65_536], outputs: 5)),
        "weights, more than 1073741824"
      ),
    ]
    for (description, reason) in broken {
      let error = try #require(throws: NeuralError.self) { try network(description) }
      #expect(error.description.contains(reason))
      #expect(error.description.contains("Correct it where it is stored"))
    }
  }

  // MARK: State

  @Test func namesAreTorchvisions() throws {
    let names = Set(try network().state().keys)
    for name in [
      "conv1.weight", "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var",
      "bn1.num_batches_tracked", "layer1.0.conv1.weight", "layer1.1.bn2.bias",
      "layer2.0.downsample.0.weight", "layer2.0.downsample.1.running_var", "fc.weight", "fc.bias",
    ] {
      #expect(names.contains(name), "\(name)")
    }
    #expect(!names.contains("layer1.0.downsample.0.weight"))
    #expect(
      Set(try network(Self.perceptron).state().keys)
        == ["0.weight", "0.bias", "2.weight", "2.bias"])
  }

  @Test func stateTravelsThroughAFile() throws {
    var trained = try network()
    _ = trained.forward(images(4), mode: .train)
    let file = try SafeTensors(SafeTensors(trained.state(), prefix: "hr.").encoded())
    let read = try Network(Self.residual, state: file.tensors(prefix: "hr."))
    #expect(read.state() == trained.state())
    #expect(read.state()["bn1.num_batches_tracked"]?[0] == 1)
    #expect(read.evaluate(images(3)) == trained.evaluate(images(3)))
  }

  @Test func statesThatDoNotFitAreRefusedWhole() throws {
    var network = try network()
    let before = network.state()

    var missing = try self.network(seed: 9).state()
    missing["layer2.0.bn1.weight"] = nil
    #expect(throws: NeuralError.missingTensor(name: "layer2.0.bn1.weight", expectedShape: [6])) {
      try network.load(state: missing)
    }
    var misshapen = try self.network(seed: 9).state()
    misshapen["fc.weight"] = Tensor(shape: [5, 7])
    let error = NeuralError.wrongShape(name: "fc.weight", expected: [5, 6], found: [5, 7])
    #expect(throws: error) { try network.load(state: misshapen) }
    #expect(error.description.contains("fc.weight has shape [5, 7], but the network needs [5, 6]"))
    #expect(error.description.contains("Use weights that were saved for this network"))
    var surplus = try self.network(seed: 9).state()
    surplus["layer9.weight"] = Tensor(shape: [1])
    #expect(throws: NeuralError.unexpectedTensor(name: "layer9.weight")) {
      try network.load(state: surplus)
    }
    #expect(network.state() == before, "a refused state must change nothing")

    var old = try self.network(seed: 9).state()
    for name in old.keys where name.hasSuffix("num_batches_tracked") { old[name] = nil }
    try network.load(state: old)
  }

  // MARK: Passes

  @Test func aSeedMakesTheSameNetwork() throws {
    #expect(try network(seed: 5).state() == network(seed: 5).state())
    #expect(try network(seed: 5).state() != network(seed: 6).state())
  }

  @Test func copiesAreTrainedApart() throws {
    var network = try network()
    let copy = network
    let before = copy.state()
    train(&network, images(8), steps: 1)
    #expect(copy.state() == before)
    #expect(network.state() != before)
  }

  @Test func modesTreatStatisticsAsTheySay() throws {
    let batch = images(6)
    for mode in PassMode.allCases {
      var network = try network()
      let before = network.state()
      let output = network.forward(batch, mode: mode)
      #expect((network.state() != before) == (mode == .train), "\(mode)")
      let usesRunning = mode == .evaluate || mode == .trainFrozen
      let evaluated = try self.network().evaluate(batch)
      #expect((output.deviation(from: evaluated) < 1e-5) == usesRunning, "\(mode)")
    }
  }

  @Test func theNumberOfThreadsDoesNotMatter() throws {
    let batch = images(21)
    var states: [[String: Tensor]] = []
    for threadCount in [1, 2, 3, 5] {
      var network = try network(threadCount: threadCount)
      train(&network, batch, steps: 3)
      states.append(network.state())
    }
    #expect(states.allSatisfy { $0 == states[0] })
  }

  @Test func manyThreadsMayEvaluateAtOnce() throws {
    let network = try network(threadCount: 1)
    let batch = images(5)
    let expected = network.evaluate(batch)
    let equalCount = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      if network.evaluate(batch) == expected { equalCount.add(1, ordering: .relaxed) }
    }
    #expect(equalCount.load(ordering: .relaxed) == 8)
  }

  @Test func anImagesAnswerDoesNotDependOnItsBatch() throws {
    let network = try network()
    let batch = images(9)
    let all = network.evaluate(batch)
    for index in 0..<9 {
      let alone = network.evaluate(batch.gathered([index]))
      #expect(alone.deviation(from: all.gathered([index])) < 1e-5)
    }
  }

  @Test func featuresLeadToTheAnswer() throws {
    var network = try network()
    let (output, features) = network.forwardWithFeatures(images(4), mode: .trainFrozen)
    let evaluated = network.evaluateWithFeatures(images(4))
    #expect(features.shape == [4, Self.residual.features])
    #expect(features.deviation(from: evaluated.features) < 1e-5)
    #expect(output.deviation(from: evaluated.output) < 1e-5)
  }

  // MARK: Learning

  @Test(arguments: [residual, perceptron])
  func gradientsAreSlopes(_ description: NetworkDescription) throws {
    var network = try network(description)
    var generator = SeededGenerator(seed: 4)
    let input =
      description == Self.perceptron
      ? Tensor.random([7, 6], using: &generator) : images(7, side: 12)
    let labels = (0..<7).map { $0 % 5 }
    func loss(_ network: Network, _ input: Tensor) -> Double {
      var probe = network
      let (output, features) = probe.forwardWithFeatures(input, mode: .trainWithoutStatistics)
      return SoftmaxCrossEntropy().evaluate(output, labels: labels).loss
        + features.values.reduce(0) { $0 + Double($1) }
    }

    let (output, features) = network.forwardWithFeatures(input, mode: .trainWithoutStatistics)
    let inputGradient = try #require(
      backward(
        &network, SoftmaxCrossEntropy().evaluate(output, labels: labels).gradient,
        Tensor(shape: features.shape, repeating: 1)))
    // Along its own direction, a gradient's slope is its norm.
    let step = 1e-3
    for (name, parameter) in network.parameters {
      let norm = norm(of: parameter.gradient)
      guard norm > 1e-3 else { continue }
      var slopes: [Double] = []
      for sign in [-1.0, 1.0] {
        var moved = network
        moved.visitParameters { candidate, value in
          guard candidate == name else { return }
          for index in 0..<value.value.count {
            value.value[index] += Float(sign * step / norm) * parameter.gradient[index]
          }
        }
        slopes.append(sign * loss(moved, input))
      }
      #expect(abs((slopes[0] + slopes[1]) / (2 * step) / norm - 1) < 0.05, "\(name)")
    }
    let inputNorm = norm(of: inputGradient)
    let slopes = [-1.0, 1.0].map { sign in
      var moved = input
      for index in 0..<moved.count {
        moved[index] += Float(sign * step / inputNorm) * inputGradient[index]
      }
      return sign * loss(network, moved)
    }
    #expect(abs((slopes[0] + slopes[1]) / (2 * step) / inputNorm - 1) < 0.05)
  }

  @Test func thirtyTwoImagesAreLearntByHeart() throws {
    let batch = images(32)
    let labels = (0..<32).map { $0 * 7 % 5 }
    for optimiser: any Optimiser in [
      SGD(learningRate: 0.05, momentum: 0.9, weightDecay: 1e-4, isNesterov: true),
      Adam(learningRate: 0.01, weightDecay: .decoupled(0.01)),
    ] {
      var network = try network()
      train(&network, batch, labels: labels, steps: 150, optimiser: optimiser)
      // What training saw, with the batch's own statistics.
      let logits = network.forward(batch, mode: .trainWithoutStatistics)
      #expect(logits.argmaxOfRows() == labels, "\(type(of: optimiser))")
      #expect(SoftmaxCrossEntropy().evaluate(logits, labels: labels).loss < 0.05)
      #expect(network.evaluate(batch).argmaxOfRows() == labels, "\(type(of: optimiser))")
    }
  }

  private func train(
    _ network: inout Network, _ batch: Tensor, labels: [Int]? = nil, steps: Int,
    optimiser: any Optimiser = SGD(learningRate: 0.05, momentum: 0.9)
  ) {
    var optimiser = optimiser
    let labels = labels ?? (0..<batch.shape[0]).map { $0 % 5 }
    for _ in 0..<steps {
      network.zeroGradients()
      let logits = network.forward(batch, mode: .train)
      network.backward(SoftmaxCrossEntropy().evaluate(logits, labels: labels).gradient)
      network.clipGradients(toNorm: 5)
      optimiser.step(&network)
    }
  }

  private func backward(
    _ network: inout Network, _ gradient: Tensor, _ featuresGradient: Tensor
  ) -> Tensor? {
    network.backward(gradient, featuresGradient: featuresGradient, needsInputGradient: true)
  }

  private func norm(of tensor: Tensor) -> Double {
    tensor.values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }
}
