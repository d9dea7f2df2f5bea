// SPDX-License-Identifier: Apache-2.0

import Foundation
import Raster
import Testing

@Suite struct SceneSynthesisTests {
  private static let names = [
    SceneSynthesis.highName, SceneSynthesis.lowName, SceneSynthesis.truthName,
  ]

  /// The bytes of the three files of a scene.
  private func files(_ synthesis: SceneSynthesis) throws -> [Data] {
    let scratch = try ScratchFolder()
    try synthesis.write(to: scratch.url)
    #expect(try scratch.names == Self.names.sorted())
    return try Self.names.map { try Data(contentsOf: scratch.file($0)) }
  }

  @Test func theSameSeedGivesTheSameBytesAndAnotherDoesNot() throws {
    let seven = try SceneSynthesis(chipColumns: 6, chipRows: 5, seed: 7)
    let first = try files(seven)
    #expect(try files(seven) == first)
    let other = try files(SceneSynthesis(chipColumns: 6, chipRows: 5, seed: 8))
    #expect(other[0] != first[0] && other[1] != first[1])
  }

  /// Sizes of all sorts: tiles that fill the files' blocks and ones that do not, several of them.
  private static let shapes: [(columns: Int, rows: Int, side: Int, zoom: Int, bands: Int)] = [
    (35, 3, 64, 8, 3), (3, 2, 60, 4, 4), (12, 12, 224, 14, 1), (2, 41, 51, 3, 3),
  ]

