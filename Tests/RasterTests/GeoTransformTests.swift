// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Raster
import TestSupport
import Testing

/// Pixels that lie in any affine way.
@Suite struct GeoTransformTests {
  private static let rotated = GeoTransform(
    originX: 600_000, originY: 5_400_000, columnX: 8.660_254, columnY: 5, rowX: 5, rowY: -8.660_254)

  @Test func `positions go there and back`() {
    let transforms = [
      Self.rotated, GeoTransform(originX: 640_130, originY: 5_330_410, pixelSize: 0.1),
      GeoTransform(originX: -100, originY: 48, pixelWidth: 1e-4, pixelHeight: 3e-4),
    ]
    for transform in transforms {
      let there = transform.point(column: 123.25, row: -7.5)
      let back = transform.pixel(of: there)
      #expect(abs(back.column - 123.25) < 1e-6 && abs(back.row + 7.5) < 1e-6)
      let moved = transform.moved(column: 20, row: 30).point(column: 1, row: 2)
      let whole = transform.point(column: 21, row: 32)
      #expect(abs(moved.x - whole.x) < 1e-6 && abs(moved.y - whole.y) < 1e-6)
    }
  }

  @Test func `says how its pixels are`() {
    let plain = GeoTransform(originX: 0, originY: 0, pixelSize: 0.3)
    #expect(plain.isNorthUp && plain.isSquare && plain.pixelSize == 0.3)
    #expect(!Self.rotated.isNorthUp && Self.rotated.isSquare)
    #expect(abs(Self.rotated.pixelSize - 10) < 1e-6)
    let oblong = GeoTransform(originX: 0, originY: 0, pixelWidth: 20, pixelHeight: 45)
    #expect(oblong.isNorthUp && !oblong.isSquare && oblong.pixelSize == 30)
    var southUp = plain
    southUp.rowY = 0.3
    #expect(!southUp.isNorthUp)
    var sheared = plain
    (sheared.rowX, sheared.rowY) = (0.18, -0.24)
    #expect(!sheared.isSquare && abs(sheared.pixelHeight - 0.3) < 1e-12)
    let coarse = plain.scaled(columns: 2, rows: 4)
    #expect(coarse.pixelWidth == 0.6 && coarse.pixelHeight == 1.2)
  }

  @Test func `a rotated raster has an outline within its extent`() {
    var layout = RasterFixtures.layout
    layout.transform = Self.rotated
    let extent = layout.extent
    #expect(extent.west == 600_000 && extent.north > 5_400_000)
    #expect(abs(extent.east - (600_000 + 45 * 8.660_254 + 33 * 5)) < 1e-6)
    let area = layout.outline.areaSquareMetres(within: extent)
    #expect(abs(area - 45 * 33 * 100) < 1 && area < extent.areaSquareMetres * 0.7)
    #expect(layout.pixels(of: extent) == nil)
    #expect(RasterFixtures.layout.outline == ProjectedRegion(RasterFixtures.layout.extent))
  }

  @Test func `is read as it was written, in six numbers or three`() throws {
    let encoded = try JSONEncoder().encode(Self.rotated)
    #expect(try JSONDecoder().decode(GeoTransform.self, from: encoded) == Self.rotated)
    let old = Data(#"{"originX":640130,"originY":5330410,"pixelSize":10}"#.utf8)
    #expect(
      try JSONDecoder().decode(GeoTransform.self, from: old) == RasterFixtures.layout.transform)
  }

  @Test func `a file keeps any transform`() throws {
    let scratch = try ScratchFolder()
    var layout = RasterFixtures.layout
    let oblong = GeoTransform(originX: 10.9, originY: 48.1, pixelWidth: 1e-4, pixelHeight: 2e-4)
    for (crs, transform) in [("EPSG:32632", Self.rotated), ("EPSG:4326", oblong)] {
      (layout.crs, layout.transform) = (crs, transform)
      let file = scratch.file("scene.tif")
      var writer = try GeoTIFFWriter(url: file, layout: layout)
      try writer.write(
        Window<UInt8>(
          bandCount: 3, height: 33, width: 45, samples: .init(repeating: 9, count: 4455)),
        column: 0, row: 0)
      try writer.finish()
      #expect(try Dataset(trusted: file).layout == layout)
      let part = try Dataset(trusted: file)
        .cut(PixelRect(column: 5, row: 6, width: 7, height: 8), to: scratch.file("part.tif"))
      let info = try GDALTools.info(scratch.file("part.tif"))
      let told = try #require(info["geoTransform"] as? [Double])
      let corner = transform.point(column: 5, row: 6)
      let expected = [
        corner.x, transform.columnX, transform.rowX, corner.y, transform.columnY, transform.rowY,
      ]
      // The tool shows 15 digits.
      #expect(zip(told, expected).allSatisfy { abs($0 - $1) <= 1e-14 * max(1, abs($1)) })
      #expect(part.transform.columnY == transform.columnY)
    }
  }
}
