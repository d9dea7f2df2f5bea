// SPDX-License-Identifier: Apache-2.0

import Foundation
import PatchDrop
import Raster
import TestSupport
import Testing

/// What training sees of a chip in low resolution is what a survey reads of an averaged scene.
@Suite struct DataSceneTests {
  private static let side = 32
  private static let columns = 4

  /// A mosaic of pictures, with the pictures as a data set of their own.
  private struct Ground {
    let data: DataFixture
    let scenes: TemporaryFolder
    let high: Window<UInt8>

    init() throws {
      (data, scenes) = (try DataFixture(), try TemporaryFolder())
      let side = DataSceneTests.side
      var high = Window<UInt8>(
        bandCount: 3, height: 2 * side, width: columns * side,
        samples: [UInt8](repeating: 0, count: 3 * 2 * side * columns * side))
      for row in 0..<2 {
        for column in 0..<columns {
          // Values with many means that end in a half.
          let window = Window(
            bandCount: 3, height: side, width: side,
            samples: (0..<3 * side * side).map { index in
              UInt8(truncatingIfNeeded: (index * 37 + index / 5 + row * 61 + column * 17) % 253)
            })
          try data.write("class\(row)/\(column).png", PNG.encode(window))
          high.place(window, column: column * side, row: row * side)
        }
      }
      self.high = high
    }

    func layout(zoom: Int) -> RasterLayout {
      RasterLayout(
        width: high.width / zoom, height: high.height / zoom, bandCount: 3, pixelType: .uint8,
        crs: "EPSG:32632",
        transform: GeoTransform(originX: 600_000, originY: 5_000_000, pixelSize: Double(zoom)))
    }

    /// Writes a scene and returns its place.
    func scene(_ window: Window<UInt8>, zoom: Int) throws -> URL {
      let url = scenes.url.appending(path: "zoom\(zoom).tif")
      var writer = try GeoTIFFWriter(url: url, layout: layout(zoom: zoom), isComplete: true)
      try writer.write(window, column: 0, row: 0)
      try writer.finish()
      return url
    }

    /// The samples of a chip's window of a scene.
    func chip(_ path: String, of scene: borrowing Dataset, zoom: Int) throws -> [UInt8] {
      let side = DataSceneTests.side / zoom
      let row = try #require(Int(path.dropFirst(5).prefix(1)))
      let column = try #require(Int(path.dropFirst(7).prefix(1)))
      return try scene.read(
        PixelRect(column: column * side, row: row * side, width: side, height: side),
        as: UInt8.self
      ).samples
    }
  }

  @Test(arguments: [2, 4, 8, 16])
  func `training and survey see the same bytes`(zoom: Int) throws {
    let ground = try Ground()
    let low = try Dataset(trusted: ground.scene(ground.high.blockMean(zoom: zoom), zoom: zoom))
    let chips = try LabelledChips(contentsOf: ground.data.url, zoom: zoom)
    #expect(chips.count == 8)
    for index in chips.paths.indices {
      #expect(
        try Array(chips.lowSamples(index))
          == ground.chip(chips.paths[index], of: low, zoom: zoom))
    }
  }

  /// GDAL's own mean; at a half it may round to the other side.
  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: gdal), "gdal-bin is not installed"),
    arguments: [2, 4, 8, 16])
  func `a scene that GDAL averaged differs by rounding at most`(zoom: Int) throws {
    let ground = try Ground()
    let high = try ground.scene(ground.high, zoom: 1)
    let url = ground.scenes.url.appending(path: "gdal.tif")
    let layout = ground.layout(zoom: zoom)
    let tool = Process()
    tool.executableURL = URL(filePath: Self.gdal)
    tool.arguments = [
      "-q", "-r", "average", "-outsize", "\(layout.width)", "\(layout.height)", high.path, url.path,
    ]
    try tool.run()
    tool.waitUntilExit()
    let low = try Dataset(trusted: url)
    let chips = try LabelledChips(contentsOf: ground.data.url, zoom: zoom)
    for index in chips.paths.indices {
      let theirs = try ground.chip(chips.paths[index], of: low, zoom: zoom)
      #expect(
        zip(chips.lowSamples(index), theirs).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
    }
  }

  private static let gdal = "/usr/bin/gdal_translate"
}
