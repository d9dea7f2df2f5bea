// SPDX-License-Identifier: Apache-2.0

public import Acquisition
import Neural

/// What a bundle says of itself: everything that changes an answer, and where it came from.
public struct ModelCard: Sendable, Equatable, Codable {
  /// The format that this program writes and reads.
  public static let currentFormat = 2

  /// One variant: a policy and the HR classifier that goes with it.
  public struct Variant: Sendable, Equatable, Codable {
    /// How both classifiers answer together.
    public var fusion: Fusion
    /// A patch is bought where its keep probability is above.
    public var threshold: Double
    /// The temperature for each number of bought patches.
    public var calibration: [CalibrationRange]
    /// What one more patch is worth, by how sure the LR classifier is.
    public var gain: GainCurves
    /// Alpha in the last epoch of the stage.
    public var alphaEnd: Double
    /// What was wrong with the policy's masks on `tune`; nil for a policy that looks at the chip.
    public var collapse: PolicyCollapse?

    private enum CodingKeys: String, CodingKey {
      case fusion
      case threshold
      case calibration
      case gain
      case alphaEnd = "alpha_end"
      case collapse
    }
  }

  /// A comparison system's HR classifier, fine-tuned on that system's own masks.
  public struct Comparison: Sendable, Equatable, Codable {
    /// Whose masks.
    public var system: ComparisonSystem
    /// The setting, Ft-1 or Ft-2; in Pt all systems share the frozen HR classifier.
    public var stage: AgentVariant
    /// S while it was trained: PatchDrop's on `tune`.
    public var patches: Double
    /// Passes over the training images.
    public var epochs: Int
    /// What its logits are divided by.
    public var temperature: Double
  }

  /// The temperature of answers from `kFrom` to `kTo` bought patches.
  public struct CalibrationRange: Sendable, Equatable, Codable {
    /// The lowest number of patches.
    public var kFrom: Int
    /// The highest number of patches.
    public var kTo: Int
    /// What logits are divided by.
    public var temperature: Double

    private enum CodingKeys: String, CodingKey {
      case kFrom = "k_from"
      case kTo = "k_to"
      case temperature
    }
  }

  /// The images that the model was trained on.
  public struct Data: Sendable, Equatable, Codable {
    /// The data set's name.
    public var name: String
    /// Images of each split.
    public var images: [String: Int]
    /// Who made the images, and on which terms.
    public var attribution: String

    /// Creates a record.
    public init(name: String, images: [String: Int], attribution: String) {
      self.name = name
      self.images = images
      self.attribution = attribution
    }
  }

  /// The format, ``currentFormat``.
  public var format: Int
  /// The model's name.
  public var name: String
  /// The class names, in the order of the logits.
  public var classes: [String]
  /// The shapes: sizes of chips and networks.
  public var design: AgentDesign
  /// How samples become inputs.
  public var normalisation: Normalisation
  /// What unbought pixels become after normalisation.
  public var maskValue: Double
  /// Where LR pixels come from.
  public var lrSource: LowResolutionSource
  /// The variant that is used where none is named.
  public var defaultVariant: AgentVariant
  /// The variants in the bundle, by name.
  public var variants: [String: Variant]
  /// The comparison systems whose classifiers are in the bundle.
  public var comparisons: [Comparison]
  /// What was done beside the paper's recipe, in words; empty where nothing was.
  public var remedies: [String]
  /// How the stages were trained; the seed is among it.
  public var training: TrainingOptions
  /// The command that made the bundle.
  public var command: String
  /// What it was trained on.
  public var data: Data
  /// The rows of its evaluation on `val`.
  public var measured: [EvaluationRow]

  private enum CodingKeys: String, CodingKey {
    case format
    case name
    case classes
    case design
    case normalisation
    case maskValue = "mask_value"
    case lrSource = "lr_source"
    case defaultVariant = "default_variant"
    case variants
    case comparisons
    case remedies
    case training
    case command
    case data
    case measured
  }

  /// The geometry of chips in a system in metres; the origin `scene` needs the scene's corner there.
  public func chipGrid(
    crs: String, origin: GridOrigin, sceneCorner: ProjectedPoint? = nil
  ) -> ChipGrid {
    ChipGrid(
      crs: crs, chipPixels: design.chipPixels,
      groundSampleDistanceMetres: design.groundSampleDistanceMetres, zoom: design.zoom,
      patchGrid: design.patchGrid, origin: origin, sceneCorner: sceneCorner)
  }

