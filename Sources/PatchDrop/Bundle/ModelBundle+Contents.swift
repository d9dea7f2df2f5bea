// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Neural

/// A network of a bundle, in words.
public struct NetworkSummary: Sendable, Equatable, Encodable {
  /// The prefix of its tensors without the last dot, such as `ft2.hr`.
  public let name: String
  /// What it is made of.
  public let shape: String
  /// The number of its trained weights.
  public let parameterCount: Int

  private enum CodingKeys: String, CodingKey {
    case name
    case shape
    case parameterCount = "parameters"
  }

  init(_ name: String, _ network: Network) {
    self.name = name
    shape = network.description.words
    parameterCount = network.parameterCount
  }
}

extension ModelBundle {
  /// All networks: the stand-alone classifiers, each variant's policy and HR classifier, the
  /// comparison systems' HR classifiers.
  public var networks: [NetworkSummary] {
    var networks = [NetworkSummary("hr", hrClassifier), NetworkSummary("lr", lrClassifier)]
    for variant in variants {
      let name = variant.rawValue
      if let policy = policies[variant] {
        networks.append(NetworkSummary("\(name).policy", policy.network))
      }
      if let classifier = hrClassifiers[variant] {
        networks.append(NetworkSummary("\(name).hr", classifier))
      }
    }
    for comparison in card.comparisons {
      guard let network = comparisonClassifiers[comparison.prefix] else { continue }
      networks.append(NetworkSummary(String(comparison.prefix.dropLast()), network))
    }
    return networks
  }

  /// Asks all variants and comparison systems about a flat chip, with nothing and with everything
  /// bought: finite weights may still make answers that are no numbers.
  ///
  /// - Returns: how many answers there were.
  /// - Throws: `ModelError.invalidField` where an answer is no probability.
  public func checkAnswers() throws(ModelError) -> Int {
    let design = card.design
    let low = [Float](
      repeating: 128,
      count: design.bands.count * design.lowResolutionPixels * design.lowResolutionPixels)
    let high = [UInt8](
      repeating: 128, count: design.bands.count * design.chipPixels * design.chipPixels)
    var agents = variants.map { ($0.rawValue, agent($0)) }
    for comparison in card.comparisons {
      guard let agent = agent(comparison.stage, comparedTo: comparison.system) else { continue }
      agents.append((String(comparison.prefix.dropLast()), agent))
    }
    var count = 0
    for (name, agent) in agents {
      let look = agent.looks([low])[0]
      let answers = agent.answers(
        [PatchMask.none, .all(of: design.patchGrid)].map {
          Agent.Question(samples: high[...], mask: $0, lowLogits: look.lowLogits)
        })
      let numbers = look.keepProbabilities + answers.flatMap(\.probabilities)
      guard numbers.allSatisfy({ (0...1).contains($0) }) else {
        throw .invalidField(
          path: card.name, reason: "\(name) answers a flat grey chip with no probability")
      }
      count += answers.count
    }
    return count
  }
}

extension NetworkDescription {
  /// What a network is made of, in a few words.
  fileprivate var words: String {
    switch self {
    case .perceptron(let perceptron):
      let widths = [perceptron.inputs] + perceptron.hidden + [perceptron.outputs]
      return "perceptron " + widths.map(String.init).joined(separator: "-")
    case .residual(let residual):
      let stem = residual.stem
      var first = "\(stem.kernel)x\(stem.kernel) of \(stem.width)"
      if stem.stride > 1 { first += " with stride \(stem.stride)" }
      if stem.maxPool { first += " and a max pool" }
      let stages = residual.stages.map { stage in
        let kind = stage.kind == .basic ? "" : " \(stage.kind.rawValue)"
        return "\(stage.blocks)\(kind) of \(stage.width)"
          + (stage.stride > 1 ? " with stride \(stage.stride)" : "")
      }
      return "residual: \(([first] + stages).joined(separator: ", "))"
    }
  }
}
