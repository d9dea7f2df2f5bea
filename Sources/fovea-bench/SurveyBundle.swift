// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Neural
import PatchDrop
import Platform

/// A model bundle that does the peers' arithmetic: their policy and their classifier, with their
/// weights.
///
/// The policy is theirs; the LR classifier is theirs too, with a last layer of zeros.
struct SurveyBundle {
  static let policy = "policy8"
  static let classifier = "eurosat64"
  /// HR pixels along one LR pixel; the policy's chips have 8 of these, the classifier's 64.
  static let zoom = 8

  private let networks: [String: [String: Tensor]]

  /// The exported weights, or random ones where there is no export.
  init(exports: URL?) throws {
    var networks: [String: [String: Tensor]] = [:]
    for name in [Self.policy, Self.classifier] {
      if let exports {
        networks[name] = try SafeTensors(
          contentsOf: exports.appending(path: "\(name).weights.safetensors")
        ).tensors()
      } else {
        var generator = SeededGenerator(seed: 7)
        let net = try BenchmarkNetwork(argument: name)
        networks[name] = try Network(.residual(net.description), using: &generator).state()
      }
    }
    self.networks = networks
  }

  /// Writes the bundle for scenes of a pixel size; all but design, weights and rules is the
  /// shipped model's.
  func write(to url: URL, like model: URL, groundSampleDistanceMetres: Double) throws {
    var card = try ModelBundle.load(from: model).card
    let classCount = card.classes.count
    let classifier = try BenchmarkNetwork(argument: Self.classifier)
    let policy = try BenchmarkNetwork(argument: Self.policy)
    var lowClassifier = policy.description
    lowClassifier.outputs = classCount
    var design = AgentDesign(
      chipPixels: classifier.side, groundSampleDistanceMetres: groundSampleDistanceMetres,
      zoom: Self.zoom, bands: ["red", "green", "blue"], classCount: classCount)
    design.hrClassifier = .residual(classifier.description)
    design.lrClassifier = .residual(lowClassifier)
    design.policy = .plain(.residual(policy.description))
    card.design = design
    card.normalisation = Normalisation(mean: [0, 0, 0], std: [1, 1, 1])
    let variant = card.defaultVariant.rawValue
    card.variants = card.variants.filter { $0.key == variant }
    card.variants[variant]?.threshold = 0.5
    card.variants[variant]?.fusion = .none
    card.comparisons = []
    try file(card, variant: variant, classCount: classCount).encoded().write(to: url)
  }

  private func file(
    _ card: ModelCard, variant: String, classCount: Int
  ) throws -> SafeTensors {
    let classifier = networks[Self.classifier] ?? [:]
    let policy = networks[Self.policy] ?? [:]
    guard let weight = policy["fc.weight"] else {
      throw NeuralError.missingTensor(name: "fc.weight", expectedShape: [])
    }
    var lowClassifier = policy
    lowClassifier["fc.weight"] = Tensor(shape: [classCount, weight.shape[1]])
    lowClassifier["fc.bias"] = Tensor(shape: [classCount])
    var file = SafeTensors()
    file.metadata["fovea"] = String(decoding: try JSONEncoder().encode(card), as: UTF8.self)
    file.add(classifier, prefix: "hr.")
    file.add(classifier, prefix: "\(variant).hr.")
    file.add(lowClassifier, prefix: "lr.")
    file.add(policy, prefix: "\(variant).policy.")
    return file
  }
}
