// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation
import Platform
import Raster

/// Writes the folder that a person opens when a job has ended: the files of ``ReportFile``.
public enum ReportWriter {
  /// The names of the files, `report.json` last: where it is, the others are whole.
  public static let fileNames = ReportFile.allCases.map(\.rawValue)

  /// Writes all files, each under a temporary name until it is whole and safe.
  ///
  /// Equal inputs give equal bytes. This reads and writes rasters, so it blocks: call it on a
  /// thread of a `ComputePool`. It holds pictures, one window of pixels and a line for each chip in
  /// memory, never an image.
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
    guard let frame = ChipFrame(grid: inputs.survey.grid, chips: chips.map(\.chip)) else {
      throw ReportError.noChips(job: inputs.job.id)
    }
    try DurableFile.createFolder(folder)
    sweep(folder)
    func url(_ file: ReportFile) -> URL { folder.appending(path: file.rawValue) }
    let notice = inputs.notices.joined(separator: "; ")
    let copyright = notice.isEmpty ? nil : notice
    let classes = ClassPalette.table(for: inputs.survey.classes)

    try PredictionsTable.write(
      inputs.results, patchGrid: inputs.survey.grid.patchGrid, classes: inputs.survey.classes,
      to: url(.predictions))
    try PlanGeoJSON.write(inputs, chips: chips, to: url(.plan))
    try ClassMap.write(
      chips, in: frame, classes: classes, crs: inputs.crs, copyright: copyright,
      to: url(.classMap))
    try ClassMap.writeNames(classes, to: url(.classNames))
    let polygons = ClassPolygons(inputs: inputs, chips: chips, classes: classes, notice: notice)
    try polygons.writeGeoJSON(to: url(.classFeatures))
    try polygons.writeGeoPackage(to: url(.classPackage))

    let (scene, contrast) = try Picture.scene(
      Dataset(trusted: inputs.scene.file), inputs, in: frame, paper: ReportPictures.paper)
    var mosaic = ReportPictures.dimmed(scene)
    let bandCount = inputs.model.bandCount
    try Mosaic.write(
      chips, in: frame, bandCount: bandCount, crs: inputs.crs, copyright: copyright,
      to: url(.mosaic), pixels: pixels
    ) { chip, samples in
      mosaic.paint(chip, samples: samples, bandCount: bandCount, contrast: contrast)
    }
    try DurableFile.write(OrderTable.encode(report), to: url(.orders))
    try DurableFile.write(
      CostTable(inputs: inputs, notice: notice).encode(), to: url(.costs))
    let pictures = try ReportPictures(
      scene: scene, mosaic: mosaic, chips: chips, classes: classes)
    let page = try ReportPage(report, pictures: pictures, classes: classes, frame: frame)
    try DurableFile.write(Data(page.html.utf8), to: url(.page))

    let data = try JSON.encoder(pretty: true).encode(report)
    var facts = try fileFacts(in: folder)
    facts[.report] = StacItem.FileFacts(
      byteCount: Int64(data.count), digest: Digest.sha256(data))
    let item = try StacItem(
      report, crs: inputs.crs, frame: frame, classes: classes, files: facts)
    try DurableFile.write(JSON.encoder(pretty: true).encode(item), to: url(.item))
    try DurableFile.write(data, to: url(.report))
    return report
  }

  /// Size and digest of each file that the item lists and that is written already.
  private static func fileFacts(
    in folder: URL
  ) throws -> [ReportFile: StacItem.FileFacts] {
    var facts: [ReportFile: StacItem.FileFacts] = [:]
    for file in ReportFile.allCases where file != .item && file != .report {
      let url = folder.appending(path: file.rawValue)
      let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
      facts[file] = StacItem.FileFacts(
        byteCount: attributes[.size] as? Int64 ?? 0, digest: try Digest.sha256(ofFileAt: url))
    }
    return facts
  }

  /// Removes what an earlier run left under a temporary name when it was killed.
  private static func sweep(_ folder: URL) {
    let prefixes = fileNames.map { ".\($0)." }
    // A folder that cannot be listed, or a file that stays, costs space and nothing else.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for name in names where prefixes.contains(where: { name.hasPrefix($0) }) {
      try? FileManager.default.removeItem(at: folder.appending(path: name))
    }
  }
}
