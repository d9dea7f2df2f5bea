// SPDX-License-Identifier: Apache-2.0

import Foundation
import Raster
import TestSupport
import Testing

/// Cloud-Optimised GeoTIFFs as GDAL's own programs see them.
@Suite struct CloudOptimisedTests {
  private static let layout = RasterLayout(
    width: 1500, height: 900, bandCount: 3, pixelType: .uint8, crs: "EPSG:32632",
    transform: GeoTransform(originX: 640_130, originY: 5_330_410, pixelSize: 10))

  private static func write(to url: URL, copyright: String? = nil) throws {
    var writer = try GeoTIFFWriter(url: url, layout: layout, copyright: copyright)
    let samples: [UInt8] = (0..<3 * 256 * 256).map { (index: Int) -> UInt8 in
      UInt8(40 + index / 256 % 160)
    }
    try writer.write(
      Window(bandCount: 3, height: 256, width: 256, samples: samples), column: 700, row: 300)
    try writer.finish(as: .cloudOptimised)
  }

  @Test func `a mosaic has overviews, tiles, a mask and its notice, and lies as it should`() throws
  {
    let scratch = try ScratchFolder()
    let file = scratch.file("mosaic.tif")
    try Self.write(to: file, copyright: "© 2026 Example; contains modified Copernicus data")
    #expect(try scratch.names == ["mosaic.tif"])
    let info = try GDALTools.info(file)
    let metadata = try #require(info["metadata"] as? [String: [String: String]])
    let structure = try #require(metadata["IMAGE_STRUCTURE"])
    #expect(structure["LAYOUT"] == "COG")
    #expect(structure["COMPRESSION"] == "DEFLATE")
    #expect(structure["PREDICTOR"] == "2")
    let notice = metadata[""]?["TIFFTAG_COPYRIGHT"]
    #expect(notice == "© 2026 Example; contains modified Copernicus data")
    let band = try #require((info["bands"] as? [[String: Any]])?.first)
    #expect(band["block"] as? [Int] == [256, 256])
    let sizes = (band["overviews"] as? [[String: Any]])?.compactMap { $0["size"] as? [Int] }
    #expect(sizes == [[750, 450], [375, 225], [187, 112]])
    let mask = try #require(band["mask"] as? [String: Any])
    #expect(mask["flags"] as? [String] == ["PER_DATASET"])
    #expect((mask["overviews"] as? [[String: Any]])?.count == 3)
    #expect((info["coordinateSystem"] as? [String: Any]) != nil)
  }

  @Test func `what was written reads back, and what was not is masked`() throws {
    let scratch = try ScratchFolder()
    try Self.write(to: scratch.file("mosaic.tif"))
    let dataset = try Dataset(trusted: scratch.file("mosaic.tif"))
    #expect(dataset.layout == Self.layout)
    let all: Window<UInt8> = try dataset.readAll()
    #expect(all.validity.count { $0 } == 256 * 256)
    #expect(all.samples[300 * 1500 + 700] == 40)
    #expect(all.samples[301 * 1500 + 700] == 41)
  }

  @Test func `equal pixels give equal bytes`() throws {
    let scratch = try ScratchFolder()
    for name in ["a.tif", "b.tif"] { try Self.write(to: scratch.file(name), copyright: "x") }
    #expect(
      try Data(contentsOf: scratch.file("a.tif")) == Data(contentsOf: scratch.file("b.tif")))
  }

  @Test func `a map of classes keeps its colours, and its overviews show classes`() throws {
    let scratch = try ScratchFolder()
    let file = scratch.file("classes.tif")
    let classes = ClassTable(names: ["Forest", "River", "Crop"])
    var writer = try GeoTIFFWriter(
      url: file, classes: classes, width: 1200, height: 600, crs: "EPSG:32632",
      transform: Self.layout.transform)
    try writer.write(
      Window(
        bandCount: 1, height: 512, width: 1200,
        samples: (0..<512 * 1200).map { (index: Int) -> UInt8 in UInt8(index % 1200 / 400) }),
      column: 0, row: 0)
    try writer.finish(as: .cloudOptimised)
    let info = try GDALTools.info(file)
    let metadata = try #require(info["metadata"] as? [String: [String: String]])
    #expect(metadata["IMAGE_STRUCTURE"]?["LAYOUT"] == "COG")
    #expect(metadata[""]?["CLASS_02"] == "Crop")
    let band = try #require((info["bands"] as? [[String: Any]])?.first)
    #expect(band["noDataValue"] as? Double == 255)
    #expect(band["colorInterpretation"] as? String == "Palette")
    #expect(try Dataset(trusted: file).classes == classes)
    let overview = scratch.file("overview.tif")
    _ = try GDALTools.run(
      "gdal_translate", ["-q", "-outsize", "150", "75", file.path, overview.path])
    let small: Window<UInt8> = try Dataset(trusted: overview).readAll()
    #expect(Set(small.samples).isSubset(of: [0, 1, 2, 255, 0]))
  }

  @Test func `a folder that vanishes is an error, and nothing stays behind`() throws {
    let scratch = try ScratchFolder()
    let folder = scratch.file("gone")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let writer = try GeoTIFFWriter(url: folder.appending(path: "m.tif"), layout: Self.layout)
    try FileManager.default.removeItem(at: folder)
    do {
      try writer.finish(as: .cloudOptimised)
      Issue.record("the copy has no folder to be in")
    } catch {
      #expect(error.kind == "raster-cannot-write")
    }
    #expect(try scratch.names.isEmpty)
  }
}
