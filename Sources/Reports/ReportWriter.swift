// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation
import Platform
import Raster

/// Writes the folder that a person opens when a job has ended.
///
/// | file | what |
/// |---|---|
/// | `report.html` | the page: money, pictures, orders, classes; all in one file |
/// | `report.json` | ``JobReport`` |
/// | `plan.geojson` | chips and ordered rectangles, ``PlanGeoJSON`` |
/// | `mosaic.tif` | the HR patches that the job used, masked elsewhere |
/// | `classes.tif` | one pixel a chip, with names and colours |
/// | `predictions.tsv` | row, column, mask, class and probability of each chip |
public enum ReportWriter {
  /// The names of the files, `report.json` last: where it is, the others are whole.
  public static let fileNames = [
    "predictions.tsv", "plan.geojson", "classes.tif", "mosaic.tif", "report.html", "report.json",
  ]

  /// Writes all files, each under a temporary name until it is whole and safe.
  ///
  /// Equal inputs give equal bytes. This reads and writes rasters, so it blocks: call it on a
  /// thread of a `ComputePool`. It holds pictures and one window of pixels in memory, never an
  /// image.
  ///
  /// - Parameters:
  ///   - inputs: the job's results.
  ///   - folder: is made where it does not exist.
  ///   - pixels: asked once for each chip that has bought or owned patches, by row and column
  ///     within a window.
  /// - Returns: what `report.json` holds.
  /// - Throws: `ReportError`, `RasterError`, `PlatformError`, `MoneyError`, and what `pixels`
  ///   throws.
  @discardableResult
  public static func write(
    _ inputs: ReportInputs, to folder: URL, pixels: ChipPixels
  ) throws -> JobReport {
    let chips = try inputs.joinedChips()
    let report = try JobReport(inputs, chips: chips)
    let grid = inputs.survey.grid
    guard let frame = ChipFrame(grid: grid, chips: chips.map(\.chip)) else {
      throw ReportError.noChips(job: inputs.job.id)
    }
    try DurableFile.createFolder(folder)
    func url(_ name: String) -> URL { folder.appending(path: name) }
    let classes = ClassPalette.table(for: inputs.survey.classes)
    let (scene, contrast) = try Picture.scene(
      Dataset(trusted: inputs.scene.file), in: frame, paper: ReportPictures.paper)
    var mosaic = ReportPictures.dimmed(scene)

    try DurableFile.write(
      PredictionsTable.encode(
        inputs.results, patchGrid: grid.patchGrid, classes: inputs.survey.classes),
      to: url("predictions.tsv"))
    try DurableFile.write(PlanGeoJSON.encode(inputs, chips: chips), to: url("plan.geojson"))
    try ClassMap.write(
      chips, in: frame, classes: classes, crs: inputs.crs, to: url("classes.tif"))
    try Mosaic.write(
      chips, in: frame, bandCount: inputs.model.bandCount, crs: inputs.crs,
      to: url("mosaic.tif"), pixels: pixels
    ) { chip, samples in
      mosaic.paint(
        chip, samples: samples, bandCount: inputs.model.bandCount, contrast: contrast)
    }
    let pictures = try ReportPictures(
      scene: scene, mosaic: mosaic, chips: chips, classes: classes)
    let page = ReportPage(report, pictures: pictures, classes: classes, frame: frame)
    try DurableFile.write(Data(page.html.utf8), to: url("report.html"))
    try DurableFile.write(JSON.encoder(pretty: true).encode(report), to: url("report.json"))
    return report
  }
}
