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
  ///   - scene: a GeoTIFF that was taken in, whose pixels coincide with the grid's.
  ///   - stretch: how values that are not 8-bit become what the model sees.
  ///   - progress: told how many chips of how many are done; false cancels.
  /// - Returns: the chips by row and column; those outside of the scene or with too few valid
  ///   pixels have a state that says so, and zeros.
  /// - Throws: `ModelError` where scene, grid and model do not fit; `RasterError`; and
  ///   `CancellationError`.
  public static func survey(
    scene: URL, bundle: ModelBundle, grid: ChipGrid, chips: [ChipIndex],
    stretch: Stretch? = nil, progress: (_ done: Int, _ total: Int) -> Bool = { _, _ in true }
  ) throws -> Survey {
    var times = StageTimes()
    return try survey(
      scene: scene, bundle: bundle, grid: grid, chips: chips, stretch: stretch, times: &times,
      progress: progress)
  }

  /// The same, adding up how long each part takes.
  package static func survey(
    scene: URL, bundle: ModelBundle, grid: ChipGrid, chips: [ChipIndex],
    stretch: Stretch? = nil, times: inout StageTimes,
    progress: (_ done: Int, _ total: Int) -> Bool = { _, _ in true }
  ) throws -> Survey {
    let agent = bundle.agent()
    try bundle.card.check(grid)
    let dataset = try times.measure(.open) { try SharedDataset(trusted: scene) }
    let name = scene.lastPathComponent
    let place = try ScenePlace(
      dataset.layout, grid: grid, bands: bundle.card.design.bands, name: name)
    let ordered = chips.sorted()
    if stretch == nil {
      try checkScale(of: dataset, at: ordered.lazy.map(place.pixels), name: name)
    }
    var surveys = SurveyedChips(
      patchCount: grid.patchGrid.patchCount, classCount: bundle.card.classes.count,
      capacity: ordered.count)
    for first in stride(from: 0, to: ordered.count, by: batchSize) {
      let part = ordered[first..<min(first + batchSize, ordered.count)]
      let inside = part.filter { dataset.layout.bounds.contains(place.pixels(of: $0)) }
      let windows: [Window<Float>] = try times.measure(.readLow) {
        let windows: [Window<Float>] = try dataset.read(inside.map(place.pixels))
        return stretch.map { stretch in windows.map { $0.stretched(stretch) } } ?? windows
      }
      let seen = try look(agent, at: inside, windows: windows, scene: name, times: &times)
      for chip in part {
        switch seen[chip] {
        case .look(let look)?:
          surveys.append(
            chip, .surveyed, keepProbabilities: look.keepProbabilities,
            lowResolutionLogits: look.lowLogits)
        case .tooFewValidPixels?: surveys.append(chip, unplanned: .tooFewValidPixels)
        case nil: surveys.append(chip, unplanned: .outsideScene)
        }
      }
      guard progress(surveys.count, ordered.count) else { throw CancellationError() }
    }
    return Survey(
      grid: grid, classes: bundle.card.classes, chips: surveys,
      sceneDigest: try Digest.sha256(ofFileAt: scene), modelDigest: bundle.digest,
      lowResolutionTemperature: Float(agent.temperature(boughtCount: 0)))
  }

  /// Checks what can be known of a survey without looking at a pixel.
  ///
  /// - Parameter name: what messages call the scene.
  /// - Throws: `ModelError` where scene, grid and model do not fit.
  public static func check(
    _ scene: RasterLayout, grid: ChipGrid, model: ModelCard, name: String
  ) throws(ModelError) {
    try model.check(grid)
    _ = try ScenePlace(scene, grid: grid, bands: model.design.bands, name: name)
  }

  /// Throws where floating-point values are scaled to 0 to 1: to the model all would be black.
  ///
  /// The first window with a larger value ends it, which in a right scene is the first of all. A
  /// dark scene of whole numbers cannot be a scaled one.
  private static func checkScale(
    of dataset: SharedDataset, at windows: some Sequence<PixelRect>, name: String
  ) throws {
    guard dataset.layout.pixelType == .float32 else { return }
    var isAnyValid = false
    for rect in windows where dataset.layout.bounds.contains(rect) {
      for window: Window<Float> in try dataset.read([rect]) {
        for (index, sample) in window.samples.enumerated()
        where window.validity[index % window.pixelCount] {
          guard sample <= 1 else { return }
          isAnyValid = true
        }
      }
    }
    if isAnyValid { throw ModelError.valuesScaledToOne(scene: name) }
  }

  /// What came of a chip within the scene.
  private enum Sight {
    case look(Agent.Look)
    case tooFewValidPixels
  }

  /// Looks at chips whose windows have enough valid pixels.
  private static func look(
    _ agent: Agent, at chips: [ChipIndex], windows: [Window<Float>], scene: String,
    times: inout StageTimes
  ) throws(ModelError) -> [ChipIndex: Sight] {
    var sights: [ChipIndex: Sight] = [:]
    var (plannable, samples): ([ChipIndex], [[Float]]) = ([], [])
    for (chip, window) in zip(chips, windows) {
      guard window.validShare >= leastValidShare else {
        sights[chip] = .tooFewValidPixels
        continue
      }
      if let value = window.samples.first(where: { !(0...255).contains($0) }) {
        throw .valuesOutOfRange(scene: scene, value: value)
      }
      plannable.append(chip)
      samples.append(window.filled(with: agent.card.normalisation))
    }
    guard !plannable.isEmpty else { return sights }
    for (chip, look) in zip(plannable, agent.looks(samples, times: &times)) {
      sights[chip] = .look(look)
    }
    return sights
  }
}