  @Test(arguments: shapes)
  func lowResolutionIsTheMeanOfHigh(
    columns: Int, rows: Int, side: Int, zoom: Int, bands: Int
  ) throws {
    let scratch = try ScratchFolder()
    let synthesis = try SceneSynthesis(
      chipColumns: columns, chipRows: rows, chipPixels: side, zoom: zoom, bandCount: bands,
      groundSampleDistanceMetres: 2.5, crs: "EPSG:32733")
    var reports: [Int] = []
    try synthesis.write(to: scratch.url) { done, total in
      reports.append(done)
      return total == columns * rows
    }
    #expect(reports.last == columns * rows && reports == reports.sorted())
    let high = try Dataset(trusted: scratch.file(SceneSynthesis.highName))
    let low = try Dataset(trusted: scratch.file(SceneSynthesis.lowName))
    let truth = try Dataset(trusted: scratch.file(SceneSynthesis.truthName))
    let pixels: Window<UInt8> = try high.readAll()
    let coarse: Window<UInt8> = try low.readAll()
    #expect(pixels.validShare == 1 && coarse.validShare == 1)
    #expect(coarse.samples == pixels.blockMean(zoom: zoom).samples)
    #expect(high.layout.width == columns * side && high.layout.height == rows * side)
    #expect(high.layout.bandCount == bands && high.layout.crs == "EPSG:32733")
    #expect(high.layout.extent == low.layout.extent && high.layout.extent == truth.layout.extent)
    #expect(truth.layout.width == columns && truth.layout.height == rows)
    // The grid origins crs and scene then are the same.
    let corner = [high.layout.transform.originX, high.layout.transform.originY]
    #expect(
      corner.allSatisfy { ($0 / (2.5 * Double(side))).truncatingRemainder(dividingBy: 1) == 0 })
  }

  @Test(.enabled(if: GDALTool.isInstalled, "gdal-bin is not installed"))
  func gdalSeesTheSameGroundAndTheSameMeans() throws {
    let scratch = try ScratchFolder()
    try SceneSynthesis(chipColumns: 8, chipRows: 5, seed: 3).write(to: scratch.url)
    let info = try GDALTool.info(scratch.file(SceneSynthesis.highName))
    let geoTransform = try #require(info["geoTransform"] as? [Double])
    // 640 m a chip: 500 km and 5,000 km rounded to chips, less four chips west, plus two north.
    #expect(geoTransform == [497_280, 10, 0, 5_001_600, 0, -10])
    let wkt = (info["coordinateSystem"] as? [String: Any])?["wkt"] as? String ?? ""
    #expect(wkt.contains("UTM zone 32N") && wkt.contains("ID[\"EPSG\",32632]"))
    let bands = try #require(info["bands"] as? [[String: Any]])
    #expect(bands.map { $0["block"] as? [Int] } == [[256, 256], [256, 256], [256, 256]])
    let structure = (info["metadata"] as? [String: Any])?["IMAGE_STRUCTURE"] as? [String: String]
    #expect(structure?["COMPRESSION"] == "DEFLATE")

    let mean = scratch.file("mean.tif")
    _ = try GDALTool.run(
      "gdal_translate",
      ["-q", "-r", "average", "-outsize", "64", "40", scratch.file("hr.tif").path, mean.path])
    let theirs: Window<UInt8> = try Dataset(trusted: mean).readAll()
    let ours: Window<UInt8> = try Dataset(trusted: scratch.file("lr.tif")).readAll()
    #expect(theirs.samples.count == ours.samples.count)
    #expect(zip(theirs.samples, ours.samples).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
  }

  @Test func truthNamesWhatIsThere() throws {
    let scratch = try ScratchFolder()
    try SceneSynthesis(chipColumns: 40, chipRows: 40, seed: 1).write(to: scratch.url)
    let low: Window<UInt8> = try Dataset(trusted: scratch.file("lr.tif")).readAll()
    let map = try Dataset(trusted: scratch.file("truth.tif"))
    let truth: Window<UInt8> = try map.readAll()
    let names = map.classes?.names ?? []
    #expect(names == EuroSAT.names)

    // The mean colour of each class's chips: what the truth calls a lake must be blue and dark.
    func mean(_ name: String) throws -> [Double] {
      let index = try #require(names.firstIndex(of: name))
      let chips = truth.samples.indices.filter { truth.samples[$0] == UInt8(index) }
      try #require(!chips.isEmpty, "no chip of \(name)")
      return (0..<3).map { band in
        var sum = 0
        for chip in chips {
          for pixel in 0..<64 {
            let (row, column) = (chip / 40 * 8 + pixel / 8, chip % 40 * 8 + pixel % 8)
            sum += Int(low.samples[(band * low.height + row) * low.width + column])
          }
        }
        return Double(sum) / Double(chips.count * 64)
      }
    }
    for name in names { _ = try mean(name) }
    let (lake, forest, factory) = (try mean("SeaLake"), try mean("Forest"), try mean("Industrial"))
    #expect(lake[2] > lake[0] && lake[0] < 60)
    #expect(forest[1] > forest[0] && forest[1] > forest[2] && forest[1] < 90)
    #expect(factory.allSatisfy { $0 > 110 })
  }

  @Test func aCancelledSceneLeavesNothing() throws {
    let scratch = try ScratchFolder()
    let synthesis = try SceneSynthesis(chipColumns: 70, chipRows: 40)
    #expect(throws: CancellationError.self) {
      try synthesis.write(to: scratch.url) { _, _ in false }
    }
    #expect(try scratch.names.isEmpty)
  }

  @Test func refusesWhatCannotBe() {
    func refusal(
      _ columns: Int = 3, side: Int = 64, zoom: Int = 8, bands: Int = 3, gsd: Double = 10,
      crs: String = "EPSG:32632"
    ) -> String {
      do throws(RasterError) {
        _ = try SceneSynthesis(
          chipColumns: columns, chipRows: 3, chipPixels: side, zoom: zoom, bandCount: bands,
          groundSampleDistanceMetres: gsd, crs: crs)
        return ""
      } catch {
        return error.description
      }
    }
    #expect(refusal() == "")
    #expect(refusal(0).hasPrefix("0 x 3 chips make no scene"))
    #expect(refusal(1300).contains("832 km long"))
    #expect(refusal(side: 0).contains("chip of 0 pixels"))
    #expect(refusal(zoom: 7).contains("zoom of 7 does not divide a chip of 64"))
    #expect(refusal(zoom: 0).contains("zoom of 0"))
    #expect(refusal(bands: 2).contains("2 bands"))
    #expect(refusal(gsd: .nan).contains("nan m"))
    #expect(refusal(crs: "EPSG:4326").contains("EPSG:4326 is no UTM zone"))
    #expect(refusal(crs: "EPSG:32661").contains("EPSG:32661"))
  }
}

/// The classes of the product's own model.
private enum EuroSAT {
  static let names = [
    "AnnualCrop", "Forest", "HerbaceousVegetation", "Highway", "Industrial", "Pasture",
    "PermanentCrop", "Residential", "River", "SeaLake",
  ]
}
