// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Raster
import Testing

@Suite struct DatasetTests {
  @Test func tellsShapeAndPlace() throws {
    let dataset = try Dataset(trusted: RasterFixtures.url("rgb.tif"))
    #expect(dataset.layout == RasterFixtures.layout)
    #expect(dataset.classes == nil)
  }

  @Test(arguments: ["rgb", "mask", "alpha"])
  func readsBytesAsGDALDoes(name: String) throws {
    let dataset = try Dataset(trusted: RasterFixtures.url("\(name).tif"))
    #expect(dataset.layout.bandCount == 3)
    let window: Window<UInt8> = try dataset.readAll()
    let mask = try RasterFixtures.bytes("\(name).mask.raw").map { $0 != 0 }
    let raw = try RasterFixtures.bytes("\(name).raw").prefix(window.samples.count)
    let expected = raw.enumerated().map { mask[$0.offset % mask.count] ? $0.element : 0 }
    #expect(window.validity == mask)
    #expect(window.samples == expected)
  }

  @Test func readsAnyWindow() throws {
    let dataset = try Dataset(trusted: RasterFixtures.url("rgb.tif"))
    let raw = try RasterFixtures.bytes("rgb.raw")
    let rect = PixelRect(column: 11, row: 5, width: 23, height: 20)
    let window: Window<Float> = try dataset.read(rect)
    var expected: [Float] = []
    for band in 0..<3 {
      for row in rect.row..<rect.row + rect.height {
        for column in rect.column..<rect.column + rect.width {
          expected.append(Float(raw[(band * 33 + row) * 45 + column]))
        }
      }
    }
    #expect(window.samples == expected)
    #expect(window.validShare == 1)
  }

  @Test func outsideTheRasterThereIsNothing() throws {
    let dataset = try Dataset(trusted: RasterFixtures.url("rgb.tif"))
    let rect = PixelRect(column: 40, row: -3, width: 10, height: 8)
    let window: Window<UInt8> = try dataset.read(rect)
    let inside: Window<UInt8> = try dataset.read(
      PixelRect(column: 40, row: 0, width: 5, height: 5))
    #expect(window.validity.count(where: { $0 }) == 25)
    for row in 0..<5 {
      let start = (8 + row + 3) * 10
      #expect(
        Array(window.samples[start..<start + 5])
          == Array(inside.samples[(5 + row) * 5..<(6 + row) * 5]))
    }
    let away: Window<UInt8> = try dataset.read(
      PixelRect(column: 45, row: 0, width: 2, height: 2))
    #expect(away.validShare == 0)
  }

  @Test(.enabled(if: GDALTool.isInstalled, "gdal-bin is not installed"))
  func smallPicturesAreMeansAsGDALMakesThem() throws {
    let scratch = try ScratchFolder()
    let source = RasterFixtures.demo("eurosat_hr.tif")
    let picture: Window<UInt8> = try Dataset(trusted: source).readPicture(longestSide: 100)
    let arguments = [
      "-q", "-r", "average", "-outsize", "100", "100", source.path, scratch.file("t.tif").path,
    ]
    _ = try GDALTool.run("gdal_translate", arguments)
    let expected: Window<UInt8> = try Dataset(trusted: scratch.file("t.tif")).readAll()
    #expect(picture.samples == expected.samples)
    let whole: Window<UInt8> = try Dataset(trusted: source).readPicture(longestSide: 800)
    #expect(whole.width == 768)
  }

  @Test func nodataInOneBandOfBytesIsADarkPixel() throws {
    let dataset = try Dataset(trusted: RasterFixtures.url("collar.tif"))
    let window: Window<UInt8> = try dataset.readAll()
    var expected = try RasterFixtures.bytes("collar.mask.raw").map { $0 != 0 }
    let dark = 30 * 45 + 40
    // GDAL's mask is that of band 1, which is 0 there.
    #expect(!expected[dark])
    expected[dark] = true
    #expect(window.validity == expected)
    #expect(window.samples[dark] == 0)
    let asFloat: Window<Float> = try dataset.readAll()
    #expect(asFloat.validity == expected)
  }

  @Test func notANumberIsNoValue() throws {
    let dataset = try Dataset(trusted: RasterFixtures.url("float.tif"))
    #expect(dataset.layout.pixelType == .float32)
    let window: Window<Float> = try dataset.readAll()
    var expected = try RasterFixtures.bytes("float.mask.raw").map { $0 != 0 }
    let infinite = 20 * 45 + 30
    #expect(expected[infinite])
    expected[infinite] = false
    #expect(window.validity == expected)
    let raw = try Data(contentsOf: RasterFixtures.url("float.raw"))
    let values = raw.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    for (index, value) in values.enumerated() {
      let isValid = expected[index % expected.count]
      let expectedValue = isValid ? value : 0
      #expect(window.samples[index] == expectedValue)
    }
  }

  @Test func readsATruthMap() throws {
    let truth = try Dataset(trusted: RasterFixtures.demo("eurosat_truth.tif"))
    let table = truth.classes
    let classes = try #require(table)
    #expect(classes.names.count == 10)
    #expect(classes.names.first == "AnnualCrop")
    #expect(classes.names.last == "SeaLake")
    #expect(classes.colours[1] == Colour(red: 20, green: 100, blue: 40))
    let window: Window<UInt8> = try truth.readAll()
    #expect(window.samples.allSatisfy { $0 < 10 })
    #expect(Set(window.samples).count == 10)
  }

  @Test func sayWhatCannotBeRead() throws {
    let missing = #expect(throws: RasterError.self) {
      _ = try Dataset(trusted: URL(filePath: "/nowhere/scene.tif")).layout
    }
    #expect(missing?.kind == "raster-cannot-read")
    #expect(missing?.description.contains("/nowhere/scene.tif") == true)
  }

  @Test func readsSixteenBitsAsFloatingPoint() throws {
    let dataset = try Dataset(trusted: RasterFixtures.url("uint16.tif"))
    #expect(dataset.layout.pixelType == .float32)
    let window: Window<Float> = try dataset.readAll()
    #expect(window.samples.allSatisfy { $0 == $0.rounded() && (0...65535).contains($0) })
  }

  @Test func findsThePixelsOfARectangle() {
    let layout = RasterFixtures.layout
    let rect = PixelRect(column: 3, row: 4, width: 16, height: 8)
    #expect(layout.pixels(of: layout.part(rect).extent) == rect)
    let shifted = ProjectedRectangle(
      west: 640_133, south: 5_330_000, east: 640_173, north: 5_330_410)
    #expect(layout.pixels(of: shifted) == nil)
  }
}
