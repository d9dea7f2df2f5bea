// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation
import Platform
public import Raster

/// Looks at the LR pixels of chips and says what is worth buying.
public enum Surveyor {
  /// The share of a chip's LR pixels that must be valid for it to be planned.
  public static let leastValidShare = 0.9

  /// How many chips are read and looked at at a time: whole groups, as when classifying.
  private static let batchSize = 10 * ChipClassifier.batchSize

  /// Surveys chips over a scene of ours.
  ///
  /// Blocks for as long as it takes: call it on a plain thread. Holds the pixels of a batch of
  /// chips at a time, however many there are.
  ///
  /// - Parameters:
  ///   - scene: a GeoTIFF that was taken in; where its pixels do not coincide with the grid's they
  ///     are warped onto it.
  ///   - bands: the scene's bands that the model sees, from 1; all as they are when not given.
  ///   - stretch: how values that are not 8-bit become what the model sees.
  ///   - progress: told how many chips of how many are done; false cancels.
  /// - Returns: the chips by row and column; those outside of the scene or with too few valid
  ///   pixels have a state that says so, and zeros.
  /// - Throws: `ModelError` where scene, grid and model do not fit; `RasterError`; and
  ///   `CancellationError`.
  public static func survey(
    scene: URL, bundle: ModelBundle, grid: ChipGrid, chips: [ChipIndex], bands: [Int]? = nil,
    stretch: Stretch? = nil, progress: (_ done: Int, _ total: Int) -> Bool = { _, _ in true }
  ) throws -> Survey {
    var times = StageTimes()
    return try survey(
      scene: scene, bundle: bundle, grid: grid, chips: chips, bands: bands, stretch: stretch,
      times: &times, progress: progress)
  }

  /// The same, adding up how long each part takes.
  package static func survey(
    scene: URL, bundle: ModelBundle, grid: ChipGrid, chips: [ChipIndex], bands: [Int]? = nil,
    stretch: Stretch? = nil, times: inout StageTimes,
    progress: (_ done: Int, _ total: Int) -> Bool = { _, _ in true }
  ) throws -> Survey {
    let agent = bundle.agent()
    try bundle.card.check(grid)
    let dataset = try times.measure(.open) { try SharedDataset(trusted: scene) }
    let name = scene.lastPathComponent
    let windows = try LowWindows(
      dataset, grid: grid, card: bundle.card, bands: bands, stretch: stretch, name: name)
    let ordered = chips.sorted()
    if stretch == nil { try checkScale(of: windows, at: ordered, name: name) }
    var surveys = SurveyedChips(
      patchCount: grid.patchGrid.patchCount, classCount: bundle.card.classes.count,
      capacity: ordered.count)
    for first in stride(from: 0, to: ordered.count, by: batchSize) {
      let part = ordered[first..<min(first + batchSize, ordered.count)]
      let seen = try look(agent, at: Array(part), of: windows, scene: name, times: &times)
      for (chip, sight) in zip(part, seen) {
        switch sight {
        case .look(let look):
          surveys.append(
            chip, .surveyed, keepProbabilities: look.keepProbabilities,
            lowResolutionLogits: look.lowLogits)
        case .nothing(let state): surveys.append(chip, unplanned: state)
        }
      }
      guard progress(surveys.count, ordered.count) else { throw CancellationError() }
    }
    return Survey(
      grid: grid, classes: bundle.card.classes, chips: surveys,
      sceneDigest: try Digest.sha256(ofFileAt: scene), modelDigest: bundle.digest,
      lowResolutionTemperature: Float(agent.temperature(boughtCount: 0)),
      reading: windows.reading)
  }

