// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Neural

/// What an agent looks like before it is trained: sizes of chips and shapes of networks.
public struct AgentDesign: Sendable, Equatable, Codable {
  /// The side of a chip in HR pixels.
  public var chipPixels: Int
  /// The side of an HR pixel on the ground, in metres.
  public var groundSampleDistanceMetres: Double
  /// HR pixels along one LR pixel.
  public var zoom: Int
  /// How a chip is cut.
  public var patchGrid: PatchGrid
  /// The bands' names, in order.
  public var bands: [String]
  /// The HR classifier.
  public var hrClassifier: NetworkDescription
  /// The LR classifier.
  public var lrClassifier: NetworkDescription
  /// The policy.
  public var policy: PolicyDesign

  /// Creates a design; without an explicit policy it is an informed one with a hidden layer of 64.
  public init(
    chipPixels: Int, groundSampleDistanceMetres: Double, zoom: Int, bands: [String],
    patchGrid: PatchGrid = .paper, hrClassifier: NetworkDescription,
    lrClassifier: NetworkDescription, policy: PolicyDesign? = nil
  ) {
    self.chipPixels = chipPixels
    self.groundSampleDistanceMetres = groundSampleDistanceMetres
    self.zoom = zoom
    self.patchGrid = patchGrid
    self.bands = bands
    self.hrClassifier = hrClassifier
    self.lrClassifier = lrClassifier
    self.policy =
      policy
      ?? .informed(
        Self.informedPolicy(
          hidden: [64], classCount: lrClassifier.outputs, bandCount: bands.count,
          lowResolutionPixels: chipPixels / max(zoom, 1), patchGrid: patchGrid))
  }

  /// The networks that Fovea trains on chips of 64 pixels: a 14-layer residual HR network with a
  /// stride-2 stem, a residual LR network of four blocks, and an informed policy.
  public init(
    chipPixels: Int, groundSampleDistanceMetres: Double, zoom: Int, bands: [String],
    classCount: Int, width: Int = 24, lowWidth: Int = 32
  ) {
    self.init(
      chipPixels: chipPixels, groundSampleDistanceMetres: groundSampleDistanceMetres, zoom: zoom,
      bands: bands,
      hrClassifier: .residual(
        .init(
          inputs: bands.count, stem: .init(kernel: 3, stride: 2, width: width),
          stages: [
            .init(blocks: 2, width: width), .init(blocks: 2, width: 2 * width, stride: 2),
            .init(blocks: 2, width: 4 * width, stride: 2),
          ], outputs: classCount)),
      lrClassifier: .residual(
        .init(
          inputs: bands.count, stem: .init(kernel: 3, width: lowWidth),
          stages: [
            .init(blocks: 2, width: lowWidth),
            .init(blocks: 2, width: 2 * lowWidth, stride: 2),
          ], outputs: classCount)))
  }

  /// The perceptron of an informed policy with the given hidden layers.
  public static func informedPolicy(
    hidden: [Int], classCount: Int, bandCount: Int, lowResolutionPixels: Int, patchGrid: PatchGrid
  ) -> NetworkDescription {
    .perceptron(
      .init(
        inputs: PolicyNetwork.inputCount(
          classes: classCount, samples: bandCount * lowResolutionPixels * lowResolutionPixels),
        hidden: hidden, outputs: patchGrid.patchCount))
  }

  /// The side of a chip in LR pixels.
  public var lowResolutionPixels: Int { chipPixels / zoom }

  private enum CodingKeys: String, CodingKey {
    case chipPixels = "chip_pixels"
    case groundSampleDistanceMetres = "ground_sample_distance_m"
    case zoom
    case patchGrid = "grid"
    case bands
    case hrClassifier = "hr_classifier"
    case lrClassifier = "lr_classifier"
    case policy
  }
}
