// SPDX-License-Identifier: Apache-2.0

public import Acquisition
import Foundation

/// Why data, a model bundle or a scene cannot be used by an agent, or a training go on.
public enum ModelError: Error, Sendable, Equatable, CustomStringConvertible {
  // Data.
  /// A line of a table of masks cannot be read.
  case malformedTable(path: String, line: Int, reason: String)
  /// No image is in the wanted splits.
  case empty(path: String, splits: [String])
  /// Data does not fit the model.
  case unlikeModel(what: String, expected: String, found: String)

  // Training.
  /// A training's file makes no sense.
  case invalidPlan(path: String, reason: String)
  /// No agent can be built from these sizes.
  case invalidDesign(reason: String)
  /// The loss is no longer a number.
  case diverged(stage: String, epoch: Int)

  // Bundles.
  /// No folder has a model of this name.
  case notFound(name: String, folders: [String])
  /// The file cannot be read or is no bundle.
  case notABundle(path: String, reason: String)
  /// The bundle was written in a format that this program does not know.
  case unknownFormat(path: String, found: Int, known: Int)
  /// A field of the bundle's description is missing or senseless.
  case invalidField(path: String, reason: String)
  /// A tensor is not there.
  case missingTensor(path: String, tensor: String, expectedShape: [Int])
  /// A tensor has another shape than the network's.
  case wrongShape(path: String, tensor: String, expected: [Int], found: [Int])
  /// A weight is infinite or not a number.
  case notFinite(path: String, tensor: String)

  // Scenes.
  /// The scene has no place on the chips' lattice.
  case offLattice(scene: String, reason: String)
  /// The scene's bands are not those that the model needs.
  case bands(scene: String, reason: String, remedy: String)
  /// A stretch has neither one range nor one for each band.
  case stretchCount(found: Int, bandCount: Int)
  /// The scene's pixels are much larger than the model's LR pixels.
  case tooCoarse(scene: String, foundMetres: Double, wantedMetres: Double)
  /// The scene's values are not 8-bit ones, and nobody said how they become so.
  case needsStretch(scene: String, least: Float, most: Float, suggestion: Stretch)
  /// The scene's values are outside of what the model was trained on.
  case valuesOutOfRange(scene: String, value: Float)
  /// The scene's values are scaled to 0 to 1.
  case valuesScaledToOne(scene: String)
  /// A survey file cannot be used.
  case invalidSurvey(path: String, reason: String)

  /// What is wrong, and what to do.
  public var description: String { "\(reason). \(remedy)" }

  /// What is wrong; a sentence's body without its end.
  public var reason: String {
    switch self {
    case .malformedTable(let path, let line, let reason): "\(path), line \(line): \(reason)"
    case .empty(let path, let splits):
      "\(path) has no images of the split \(splits.joined(separator: ", "))"
    case .unlikeModel(let what, let expected, let found):
      "the \(what) is \(found), and the model was made for \(expected)"
    case .invalidPlan(let path, let reason): "\(path) describes no training: \(reason)"
    case .invalidDesign(let reason): "no agent can be built: \(reason)"
    case .diverged(let stage, let epoch):
      "the loss of stage \(stage) is no number in epoch \(epoch)"
    case .notFound(let name, let folders):
      "there is no model \(name) in \(folders.joined(separator: ", "))"
    case .notABundle(let path, let reason): "\(path) is no model bundle: \(reason)"
    case .unknownFormat(let path, let found, let known):
      "\(path) has format \(found), and this program reads format \(known)"
    case .invalidField(let path, let reason): "the description in \(path) is wrong: \(reason)"
    case .missingTensor(let path, let tensor, let shape):
      "\(path) has no tensor \(tensor), which should have shape \(shape)"
    case .wrongShape(let path, let tensor, let expected, let found):
      "the tensor \(tensor) of \(path) has shape \(found), not \(expected)"
    case .notFinite(let path, let tensor):
      "the tensor \(tensor) of \(path) holds a value that is no finite number"
    case .offLattice(let scene, let reason):
      "\(scene) has no place on the chips' lattice: \(reason)"
    case .bands(_, let reason, _): reason
    case .stretchCount(let found, let bandCount):
      "the stretch has \(found) ranges, and the model sees \(bandCount) bands"
    case .tooCoarse(let scene, let found, let wanted):
      "a pixel of \(scene) is \(Self.metres(found)) wide, and the model looks at pixels of "
        + "\(Self.metres(wanted)): between them there is nothing to see"
    case .needsStretch(let scene, let least, let most, _):
      "\(scene) holds values from \(Self.number(least)) to \(Self.number(most)), and the model was "
        + "trained on values from 0 to 255"
    case .valuesOutOfRange(let scene, let value):
      "\(scene) holds the value \(value), and the model was trained on values from 0 to 255"
    case .valuesScaledToOne(let scene):
      "\(scene) is of type Float32 and holds no value above 1 where it was to be surveyed, and the "
        + "model was trained on values from 0 to 255"
    case .invalidSurvey(let path, let reason): "\(path) is no survey: \(reason)"
    }
  }

  /// What to do; a sentence.
  public var remedy: String {
    switch self {
    case .malformedTable: "Write a row, a column and a mask a line, separated by tabs."
    case .empty: "Give a data set with images of that split, or check its labels.tsv."
    case .unlikeModel: "Give data like the model's, or train a model on this data."
    case .invalidPlan:
      "Mend that key; the manual's page on training lists all of them with what is usual."
    case .invalidDesign:
      "Give images whose side is a multiple of the zoom and of the patches along a chip."
    case .diverged:
      "Lower the stage's learning rate; finished stages are kept and will not run again."
    case .notFound:
      "Give one of their names, or, to a command without the daemon, a path with a / in it."
    case .notABundle, .invalidField, .missingTensor, .wrongShape, .notFinite:
      "Take a fresh copy of the bundle, or write it again with fovea train."
    case .unknownFormat: "Use the version of fovea that wrote it, or a newer one."
    case .offLattice: "Name a system in metres that holds all of the scene, or cut the scene."
    case .bands(_, _, let remedy): remedy
    case .stretchCount: "Give one MIN,MAX for all bands, or one for each."
    case .tooCoarse:
      "Give a scene of finer pixels, or a model that looks at coarser ones (fovea models)."
    case .needsStretch(_, _, _, let suggestion):
      "Say which numbers become 0 and 255, for instance "
        + suggestion.ranges.map { "--stretch=\($0)" }.joined(separator: " ")
        + ": 2 % of a sample of its values lie below, 2 % above. It is a suggestion; the answers "
        + "depend on it, so judge it."
    case .valuesOutOfRange:
      "Give the job a --stretch MIN,MAX, or rescale the scene with gdal_translate -ot Byte -scale."
    case .valuesScaledToOne:
      "Rescale the scene with gdal_translate -scale 0 1 0 255 -ot Float32, or give it as 8-bit."
    case .invalidSurvey: "Delete it; the survey is made again from the scene."
    }
  }

  private static func number(_ value: Float) -> String {
    value == value.rounded() && abs(value) < 1e9 ? "\(Int(value))" : "\(value)"
  }

  /// A length with three digits: `80 m`, `1.2 m`.
  package static func metres(_ metres: Double) -> String {
    String(format: "%.4g m", (metres * 1000).rounded() / 1000)
  }
}
