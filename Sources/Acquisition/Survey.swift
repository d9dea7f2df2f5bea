// SPDX-License-Identifier: Apache-2.0

/// Whether a chip can be planned.
public enum ChipState: UInt8, Hashable, Sendable, Codable {
  /// The scene covers it with enough valid pixels.
  case surveyed = 0
  /// The scene covers it, but under 90 % of its LR pixels are valid.
  case tooFewValidPixels = 1
  /// Part of it lies outside the scene.
  case outsideScene = 2
}

/// What the agent says of one chip from its LR pixels alone.
public struct ChipSurvey: Hashable, Sendable {
  /// The chip.
  public let chip: ChipIndex
  /// Whether it can be planned; only then do the other fields mean anything.
  public let state: ChipState
  private let keep: ArraySlice<Float>
  private let logits: ArraySlice<Float>

  /// The keep probability of each patch, s_p, `[P]`, row-major, unscaled.
  public var keepProbabilities: [Float] { Array(keep) }
  /// The LR classifier's logits, `[N]`.
  public var lowResolutionLogits: [Float] { Array(logits) }

  /// Creates a record.
  public init(
    chip: ChipIndex, state: ChipState, keepProbabilities: [Float], lowResolutionLogits: [Float]
  ) {
    self.init(
      chip: chip, state: state, keep: keepProbabilities[...], logits: lowResolutionLogits[...])
  }

  init(chip: ChipIndex, state: ChipState, keep: ArraySlice<Float>, logits: ArraySlice<Float>) {
    self.chip = chip
    self.state = state
    self.keep = keep
    self.logits = logits
  }
}

/// What the agent says of every chip of a job, and from what it was made.
public struct Survey: Hashable, Sendable {
  /// The chips' geometry.
  public let grid: ChipGrid
  /// The class names, N of them, in the order of the logits.
  public let classes: [String]
  /// The chips, by row and column.
  public let chips: SurveyedChips
  /// The SHA-256 of the scene, hexadecimal.
  public let sceneDigest: String
  /// The SHA-256 of the model bundle, hexadecimal.
  public let modelDigest: String
  /// The temperature that calibrates the LR classifier's logits (Guo and others, 2017).
  public let lowResolutionTemperature: Float
  /// How the scene was read; nil for a survey from before that was kept.
  public let reading: SceneReading?

  /// Creates a survey; chips are in order and have the grid's patches and the classes' logits.
  public init(
    grid: ChipGrid, classes: [String], chips: SurveyedChips, sceneDigest: String,
    modelDigest: String, lowResolutionTemperature: Float, reading: SceneReading? = nil
  ) {
    precondition(
      chips.patchCount == grid.patchGrid.patchCount && chips.classCount == classes.count,
      "the chips of a survey have its grid's patches and its classes' logits")
    self.grid = grid
    self.classes = classes
    self.chips = chips
    self.sceneDigest = sceneDigest
    self.modelDigest = modelDigest
    self.lowResolutionTemperature = lowResolutionTemperature
    self.reading = reading
  }

  /// The same from single records.
  public init(
    grid: ChipGrid, classes: [String], chips: [ChipSurvey], sceneDigest: String,
    modelDigest: String, lowResolutionTemperature: Float, reading: SceneReading? = nil
  ) {
    var all = SurveyedChips(
      patchCount: grid.patchGrid.patchCount, classCount: classes.count, capacity: chips.count)
    for chip in chips {
      all.append(
        chip.chip, chip.state, keepProbabilities: chip.keepProbabilities,
        lowResolutionLogits: chip.lowResolutionLogits)
    }
    self.init(
      grid: grid, classes: classes, chips: all, sceneDigest: sceneDigest,
      modelDigest: modelDigest, lowResolutionTemperature: lowResolutionTemperature,
      reading: reading)
  }
}

/// The answer for one chip.
public struct ChipResult: Hashable, Sendable, Codable {
  /// The chip.
  public let chip: ChipIndex
  /// The patches whose HR pixels the answer used.
  public let mask: PatchMask
  /// The calibrated class probabilities, `[N]`.
  public let probabilities: [Float]
  /// The most probable class; the lowest index wins a tie.
  public let classIndex: Int

  /// Creates an answer.
  public init(chip: ChipIndex, mask: PatchMask, probabilities: [Float], classIndex: Int) {
    self.chip = chip
    self.mask = mask
    self.probabilities = probabilities
    self.classIndex = classIndex
  }
}
