// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Raster
import Reports

/// A job that has bought nothing over a scene made for it.
enum StripJob {
  /// Two rows of chips, of which the western half lies on the scene; one patch of each is owned.
  ///
  /// - Parameters:
  ///   - corner: the north-western one, in metres of the system.
  ///   - isAnswered: whether every chip has an answer.
  static func inputs(
    columnCount: Int, crs: String = "EPSG:32632",
    corner: ProjectedPoint = ProjectedPoint(x: 500_000, y: 5_000_000), in folder: URL,
    isAnswered: Bool = false
  ) throws -> ReportInputs {
    let grid = ChipGrid(
      crs: crs, chipPixels: 64, groundSampleDistanceMetres: 10, zoom: 8, patchGrid: .paper,
      origin: .scene, sceneCorner: corner)
    let layout = RasterLayout(
      width: columnCount * 4, height: 16, bandCount: 1, pixelType: .float32, crs: crs,
      transform: GeoTransform(originX: corner.x, originY: corner.y, pixelSize: 80))
    let scene = folder.appending(path: "scene.tif")
    var writer = try GeoTIFFWriter(url: scene, layout: layout)
    let values = (0..<layout.width * layout.height).map { Float($0 % layout.width) / 7 - 20 }
    try writer.write(
      Window(bandCount: 1, height: layout.height, width: layout.width, samples: values), column: 0,
      row: 0)
    try writer.finish()
    let ground = ProjectedRectangle(
      west: corner.x, south: corner.y - 1280, east: corner.x + 640 * Double(columnCount),
      north: corner.y)
    let chips = try grid.chips(covering: ProjectedRegion(ground))
    let survey = Survey(
      grid: grid, classes: ["a"],
      chips: chips.map {
        ChipSurvey(
          chip: $0, state: .surveyed, keepProbabilities: [Float](repeating: 0, count: 16),
          lowResolutionLogits: [1])
      }, sceneDigest: "", modelDigest: "", lowResolutionTemperature: 1)
    var inputs = ReportInputs(
      job: ReportJob(
        id: "strip", tag: nil, state: .done, submittedAt: Date(timeIntervalSince1970: 0),
        finishedAt: Date(timeIntervalSince1970: 0)),
      scene: ReportScene(id: "", name: "", digest: "", file: scene, pixelSizeMetres: 80),
      model: ReportModel(name: "m", digest: "", bandCount: 3), crs: crs, survey: survey,
      budget: "none", currency: SampleJob.euro)
    inputs.owned = Dictionary(uniqueKeysWithValues: chips.map { ($0, PatchMask([0])) })
    if isAnswered {
      inputs.results = chips.map {
        ChipResult(chip: $0, mask: PatchMask([0]), probabilities: [1], classIndex: 0)
      }
    }
    return inputs
  }
}
