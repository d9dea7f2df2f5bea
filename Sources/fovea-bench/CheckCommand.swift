// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Neural

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Compare whole networks with the peers' exports.",
    discussion: """
      Each figure is the largest difference over the largest magnitude, of the worst tensor, from \
      numbers that PyTorch computed in float64; beside it PyTorch's own float32.
      """)

  @Argument(help: "A folder that peer_networks.py --export wrote.")
  var folder: String

  func run() throws {
    let exports = try Export.all(in: URL(filePath: folder))
    guard !exports.isEmpty else { throw BenchError.noExports(path: folder) }
    let rows = try exports.map { export in
      Progress.line(export.facts.net)
      return try Self.row(export)
    }
    print(
      Figure.table(
        [
          "network", "logits", "PyTorch", "logits, training", "PyTorch", "loss", "gradients",
          "PyTorch", "worst gradient",
        ], rows))
  }

  private static func row(_ export: Export) throws -> [String] {
    let facts = export.facts
    var network = try export.network()
    let input = try export.input()
    let evaluated = deviation(network.evaluate(input), from: try export.logits("logits_eval"))
    let logits = network.forward(input, mode: .train)
    let trained = deviation(logits, from: try export.logits("logits_train"))
    let (loss, gradient) = SoftmaxCrossEntropy().evaluate(logits, labels: facts.labels)
    network.zeroGradients()
    network.backward(gradient)
    let expected = try export.tensors("gradients")
    var worst = (name: "-", deviation: 0.0)
    for (name, parameter) in network.parameters {
      let found = expected[name].map { deviation(parameter.gradient, from: $0) } ?? .infinity
      if found > worst.deviation { worst = (name, found) }
    }
    return [
      facts.net, number(evaluated), number(facts.torch.logitsEval), number(trained),
      number(facts.torch.logitsTrain), number(abs(loss - facts.lossTrain) / facts.lossTrain),
      number(worst.deviation), number(facts.torch.gradients), worst.name,
    ]
  }

  /// The largest difference over the largest magnitude; infinite where the shapes differ.
  private static func deviation(_ found: Tensor, from expected: Tensor) -> Double {
    guard found.shape == expected.shape else { return .infinity }
    let differences = zip(found.values, expected.values).map { abs(Double($0) - Double($1)) }
    guard differences.allSatisfy(\.isFinite) else { return .infinity }
    let magnitude = expected.values.map { Double(abs($0)) }.max() ?? 0
    return (differences.max() ?? 0) / max(magnitude, 1e-30)
  }

  private static func number(_ value: Double) -> String { String(format: "%.1e", value) }
}
