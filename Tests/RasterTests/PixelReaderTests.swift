// SPDX-License-Identifier: Apache-2.0

import Foundation
import Raster
import Testing

/// Pixels alone, without a place.
@Suite struct PixelReaderTests {
  @Test func `a file without a place has pixels`() throws {
    for name in ["no_place.tif", "no_crs.tif", "rotated.tif"] {
      let reader = try PixelReader(path: RasterFixtures.url(name).path)
      #expect(reader.width == 45 && reader.height == 33)
      #expect(reader.bands == [BandFacts(type: "Byte", colour: .grey)])
      #expect(reader.pixelType == .uint8 && reader.validitySource == .none)
      let window: Window<UInt8> = try reader.read(reader.bounds)
      #expect(try window.samples == Array(RasterFixtures.bytes("rgb.raw").prefix(45 * 33)))
    }
  }

  @Test func `says what it has`() throws {
    let alpha = try PixelReader(path: RasterFixtures.url("alpha.tif").path)
    #expect(alpha.bands.map(\.colour) == [.red, .green, .blue])
    #expect(alpha.validitySource == .alpha(4))
    let mask = try PixelReader(path: RasterFixtures.url("mask.tif").path)
    #expect(mask.validitySource == .mask)
    let collar = try PixelReader(path: RasterFixtures.url("collar.tif").path)
    #expect(collar.validitySource == .noData([0, 0, 0]))
    let wide = try PixelReader(path: RasterFixtures.url("uint16.tif").path)
    #expect(wide.bands.map(\.type) == ["UInt16"] && wide.pixelType == .float32)
    // Asking for all this opens no file that the raster names.
    #expect(try PixelReader(path: RasterFixtures.url("overview_file.tif").path).bands.count == 3)
  }

  @Test func `bands are chosen by number or colour`() throws {
    let raw = try RasterFixtures.bytes("rgb.raw")
    func plane(_ band: Int) -> [UInt8] { Array(raw[(band - 1) * 1485..<band * 1485]) }
    let dataset = try Dataset(trusted: RasterFixtures.url("rgb.tif"))
    let turned: Window<UInt8> = try dataset.readAll(bands: .colours([.blue, .red]))
    #expect(turned.samples == plane(3) + plane(1))
    let twice: Window<UInt8> = try dataset.readAll(bands: .numbers([2, 2]))
    #expect(twice.samples == plane(2) + plane(2))
    let missing = #expect(throws: RasterError.self) {
      _ = try dataset.readAll(bands: .numbers([4]), as: UInt8.self).width
    }
    #expect(missing?.reason == "it has no band 4: it has 3")
    let grey = try Dataset(trusted: RasterFixtures.url("uint16.tif"))
    let colourless = #expect(throws: RasterError.self) {
      _ = try grey.readAll(bands: .redGreenBlue, as: Float.self).width
    }
    #expect(colourless?.reason == "none of its 1 bands is marked as red")
  }

  @Test func `a dark pixel of a chosen band is judged by all bands`() throws {
    let dataset = try Dataset(trusted: RasterFixtures.url("collar.tif"))
    let red: Window<UInt8> = try dataset.readAll(bands: .numbers([1]))
    let all: Window<UInt8> = try dataset.readAll()
    #expect(red.validity == all.validity && red.validity[30 * 45 + 40])
  }
}
