// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A training as a person writes it down: where the images are, what the networks look like, how
/// each stage is trained.
///
/// Read from a tree of JSON's kinds of values, such as a YAML file holds; what it does not say is
/// as the paper has it.
public struct TrainingPlan: Sendable {
  /// The images: a path, relative to the file that names it.
  public var data: String
  /// The bundle to write; nil where nothing names one.
  public var output: String?
  /// HR pixels along one LR pixel.
  public var zoom = 8
  /// The side of an HR pixel on the ground, in metres.
  public var groundSampleDistanceMetres = 10.0
  /// Where LR pixels come from.
  public var lowResolution = LowResolutionSource.area
  /// The side that images are brought to; nil where they all have one already.
  public var sidePixels: Int?
  /// A file whose `hr.*` tensors the HR classifier starts from; nil for random weights.
  public var startFrom: String?
  /// Who made the images, and on which terms.
  public var attribution = ""
  /// What the networks look like.
  public var design = DesignChoice()
  /// How the stages are trained.
  public var training = TrainingOptions()

  /// The paper's recipe on some images.
  public init(data: String) { self.data = data }

  /// Reads a plan.
  ///
  /// - Parameters:
  ///   - tree: mappings, lists, texts, numbers and truth values, as JSON's.
  ///   - path: the file it came from, for messages.
  /// - Throws: `ModelError.invalidPlan`, which names the key and what would do.
  public init(tree: Any, path: String) throws(ModelError) {
    guard let fields = tree as? [String: Any] else {
      throw .invalidPlan(path: path, reason: "it is no mapping of keys to values")
    }
    guard fields["data"] is String else {
      throw .invalidPlan(path: path, reason: "the key data, the path of the images, is missing")
    }
    do {
      let standard = try JSONSerialization.jsonObject(
        with: JSONEncoder().encode(TrainingPlan(data: "")))
      let whole = try TreeOverlay.laid(fields, over: standard, at: "")
      self = try JSONDecoder().decode(
        TrainingPlan.self, from: JSONSerialization.data(withJSONObject: whole))
    } catch let unfit as TreeOverlay.Unfit {
      throw .invalidPlan(path: path, reason: unfit.reason)
    } catch {
      throw .invalidPlan(path: path, reason: "\(DecodingProblem(error))")
    }
    if let problem { throw .invalidPlan(path: path, reason: problem) }
  }

  /// What does not make sense, or nil.
  private var problem: String? {
    if !(1...256).contains(zoom) { return "zoom is \(zoom), not from 1 to 256" }
    if !groundSampleDistanceMetres.isFinite || groundSampleDistanceMetres <= 0 {
      return "ground_sample_distance_m is \(groundSampleDistanceMetres), not above 0"
    }
    return training.problem.map { "training.\($0)" }
  }
}

extension TrainingPlan: Codable {
  private enum CodingKeys: String, CodingKey {
    case data
    case output
    case zoom
    case groundSampleDistanceMetres = "ground_sample_distance_m"
    case lowResolution = "low_resolution"
    case sidePixels = "side_px"
    case startFrom = "start_from"
    case attribution
    case design
    case training
  }
}

/// Lays what a person wrote over what is usual, key by key.
enum TreeOverlay {
  struct Unfit: Error { let reason: String }

  /// Keys that may be given though they are usually not.
  private static let optional: [String: Set<String>] = [
    "": ["output", "side_px", "start_from"],
    "training.lr": ["distillation"], "training.warm": ["distillation"],
    "training.pt": ["target_patches"],
    "training.ft1": ["softening", "target_patches", "distillation"],
    "training.ft2": ["softening", "target_patches", "distillation"],
    "training.comparisons": ["distillation"],
  ]

  /// Mappings that are taken whole: one thing or another.
  private static let whole: Set<String> = [
    "design.hr_classifier", "design.lr_classifier", "design.policy", "training.pt.reward",
    "training.ft1.reward", "training.ft2.reward",
  ]

  static func laid(_ given: Any, over usual: Any, at place: String) throws -> Any {
    guard let usual = usual as? [String: Any], !whole.contains(place) else { return given }
    guard let given = given as? [String: Any] else {
      throw Unfit(reason: "\(place) is no mapping of keys to values")
    }
    var result = usual
    var known = Set(usual.keys).union(optional[place] ?? [])
    if place.hasSuffix(".augmentation") { known.insert("upright") }
    for (key, value) in given.sorted(by: { $0.key < $1.key }) {
      let name = place.isEmpty ? key : place + "." + key
      guard known.contains(key) else {
        throw Unfit(
          reason: "the key \(name) is not known; known here are "
            + known.sorted().joined(separator: ", "))
      }
      result[key] = try usual[key].map { try laid(value, over: $0, at: name) } ?? value
    }
    return result
  }
}
