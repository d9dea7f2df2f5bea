// SPDX-License-Identifier: Apache-2.0
import Foundation
import Neural
import TestSupport
import Testing

/// Whole networks against PyTorch's numbers.
@Suite struct NetworkVectorTests {
  /// What a network's JSON says.
  struct Reference: Decodable {
    struct Steps: Decodable {
      let lr: Double
      let momentum: Double
      let weightDecay: Double
      let losses: [Double]

      enum CodingKeys: String, CodingKey {
        case lr
        case momentum
        case weightDecay = "weight_decay"
        case losses
      }
    }

    let kind: String
    let blocks: [Int]
    let channels: [Int]
    let outputs: Int
    let side: Int
    let images: Int
    let labels: [Int]
    let lossTrain: Double
    let sgd: Steps

    enum CodingKeys: String, CodingKey {
      case kind
      case blocks
      case channels
      case outputs
      case side
      case images
      case labels
      case lossTrain = "loss_train"
      case sgd
    }

    var description: NetworkDescription {
      let isLarge = kind == "imagenet"
      let stages = zip(blocks, channels).enumerated().map { index, stage in
        NetworkDescription.Stage(
          blocks: stage.0, width: stage.1, stride: index == 0 ? 1 : 2)
      }
      return .residual(
        .init(
          inputs: 3,
          stem: .init(
            kernel: isLarge ? 7 : 3, stride: isLarge ? 2 : 1, width: channels[0],
            maxPool: isLarge),
          stages: stages, outputs: outputs))
    }
  }

  static let names = ["resnet8@8", "resnet10w8@56"]
  let folder = TestPaths.root.appending(path: "\(VectorSet.fixturePath)/networks")

  @Test(arguments: names)
  func forward(_ name: String) throws {
    let reference = try reference(name)
    var network = try network(name, reference)
    let input = try numbers(name, "input", [reference.images, 3, reference.side, reference.side])
    let logits = [reference.images, reference.outputs]
    #expect(
      network.evaluate(input).deviation(from: try numbers(name, "logits_eval", logits)) < 1e-4)
    #expect(
      network.forward(input, mode: .train)
        .deviation(from: try numbers(name, "logits_train", logits)) < 1e-4)

    let running = try SafeTensors(contentsOf: folder.appending(path: "\(name).running.safetensors"))
    let state = network.state()
    for (tensor, expected) in try running.tensors() {
      #expect(try #require(state[tensor]).deviation(from: expected) < 1e-4, "\(tensor)")
    }
  }

  @Test(arguments: names)
  func gradients(_ name: String) throws {
    let reference = try reference(name)
    var network = try network(name, reference)
    let input = try numbers(name, "input", [reference.images, 3, reference.side, reference.side])
    let logits = network.forward(input, mode: .train)
    let (loss, gradient) = SoftmaxCrossEntropy().evaluate(logits, labels: reference.labels)
    #expect(abs(loss - reference.lossTrain) < 1e-4)
    network.backward(gradient)
    let expected = try SafeTensors(
      contentsOf: folder.appending(path: "\(name).gradients.safetensors")
    ).tensors()
    #expect(expected.count == network.parameters.count)
    for (tensor, parameter) in network.parameters {
      #expect(
        parameter.gradient.deviation(from: try #require(expected[tensor])) < 1e-3, "\(tensor)")
    }
  }

  @Test(arguments: names)
  func fiveSteps(_ name: String) throws {
    let reference = try reference(name)
    var network = try network(name, reference)
    let input = try numbers(name, "input", [reference.images, 3, reference.side, reference.side])
    var optimiser = SGD(
      learningRate: reference.sgd.lr, momentum: reference.sgd.momentum,
      weightDecay: reference.sgd.weightDecay)
    for expected in reference.sgd.losses {
      network.zeroGradients()
      let logits = network.forward(input, mode: .train)
      let (loss, gradient) = SoftmaxCrossEntropy().evaluate(logits, labels: reference.labels)
      #expect(abs(loss - expected) < 1e-4)
      network.backward(gradient)
      optimiser.step(&network)
    }
  }

  private func reference(_ name: String) throws -> Reference {
    try JSONDecoder().decode(
      Reference.self, from: Data(contentsOf: folder.appending(path: "\(name).json")))
  }

  private func network(_ name: String, _ reference: Reference) throws -> Network {
    let weights = try SafeTensors(contentsOf: folder.appending(path: "\(name).weights.safetensors"))
    return try Network(reference.description, state: weights.tensors(), threadCount: 2)
  }

  private func numbers(_ name: String, _ part: String, _ shape: [Int]) throws -> Tensor {
    let data = try Data(contentsOf: folder.appending(path: "\(name).\(part).bin"))
    let entry = SafeTensors.Entry(type: .float32, shape: shape, bytes: data)
    return try entry.tensor(named: part)
  }
}