/// Where the chips of a grid lie among a scene's LR pixels.
private struct ScenePlace {
  /// How far from a whole number of pixels a corner may lie.
  static let tolerancePixels = 1e-3

  private let column: Int
  private let row: Int
  private let side: Int

  init(
    _ layout: RasterLayout, grid: ChipGrid, bands: [String], name: String
  ) throws(ModelError) {
    guard layout.bandCount == bands.count else {
      throw .unlikeModel(
        what: "number of bands of \(name)",
        expected: "\(bands.count) (\(bands.joined(separator: ", ")))", found: "\(layout.bandCount)")
    }
    guard layout.crs == grid.lattice.crs else {
      throw .offLattice(
        scene: name, reason: "it is in \(layout.crs), the lattice in \(grid.lattice.crs)")
    }
    let wanted = grid.groundSampleDistanceMetres * Double(grid.zoom)
    let found = layout.transform.pixelSize
    guard abs(found - wanted) * Double(max(layout.width, layout.height)) < wanted * 1e-3 else {
      throw .unlikeModel(
        what: "pixel size of \(name)", expected: "\(wanted) m", found: "\(found) m")
    }
    let corner = grid.lattice.rectangle(of: ChipIndex(column: 0, row: 0))
    let pixel = layout.transform.pixel(of: ProjectedPoint(x: corner.west, y: corner.north))
    guard abs(pixel.column - pixel.column.rounded()) < Self.tolerancePixels,
      abs(pixel.row - pixel.row.rounded()) < Self.tolerancePixels
    else {
      let shift = (pixel.column - pixel.column.rounded(.down), pixel.row - pixel.row.rounded(.down))
      throw .offLattice(
        scene: name,
        reason: String(
          format: "chips begin %.3f columns and %.3f rows inside of a pixel", shift.0, shift.1))
    }
    column = Int(pixel.column.rounded())
    row = Int(pixel.row.rounded())
    side = grid.lowResolutionPixels
  }

  func pixels(of chip: ChipIndex) -> PixelRect {
    PixelRect(
      column: column + chip.column * side, row: row + chip.row * side, width: side, height: side)
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
  /// The samples as values from 0 to 255.
  fileprivate func stretched(_ stretch: Stretch) -> Window {
    Window(
      bandCount: bandCount, height: height, width: width,
      samples: samples.map { Float(stretch.value($0)) }, validity: validity)
  }

  /// The samples with invalid pixels in the mean colour, which is 0 after normalisation.
  fileprivate func filled(with normalisation: Normalisation) -> [Float] {
    guard validity.contains(false) else { return samples }
    return samples.indices.map { index in
      validity[index % pixelCount]
        ? samples[index] : Float(255 * normalisation.mean[index / pixelCount])
    }
  }
}
