// SPDX-License-Identifier: Apache-2.0

import Acquisition
import ArgumentParser
import Foundation
import PatchDrop
import Raster

/// One survey of ours, in this process, by the code that the daemon runs.
struct MeasureSurveyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "measure-survey", abstract: "Measure one survey.", shouldDisplay: false)

  @Option var lr: String
  @Option var hr: String
  @Option var bundle: String

  func run() throws {
    let line = try JSONEncoder().encode(measure())
    print(String(decoding: line, as: UTF8.self))
  }

  private func measure() throws -> SurveyMeasurement {
    let start = ContinuousClock.now
    var times = StageTimes()
    let scene = URL(filePath: lr)
    let (model, high, grid, chips) = try times.measure(.open) {
      let model = try ModelBundle.load(from: URL(filePath: bundle))
      let layout = try Dataset(trusted: scene).layout
      let grid = model.card.chipGrid(
        crs: layout.crs, origin: .scene,
        sceneCorner: ProjectedPoint(x: layout.extent.west, y: layout.extent.north))
      return (
        model, try SharedDataset(trusted: URL(filePath: hr)), grid,
        try grid.chips(covering: ProjectedRegion(layout.extent))
      )
    }
    let survey = try Surveyor.survey(
      scene: scene, bundle: model, grid: grid, chips: chips, times: &times)
    let choosing = ContinuousClock.now
    let masks = model.agent().masks(survey)
    let chosen = ContinuousClock.now - choosing
    var place = 0
    let results = try ChipClassifier.classify(
      survey: survey, bundle: model, times: &times,
      bought: { chips in
        // The chips are asked for in the survey's order.
        try Self.bought(
          chips.map { chip in
            while survey.chips[place].chip != chip { place += 1 }
            return (chip, masks[place])
          }, of: high, grid: grid)
      })
    let total = ContinuousClock.now - start
    let parts = [
      "open": times[.open], "read_lr": times[.readLow], "policy": times[.policy],
      "classify_lr": times[.classifyLow], "choose": chosen, "read_hr": times[.readHigh],
      "mask": times[.mask], "classify": times[.classify], "total": total,
    ]
    var counts = [Int](repeating: 0, count: survey.classes.count)
    for result in results where !result.mask.isEmpty { counts[result.classIndex] += 1 }
    return SurveyMeasurement(
      seconds: parts.mapValues(\.seconds), chips: survey.chips.count,
      chipsRead: counts.reduce(0, +), patchesChosen: masks.reduce(0) { $0 + $1.count },
      classCounts: counts, peakMiB: Machine.peakMiB)
  }

  /// The masks of some chips and, where they are not empty, their pixels in the HR scene.
  private static func bought(
    _ chosen: [(chip: ChipIndex, mask: PatchMask)], of scene: SharedDataset, grid: ChipGrid
  ) throws -> [ChipClassifier.Bought] {
    var bought: [ChipClassifier.Bought] = chosen.map { ($0.mask, []) }
    let places = chosen.indices.filter { !chosen[$0].mask.isEmpty }
    let rects = try places.map { place in
      let chip = chosen[place].chip
      guard let rect = scene.layout.pixels(of: grid.lattice.rectangle(of: chip)) else {
        throw ModelError.offLattice(
          scene: "the HR scene", reason: "chip \(chip) begins inside of a pixel")
      }
      return rect
    }
    let windows: [Window<UInt8>] = try scene.read(rects)
    for (place, window) in zip(places, windows) { bought[place].pixels = window.samples }
    return bought
  }
}
