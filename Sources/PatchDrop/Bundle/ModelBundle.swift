// SPDX-License-Identifier: Apache-2.0

import Acquisition
public import Foundation
import Neural
import Platform

/// A trained agent as one file: the networks of all variants and what must be known to use them.
///
/// ```swift
/// let bundle = try ModelBundle.load(from: url)
/// let agent = bundle.agent()
/// ```
public struct ModelBundle: Sendable {
  /// What the bundle says of itself.
  public let card: ModelCard
  /// The SHA-256 of the file, 64 hexadecimal digits.
  public let digest: String

  let hrClassifier: Network
  let lrClassifier: Network
  let policies: [AgentVariant: PolicyNetwork]
  let hrClassifiers: [AgentVariant: Network]
  let comparisonClassifiers: [String: Network]

  /// Loads a bundle and checks all of it.
  ///
  /// - Throws: `ModelError`: the file is none, its format is not known, a field or tensor is
  ///   missing or has the wrong shape, a weight is no finite number.
  public static func load(from url: URL) throws(ModelError) -> ModelBundle {
    let path = url.path
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw .notABundle(path: path, reason: error.localizedDescription)
    }
    return try ModelBundle(data, path: path)
  }

  /// Reads a bundle's bytes and checks all of them; `path` is for messages.
  package init(_ data: Data, path: String) throws(ModelError) {
    let file: SafeTensors
    do throws(NeuralError) {
      file = try SafeTensors(data)
    } catch {
      throw .notABundle(path: path, reason: error.bundleProblem)
    }
    let card = try Self.readCard(file, path: path)
    try self.init(card: card, file: file, digest: Digest.sha256(data), path: path)
  }

  /// The agent of a variant, the default one where none is named.
  ///
  /// - Precondition: the bundle has the variant; see ``variants``.
  public func agent(_ variant: AgentVariant? = nil) -> Agent {
    let variant = variant ?? card.defaultVariant
    guard let policy = policies[variant], let hrClassifier = hrClassifiers[variant],
      let settings = card.variants[variant.rawValue]
    else { preconditionFailure("The bundle has no variant \(variant.rawValue).") }
    return Agent(
      card: card, settings: settings, policy: policy, hrClassifier: hrClassifier,
      lrClassifier: lrClassifier)
  }

  /// A comparison system's agent: the variant's own, but for the HR classifier that was fine-tuned
  /// on the system's masks, and its temperature; in Pt the variant's own altogether.
  ///
  /// Nil where the bundle has no classifier of the system.
  func agent(_ variant: AgentVariant, comparedTo system: ComparisonSystem) -> Agent? {
    if variant == .pt { return agent(.pt) }
    guard let policy = policies[variant], var settings = card.variants[variant.rawValue],
      let comparison = card.comparisons.first(where: { $0.system == system && $0.stage == variant }
      ),
      let network = comparisonClassifiers[comparison.prefix]
    else { return nil }
    let range = 0...card.design.patchGrid.patchCount
    settings.calibration = [
      .init(kFrom: range.lowerBound, kTo: range.upperBound, temperature: comparison.temperature)
    ]
    return Agent(
      card: card, settings: settings, policy: policy, hrClassifier: network,
      lrClassifier: lrClassifier)
  }

  /// The variants in the bundle, in the order of training.
  public var variants: [AgentVariant] {
    AgentVariant.allCases.filter { card.variants[$0.rawValue] != nil }
  }

  private init(
    card: ModelCard, file: SafeTensors, digest: String, path: String
  ) throws(ModelError) {
    let reader = NetworkReader(weights: try StoredWeights(file, path: path), path: path)
    self.card = card
    self.digest = digest
    hrClassifier = try reader.network(card.design.hrClassifier, prefix: "hr.")
    lrClassifier = try reader.network(card.design.lrClassifier, prefix: "lr.")
    var policies: [AgentVariant: PolicyNetwork] = [:]
    var classifiers: [AgentVariant: Network] = [:]
    for variant in AgentVariant.allCases where card.variants[variant.rawValue] != nil {
      let prefix = variant.rawValue + "."
      policies[variant] = PolicyNetwork(
        try reader.network(card.design.policy.network, prefix: prefix + "policy."))
      classifiers[variant] = try reader.network(card.design.hrClassifier, prefix: prefix + "hr.")
    }
    self.policies = policies
    hrClassifiers = classifiers
    var comparisons: [String: Network] = [:]
    for comparison in card.comparisons {
      comparisons[comparison.prefix] = try reader.network(
        card.design.hrClassifier, prefix: comparison.prefix)
    }
    comparisonClassifiers = comparisons
  }

  private static func readCard(
    _ file: SafeTensors, path: String
  ) throws(ModelError) -> ModelCard {
    struct Format: Decodable { let format: Int }
    guard let text = file.metadata["fovea"] else {
      throw .notABundle(path: path, reason: "its metadata has no key fovea")
    }
    let card: ModelCard
    do {
      let format = try JSONDecoder().decode(Format.self, from: Data(text.utf8)).format
      guard format == ModelCard.currentFormat else {
        throw ModelError.unknownFormat(
          path: path, found: format, known: ModelCard.currentFormat)
      }
      card = try JSONDecoder().decode(ModelCard.self, from: Data(text.utf8))
    } catch let error as ModelError {
      throw error
    } catch {
      throw .invalidField(path: path, reason: "\(DecodingProblem(error))")
    }
    if let problem = card.problem { throw .invalidField(path: path, reason: problem) }
    return card
  }

  /// Writes a bundle, its weights as ``StoredWeights`` keeps them; whole or not at all.
  static func write(_ tensors: [String: Tensor], card: ModelCard, to url: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var file = SafeTensors()
    file.metadata["fovea"] = String(decoding: try encoder.encode(card), as: UTF8.self)
    // How many batches the statistics saw matters to training alone.
    for (name, tensor) in tensors where !name.hasSuffix("num_batches_tracked") {
      StoredWeights.add(tensor, named: name, to: &file)
    }
    try DurableFile.write(file.encoded(), to: url)
  }
}

/// Networks from the weights of a file.
private struct NetworkReader {
  let weights: StoredWeights
  let path: String

  func network(
    _ description: NetworkDescription, prefix: String
  ) throws(ModelError) -> Network {
    let state = try weights.tensors(prefix: prefix)
    do throws(NeuralError) {
      return try Network(description, state: state)
    } catch {
      switch error {
      case .missingTensor(let name, let shape):
        throw .missingTensor(path: path, tensor: prefix + name, expectedShape: shape)
      case .wrongShape(let name, let expected, let found):
        throw .wrongShape(path: path, tensor: prefix + name, expected: expected, found: found)
      case .unexpectedTensor(let name):
        throw .notABundle(
          path: path, reason: NeuralError.unexpectedTensor(name: prefix + name).bundleProblem)
      default: throw .notABundle(path: path, reason: error.bundleProblem)
      }
    }
  }
}
