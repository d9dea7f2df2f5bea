// SPDX-License-Identifier: Apache-2.0
import Foundation
import Neural
import Platform
import TestSupport
import Testing

/// Networks of bottlenecks against PyTorch's numbers: ResNet-50's kind, and BagNets.
@Suite struct BottleneckVectorTests {
  struct Reference: Decodable {
    let description: NetworkDescription
    let labels: [Int]
  }

  @Test(arguments: ["bottleneck", "bag"])
  func agreesWithPyTorch(_ name: String) throws {
    let folder = TestPaths.root.appending(path: "\(VectorSet.fixturePath)/networks")
    let reference = try JSONDecoder().decode(
      Reference.self, from: Data(contentsOf: folder.appending(path: "\(name).json")))
    let file = try SafeTensors(contentsOf: folder.appending(path: "\(name).safetensors"))
    var network = try Network(
      reference.description, state: file.tensors(prefix: "weights."), threadCount: 2)
    let tensors = try file.tensors()
    let input = try #require(tensors["input"])
    let evaluated = try #require(tensors["logits_eval"])
    #expect(network.evaluate(input).deviation(from: evaluated) < 1e-4)
    let logits = network.forward(input, mode: .train)
    #expect(logits.deviation(from: try #require(tensors["logits_train"])) < 1e-4)
    network.backward(SoftmaxCrossEntropy().evaluate(logits, labels: reference.labels).gradient)
    let gradients = try file.tensors(prefix: "gradients.")
    #expect(gradients.count == network.parameters.count)
    for (tensor, parameter) in network.parameters {
      let expected = try #require(gradients[tensor])
      #expect(parameter.gradient.deviation(from: expected) < 1e-3, "\(tensor)")
    }
  }

  /// As many weights as the papers' networks have, in millions where they give no more.
  @Test func familiesHaveTheirPapersWeights() throws {
    #expect(try weights(of: .small(layers: 32, outputs: 10)) == 466_906)
    #expect(
      try weights(of: .large(blocks: [3, 4, 6, 3], kind: .bottleneck, outputs: 1000))
        == 25_557_032)
    let bag = try weights(of: .bag(wideStages: 4, outputs: 1000))
    #expect(18_250_000..<18_350_000 ~= bag)
  }

  private func weights(of description: NetworkDescription.Residual) throws -> Int {
    var generator = SeededGenerator(seed: 1)
    return try Network(.residual(description), using: &generator).parameterCount
  }
}
