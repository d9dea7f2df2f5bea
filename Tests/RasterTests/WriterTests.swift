// SPDX-License-Identifier: Apache-2.0

import Foundation
import Raster
import Testing

@Suite struct WriterTests {
  /// A window whose values tell where they are.
  private func pattern(_ bandCount: Int, _ height: Int, _ width: Int) -> Window<UInt8> {
    let samples = (0..<bandCount * height * width).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    return Window(bandCount: bandCount, height: height, width: width, samples: samples)
  }

  @Test func writesWindowsAndLeavesTheRestEmpty() throws {
    let scratch = try ScratchFolder()
    let url = scratch.file("mosaic.tif")
    let layout = RasterLayout(
      width: 600, height: 300, bandCount: 3, pixelType: .uint8, crs: "EPSG:32632",
      transform: GeoTransform(originX: 640_130, originY: 5_330_410, pixelSize: 10))
    let window = pattern(3, 64, 64)
    var writer = try GeoTIFFWriter(url: url, layout: layout)
    try writer.write(window, column: 230, row: 200)
    try writer.finish()
    #expect(try scratch.names == ["mosaic.tif"])

    let dataset = try Dataset(trusted: url)
    #expect(dataset.layout == layout)
    let there: Window<UInt8> = try dataset.read(
      PixelRect(column: 230, row: 200, width: 64, height: 64))
    #expect(there.samples == window.samples)
    #expect(there.validShare == 1)
    let all: Window<UInt8> = try dataset.readAll()
    #expect(all.validity.count(where: { $0 }) == 64 * 64)
  }

  @Test func anAbandonedFileDoesNotRemain() throws {
    let scratch = try ScratchFolder()
    do {
      var writer = try GeoTIFFWriter(
        url: scratch.file("half.tif"), layout: RasterFixtures.layout)
      try writer.write(pattern(3, 8, 8), column: 0, row: 0)
    }
    #expect(try scratch.names.isEmpty)
  }

  @Test func aFolderThatIsNotThereIsAnError() {
    let error = #expect(throws: RasterError.self) {
      let writer = try GeoTIFFWriter(
        url: URL(filePath: "/nowhere/mosaic.tif"), layout: RasterFixtures.layout)
      try writer.finish()
    }
    #expect(error?.kind == "raster-cannot-write")
  }

  @Test func keepsFloatingPointAndItsHoles() throws {
    let scratch = try ScratchFolder()
    let source = try Dataset(trusted: RasterFixtures.url("float.tif"))
    let window: Window<Float> = try source.readAll()
    var writer = try GeoTIFFWriter(url: scratch.file("copy.tif"), layout: source.layout)
    try writer.write(window, column: 0, row: 0)
    try writer.finish()
    let copy: Window<Float> = try Dataset(trusted: scratch.file("copy.tif")).readAll()
    #expect(copy.samples == window.samples)
    #expect(copy.validity == window.validity)
  }

  @Test func writesAMapOfClasses() throws {
    let scratch = try ScratchFolder()
    let url = scratch.file("classes.tif")
    let classes = ClassTable(names: ["Forest", "River", "Meadow & more"])
    var validity = [Bool](repeating: true, count: 6)
    validity[4] = false
    let window = Window<UInt8>(
      bandCount: 1, height: 2, width: 3, samples: [0, 1, 2, 2, 0, 0], validity: validity)
    var writer = try GeoTIFFWriter(
      url: url, classes: classes, width: 3, height: 2, crs: "EPSG:32632",
      transform: GeoTransform(originX: 640_130, originY: 5_330_410, pixelSize: 640))
    try writer.write(window, column: 0, row: 0)
    try writer.finish()
    let dataset = try Dataset(trusted: url)
    #expect(dataset.classes == classes)
    let copy: Window<UInt8> = try dataset.readAll()
    #expect(copy.samples == [0, 1, 2, 2, 0, 0])
    #expect(copy.validity == validity)
  }

  @Test(.enabled(if: GDALTool.isInstalled, "gdal-bin is not installed"))
  func cutsWhatGDALCuts() throws {
    let scratch = try ScratchFolder()
    let rect = PixelRect(column: 100, row: 33, width: 300, height: 270)
    let source = RasterFixtures.demo("eurosat_hr.tif")
    let layout = try Dataset(trusted: source).cut(rect, to: scratch.file("ours.tif"))
    let translate = [
      "-q", "-srcwin", "100", "33", "300", "270", source.path, scratch.file("theirs.tif").path,
    ]
    _ = try GDALTool.run("gdal_translate", translate)
    let ours = try GDALTool.info(scratch.file("ours.tif"))
    let theirs = try GDALTool.info(scratch.file("theirs.tif"))
    #expect(GDALTool.checksums(ours) == GDALTool.checksums(theirs))
    #expect(GDALTool.checksums(ours).count == 3)
    let places = [ours, theirs].map { $0["geoTransform"] as? [Double] ?? [] }
    #expect(places[0] == places[1])
    #expect(try Dataset(trusted: scratch.file("theirs.tif")).layout == layout)
    // A window's metadata is its own: nothing of the source's comes along.
    let metadata = (ours["metadata"] as? [String: Any])?[""] as? [String: String]
    #expect(metadata.map { Array($0.keys) } == ["AREA_OR_POINT"])
  }

  @Test(.enabled(if: GDALTool.isInstalled, "gdal-bin is not installed"))
  func classMapsOpenElsewhere() throws {
    let scratch = try ScratchFolder()
    let classes = ClassTable(names: (0..<21).map { "class \($0)" })
    #expect(Set(classes.colours).count == 21)
    var writer = try GeoTIFFWriter(
      url: scratch.file("classes.tif"), classes: classes, width: 10, height: 10,
      crs: "EPSG:32632",
      transform: GeoTransform(originX: 640_130, originY: 5_330_410, pixelSize: 640))
    try writer.write(pattern(1, 10, 10), column: 0, row: 0)
    try writer.finish()
    let info = try GDALTool.info(scratch.file("classes.tif"))
    let band = (info["bands"] as? [[String: Any]])?.first
    #expect(band?["noDataValue"] as? Double == 255)
    #expect(band?["colorInterpretation"] as? String == "Palette")
    let metadata = (info["metadata"] as? [String: Any])?[""] as? [String: String]
    #expect(metadata?["CLASS_20"] == "class 20")
  }

  @Test(arguments: [1, 3, 4])
  func picturesComeBackAsTheyWere(bandCount: Int) throws {
    let scratch = try ScratchFolder()
    let picture = pattern(bandCount, 20, 30)
    try PNG.write(picture, to: scratch.file("look.png"))
    let read = try TrustedImages(url: scratch.url).decode("look.png")
    // An alpha band is not a band of the image.
    #expect(read.samples == Array(picture.samples.prefix(min(bandCount, 3) * 600)))
    #expect(try scratch.names == ["look.png"])
  }
}