  /// How a scene would be read: all that can be known of a survey without looking at a pixel.
  ///
  /// - Parameters:
  ///   - colours: the colour of each of the scene's bands, where its file tells.
  ///   - bands: what a person asked for, from 1; chosen by colour or number when nil.
  ///   - name: what messages call the scene.
  /// - Throws: `ModelError` where scene, grid and model do not fit.
  public static func reading(
    of scene: RasterLayout, colours: [String?], grid: ChipGrid, model: ModelCard, bands: [Int]?,
    stretch: Stretch?, name: String
  ) throws(ModelError) -> SceneReading {
    try model.check(grid)
    let place = try ScenePlace(scene, grid: grid, name: name)
    return try place.reading(
      bands: try model.bands(asked: bands, of: colours, name: name), stretch: stretch)
  }

  /// Throws where floating-point values are scaled to 0 to 1: to the model all would be black.
  ///
  /// The first window with a larger value ends it, which in a right scene is the first of all. A
  /// dark scene of whole numbers cannot be a scaled one.
  private static func checkScale(
    of windows: LowWindows, at chips: [ChipIndex], name: String
  ) throws {
    guard windows.pixelType == .float32 else { return }
    var isAnyValid = false
    for chip in chips {
      for window in try windows.read([chip]) {
        for (index, sample) in window.samples.enumerated()
        where window.validity[index % window.pixelCount] {
          guard sample <= 1 else { return }
          isAnyValid = true
        }
      }
    }
    if isAnyValid { throw ModelError.valuesScaledToOne(scene: name) }
  }

  /// What came of a chip.
  private enum Sight {
    case look(Agent.Look)
    case nothing(ChipState)
  }

  /// Looks at the chips whose windows have enough valid pixels.
  ///
  /// - Returns: a sight for each chip, in order.
  private static func look(
    _ agent: Agent, at chips: [ChipIndex], of scene: LowWindows, scene name: String,
    times: inout StageTimes
  ) throws -> [Sight] {
    var sights = [Sight](repeating: .nothing(.outsideScene), count: chips.count)
    let touching = chips.indices.filter { scene.touches(chips[$0]) }
    let windows = try times.measure(.readLow) { try scene.read(touching.map { chips[$0] }) }
    var (plannable, samples): ([Int], [[Float]]) = ([], [])
    for (place, window) in zip(touching, windows) {
      guard window.validShare >= leastValidShare else {
        let isCovered = scene.coveredShare(of: chips[place]) >= leastValidShare
        sights[place] = .nothing(isCovered ? .tooFewValidPixels : .outsideScene)
        continue
      }
      if let value = window.samples.first(where: { !(0...255).contains($0) }) {
        throw ModelError.valuesOutOfRange(scene: name, value: value)
      }
      plannable.append(place)
      samples.append(window.filled(with: agent.card.normalisation))
    }
    guard !plannable.isEmpty else { return sights }
    for (place, look) in zip(plannable, agent.looks(samples, times: &times)) {
      sights[place] = .look(look)
    }
    return sights
  }
}

extension ModelCard {
  /// Throws where a grid has not the model's chips.
  func check(_ grid: ChipGrid) throws(ModelError) {
    let distance = grid.groundSampleDistanceMetres
    guard grid.chipPixels == design.chipPixels, grid.zoom == design.zoom,
      grid.patchGrid == design.patchGrid,
      abs(distance - design.groundSampleDistanceMetres) < 1e-6 * distance
    else {
      throw .unlikeModel(
        what: "chip grid",
        expected:
          "\(design.chipPixels) px of \(design.groundSampleDistanceMetres) m, zoom \(design.zoom)",
        found: "\(grid.chipPixels) px of \(distance) m, zoom \(grid.zoom)")
    }
  }
}

extension Window where Sample == Float {
  /// The samples with invalid pixels in the mean colour, which is 0 after normalisation.
  fileprivate func filled(with normalisation: Normalisation) -> [Float] {
    guard validity.contains(false) else { return samples }
    return samples.indices.map { index in
      validity[index % pixelCount]
        ? samples[index] : Float(255 * normalisation.mean[index / pixelCount])
    }
  }
}
