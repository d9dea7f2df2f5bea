// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import PatchDrop
import Raster
import TestSupport
import Testing

/// Real scenes that do not lie on the chips' lattice: surveyed as they are, and surveyed after
/// gdalwarp has brought them onto it.
@Suite(
  .enabled(
    if: TestPaths.shared != nil && FileManager.default.fileExists(atPath: "/usr/bin/gdalwarp"),
    "SKIPPED: the shared data are not beside the checkout, or gdalwarp is not installed"))
struct WarpedSurveyTests {
  struct Scene: Sendable, CustomTestStringConvertible {
    let file: String
    let model: String
    let crs: String
    let bands: [Int]
    let stretch: Stretch?
    var testDescription: String { file }
  }

  static let scenes = [
    Scene(
      file: "landsat8_b4_elkton_va_4326.tif", model: "eurosat-s2-10m", crs: "EPSG:32617",
      bands: [1, 1, 1], stretch: Stretch("6000,12000")),
    Scene(
      file: "sentinel2_18svg_20160112_9band.tif", model: "eurosat-s2-10m", crs: "EPSG:32618",
      bands: [9, 8, 2], stretch: Stretch("0,2500 0,3000 200,1500")),
    Scene(
      file: "umbra_sar_mount_yasur_rotated.tif", model: "ucmerced-aerial-30cm", crs: "EPSG:32759",
      bands: [1, 1, 1], stretch: nil),
    Scene(
      file: "dateline_utm60n_u16_cog.tif", model: "eurosat-s2-10m", crs: "EPSG:32660",
      bands: [1, 1, 1], stretch: Stretch("0,20000")),
  ]

  @Test(arguments: scenes)
  func `a survey warps as gdalwarp does`(scene: Scene) throws {
    let folder = try TemporaryFolder()
    let file = try #require(TestPaths.shared).appending(path: "data/scenes/\(scene.file)")
    let bundle = try ModelBundle.load(
      from: TestPaths.root.appending(path: "etc/models/\(scene.model).safetensors"))
    let grid = bundle.card.chipGrid(
      crs: scene.crs, origin: .crs, sceneCorner: ProjectedPoint(x: 0, y: 0))
    let layout = try Dataset(trusted: file).layout
    let outline = try layout.outline(in: scene.crs)
    let chips = try Self.middle(of: outline, grid)
    let ours = try Surveyor.survey(
      scene: file, bundle: bundle, grid: grid, chips: chips, bands: scene.bands,
      stretch: scene.stretch)
    let resampling = try #require(ours.reading?.resampling)
    #expect(resampling == (scene.file.hasPrefix("dateline") ? .bilinear : .average))

    let warped = folder.url.appending(path: "warped.tif")
    let (first, last) = (
      grid.lattice.rectangle(of: chips[0]), grid.lattice.rectangle(of: chips[chips.count - 1])
    )
    let size = "\(grid.groundSampleDistanceMetres * Double(grid.zoom))"
    _ = try GDALTools.run(
      "gdalwarp",
      [
        "-q", "-t_srs", scene.crs, "-tr", size, size, "-r", resampling.rawValue, "-et", "0",
        "-ot", "Float32", "-dstalpha", "-te", "\(first.west)", "\(last.south)", "\(last.east)",
        "\(first.north)", file.path, warped.path,
      ])
    let theirs = try Surveyor.survey(
      scene: warped, bundle: bundle, grid: grid, chips: chips, bands: scene.bands,
      stretch: scene.stretch)
    #expect(theirs.reading?.resampling == LowResampling.none)
    let both = zip(ours.chips, theirs.chips).filter {
      $0.state == .surveyed && $1.state == .surveyed
    }
    #expect(both.count >= 20 && both.count == ours.chips.count { $0.state == .surveyed })
    let largest =
      both.flatMap { zip($0.keepProbabilities, $1.keepProbabilities) }
      .map { abs($0 - $1) }.max() ?? 1
    print("\(scene.file): \(both.count) chips, largest difference of keep \(largest)")
    #expect(largest < 1e-4)
  }

  /// Up to eight by eight chips in the middle of an outline, whole rows of them.
  private static func middle(of outline: ProjectedRegion, _ grid: ChipGrid) throws -> [ChipIndex] {
    let all = try grid.chips(covering: outline)
    let columns = all.map(\.column).sorted()
    let rows = all.map(\.row).sorted()
    let (column, row) = (columns[columns.count / 2], rows[rows.count / 2])
    return (row - 4..<row + 4).flatMap { row in
      (column - 4..<column + 4).map { ChipIndex(column: $0, row: row) }
    }
  }
}
