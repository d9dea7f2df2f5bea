// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
public import Neural

/// The networks of a training before its images are known: which shape each has, not yet how many
/// bands and classes.
public struct DesignChoice: Sendable, Equatable, Codable {
  /// A network for images.
  public enum Network: Sendable, Equatable {
    /// One of the published ones: `resnet8`, `resnet14`, `resnet20`, `resnet32` for small images,
    /// `resnet10`, `resnet18`, `resnet34`, `resnet50` for large ones.
    case named(String)
    /// A residual network.
    case residual(stem: NetworkDescription.Stem, stages: [NetworkDescription.Stage])
  }

  /// A policy.
  public enum Policy: Sendable, Equatable {
    /// A network of its own, as in the paper.
    case plain(Network)
    /// A perceptron with hidden layers that sees the LR classifier's doubt too.
    case informed(hidden: [Int])
  }

  /// The HR classifier.
  public var hrClassifier = Network.named("resnet32")
  /// The LR classifier.
  public var lrClassifier = Network.named("resnet8")
  /// The policy.
  public var policy = Policy.plain(.named("resnet8"))
  /// Patches along a side of a chip.
  public var patchesPerSide = PatchGrid.paper.side

  /// The paper's networks for CIFAR.
  public init() {}

  /// The design for some images.
  ///
  /// - Throws: `ModelError.invalidDesign`.
  public func design(
    for chips: LabelledChips, groundSampleDistanceMetres: Double
  ) throws(ModelError) -> AgentDesign {
    guard let grid = PatchGrid(side: patchesPerSide) else {
      throw .invalidDesign(reason: "\(patchesPerSide) patches along a side are not 2, 4 or 8")
    }
    let classes = chips.classes.count
    let bands = chips.bandCount
    let policy: PolicyDesign =
      switch self.policy {
      case .plain(let network):
        .plain(try network.description(inputs: bands, outputs: grid.patchCount))
      case .informed(let hidden):
        .informed(
          AgentDesign.informedPolicy(
            hidden: hidden, classCount: classes, bandCount: bands,
            lowResolutionPixels: chips.side / chips.zoom, patchGrid: grid))
      }
    return AgentDesign(
      chipPixels: chips.side, groundSampleDistanceMetres: groundSampleDistanceMetres,
      zoom: chips.zoom,
      bands: bands == 3 ? ["red", "green", "blue"] : (1...max(bands, 1)).map { "band \($0)" },
      patchGrid: grid, hrClassifier: try hrClassifier.description(inputs: bands, outputs: classes),
      lrClassifier: try lrClassifier.description(inputs: bands, outputs: classes), policy: policy)
  }

  private enum CodingKeys: String, CodingKey {
    case hrClassifier = "hr_classifier"
    case lrClassifier = "lr_classifier"
    case policy
    case patchesPerSide = "patches_per_side"
  }
}

extension DesignChoice.Network {
  /// The published networks' names.
  static let names = [
    "resnet8", "resnet14", "resnet20", "resnet32", "resnet10", "resnet18", "resnet34", "resnet50",
  ]

  func description(inputs: Int, outputs: Int) throws(ModelError) -> NetworkDescription {
    switch self {
    case .residual(let stem, let stages):
      return .residual(.init(inputs: inputs, stem: stem, stages: stages, outputs: outputs))
    case .named("resnet10"):
      return .residual(.large(blocks: [1, 1, 1, 1], inputs: inputs, outputs: outputs))
    case .named("resnet18"):
      return .residual(.large(blocks: [2, 2, 2, 2], inputs: inputs, outputs: outputs))
    case .named("resnet34"):
      return .residual(.large(blocks: [3, 4, 6, 3], inputs: inputs, outputs: outputs))
    case .named("resnet50"):
      return .residual(
        .large(blocks: [3, 4, 6, 3], kind: .bottleneck, inputs: inputs, outputs: outputs))
    case .named(let name):
      guard Self.names.contains(name), let layers = Int(name.dropFirst("resnet".count)) else {
        throw .invalidDesign(
          reason: "there is no network \(name); known are \(Self.names.joined(separator: ", "))")
      }
      return .residual(.small(layers: layers, inputs: inputs, outputs: outputs))
    }
  }
}

extension DesignChoice.Network: Codable {
  private enum CodingKeys: CodingKey {
    case stem
    case stages
  }

  /// Reads a name, or a stem and stages.
  public init(from decoder: any Decoder) throws {
    if let name = try? decoder.singleValueContainer().decode(String.self) {
      self = .named(name)
      return
    }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self = .residual(
      stem: try container.decode(NetworkDescription.Stem.self, forKey: .stem),
      stages: try container.decode([NetworkDescription.Stage].self, forKey: .stages))
  }

  /// Writes what is read.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .named(let name):
      var container = encoder.singleValueContainer()
      try container.encode(name)
    case .residual(let stem, let stages):
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(stem, forKey: .stem)
      try container.encode(stages, forKey: .stages)
    }
  }
}

extension DesignChoice.Policy: Codable {
  private enum CodingKeys: CodingKey {
    case informed
  }

  private struct Perceptron: Codable {
    let hidden: [Int]
  }

  /// Reads `informed: {hidden: [...]}`, or a network.
  public init(from decoder: any Decoder) throws {
    if let container = try? decoder.container(keyedBy: CodingKeys.self),
      container.contains(.informed)
    {
      self = .informed(hidden: try container.decode(Perceptron.self, forKey: .informed).hidden)
    } else {
      self = .plain(try DesignChoice.Network(from: decoder))
    }
  }

  /// Writes what is read.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .plain(let network): try network.encode(to: encoder)
    case .informed(let hidden):
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(Perceptron(hidden: hidden), forKey: .informed)
    }
  }
}