  /// What does not make sense, or nil.
  var problem: String? {
    let classCount = classes.count
    guard classCount > 1, Set(classes).count == classCount else {
      return "classes are not two or more different names"
    }
    if let problem = design.problem(classCount: classCount) { return problem }
    let bandCount = design.bands.count
    guard normalisation.mean.count == bandCount, normalisation.std.count == bandCount,
      normalisation.mean.allSatisfy(\.isFinite),
      normalisation.std.allSatisfy({ $0.isFinite && $0 > 0 })
    else { return "normalisation has no mean and positive std for each of \(bandCount) bands" }
    guard maskValue == 0 else { return "mask_value is \(maskValue), not 0" }
    guard variants[defaultVariant.rawValue] != nil else {
      return "the default variant \(defaultVariant.rawValue) is not among the variants"
    }
    for (name, variant) in variants.sorted(by: { $0.key < $1.key }) {
      guard AgentVariant(rawValue: name) != nil else { return "the variant \(name) is not known" }
      guard (0...1).contains(variant.threshold) else {
        return "the threshold of \(name) is \(variant.threshold), not from 0 to 1"
      }
      for count in 0...design.patchGrid.patchCount
      where variant.temperature(boughtCount: count) == nil {
        return "the calibration of \(name) has no positive temperature for \(count) patches"
      }
      if let problem = variant.gain.problem(patchCount: design.patchGrid.patchCount) {
        return "the gain curves of \(name) \(problem)"
      }
    }
    for comparison in comparisons {
      let name = "\(comparison.system.rawValue) of \(comparison.stage.rawValue)"
      guard comparison.stage != .pt, variants[comparison.stage.rawValue] != nil else {
        return "the comparison \(name) is of a stage that has no classifiers of its own"
      }
      guard comparison.temperature.isFinite, comparison.temperature > 0 else {
        return "the temperature of the comparison \(name) is \(comparison.temperature)"
      }
    }
    return nil
  }
}

extension ModelCard.Comparison {
  /// What the names of its classifier's tensors start with.
  var prefix: String { "\(system.rawValue).\(stage.rawValue).hr." }
}

extension ModelCard.Variant {
  /// The temperature for a number of bought patches; nil where the card has none that is usable.
  func temperature(boughtCount: Int) -> Double? {
    calibration.first { $0.kFrom <= boughtCount && boughtCount <= $0.kTo }
      .flatMap { $0.temperature.isFinite && $0.temperature > 0 ? $0.temperature : nil }
  }
}

extension AgentDesign {
  /// What does not make sense, or nil.
  func problem(classCount: Int) -> String? {
    guard (1...64).contains(bands.count) else { return "bands are not 1 to 64 names" }
    guard (1...4096).contains(chipPixels), (1...256).contains(zoom), chipPixels % zoom == 0,
      chipPixels % patchGrid.side == 0
    else { return "\(chipPixels) pixels do not divide by zoom \(zoom) and \(patchGrid.side)" }
    guard groundSampleDistanceMetres.isFinite, groundSampleDistanceMetres > 0 else {
      return "the ground sample distance is \(groundSampleDistanceMetres)"
    }
    for (name, network) in [("hr_classifier", hrClassifier), ("lr_classifier", lrClassifier)] {
      guard network.outputs == classCount else {
        return "\(name) has \(network.outputs) outputs for \(classCount) classes"
      }
      guard network.inputs == bands.count, case .residual = network else {
        return "\(name) is no residual network of \(bands.count) bands"
      }
    }
    switch policy {
    case .plain(let network):
      guard network.inputs == bands.count, network.outputs == patchGrid.patchCount,
        case .residual = network
      else {
        return "policy is no residual network of \(bands.count) bands and "
          + "\(patchGrid.patchCount) patches"
      }
    case .informed(let network):
      let inputs = PolicyNetwork.inputCount(
        classes: classCount, samples: bands.count * lowResolutionPixels * lowResolutionPixels)
      guard network.inputs == inputs, network.outputs == patchGrid.patchCount,
        case .perceptron = network
      else { return "policy is no perceptron from \(inputs) to \(patchGrid.patchCount)" }
    }
    return nil
  }
}
