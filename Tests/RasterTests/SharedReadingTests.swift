// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Raster
import TestSupport
import Testing

/// Every raster of the shared collections, read as GDAL's own programs read it.
@Suite(
  .enabled(
    if: RasterFixtures.shared != nil && GDALTool.isInstalled,
    "SKIPPED: the shared data are not beside the checkout, or gdal-bin is not installed"),
  .serialized)
struct SharedReadingTests {
  /// The rasters of a collection whose pixels are of a type that is taken.
  private func rasters(_ folder: String) throws -> [URL] {
    let url = try #require(RasterFixtures.shared).appending(path: folder)
    let names = try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
    return names.filter { $0.hasSuffix(".tif") }.map { url.appending(path: $0) }
  }

  /// Nil for what cannot be opened or is of another type, which is another test's.
  private func open(_ file: URL) -> Bool {
    guard let reader = try? PixelReader(path: file.path) else { return false }
    // GDAL 3.6 takes signed bytes for unsigned ones.
    return reader.bands[0].type != "Int8"
  }

  /// Nil for a raster without a place, which is read at full size only.
  private func window<Sample: RasterSample>(
    _ file: URL, _ rect: PixelRect, width: Int, height: Int, _ resampling: Resampling
  ) throws -> Window<Sample>? {
    if width == rect.width, height == rect.height {
      return try PixelReader(path: file.path).read(rect)
    }
    do {
      let dataset = try Dataset(trusted: file)
      return try dataset.read(rect, width: width, height: height, resampling: resampling)
    } catch RasterError.georeference {
      return nil
    }
  }

  private func compare(
    _ file: URL, _ rect: PixelRect, width: Int, height: Int, _ resampling: Resampling,
    _ deviation: inout Deviation
  ) throws {
    let scratch = try ScratchFolder()
    let name = "\(file.lastPathComponent) \(resampling)"
    let file = try PeerRaster.plainCopy(of: file, in: scratch)
    let reader = try PixelReader(path: file.path)
    func part<Sample: RasterSample>(_: Sample.Type) throws -> Deviation.Part? {
      let window: Window<Sample>? = try window(file, rect, width: width, height: height, resampling)
      guard let window else { return nil }
      func off(isUnrounded: Bool) throws -> Deviation.Part {
        let peer = try PeerRaster.translate(
          file, rect, width: width, height: height, resampling: resampling,
          isUnrounded: isUnrounded, like: reader)
        return Deviation.Part(window, peer, of: reader.bands)
      }
      let rounded = try off(isUnrounded: false)
      return rounded.isNone || Sample.self == UInt8.self ? rounded : try off(isUnrounded: true)
    }
    let off =
      switch reader.pixelType {
      case .uint8: try part(UInt8.self)
      case .float32: try part(Float.self)
      }
    guard let off else { return }
    deviation.add(off, name: name)
    #expect(off.isNone, "\(name): \(off)")
  }

  @Test(arguments: ["formats", "scenes"])
  func `pixels at full size are those of gdal_translate`(folder: String) throws {
    var (deviation, count) = (Deviation(), 0)
    for file in try rasters(folder) where open(file) {
      let reader = try PixelReader(path: file.path)
      let bounds = reader.bounds
      try compare(
        file, bounds, width: bounds.width, height: bounds.height, .nearest, &deviation)
      count += 1
    }
    print("\(folder) at full size: \(count) files, \(deviation.words)")
    #expect(count >= (folder == "scenes" ? 8 : 75))
  }

  @Test(arguments: ["formats", "scenes"], Resampling.allCases)
  func `windows of another size are those of gdal_translate`(
    folder: String, resampling: Resampling
  ) throws {
    var (deviation, count) = (Deviation(), 0)
    for file in try rasters(folder) where open(file) {
      let reader = try PixelReader(path: file.path)
      let rect = PixelRect(
        column: reader.width / 7, row: reader.height / 5, width: max(1, reader.width * 2 / 3),
        height: max(1, reader.height * 2 / 3))
      let factor: Double =
        [Resampling.average: 0.37, .bilinear: 1.6, .nearest: 0.8][resampling] ?? 1
      try compare(
        file, rect, width: max(1, Int(Double(rect.width) * factor)),
        height: max(1, Int(Double(rect.height) * factor)), resampling, &deviation)
      count += 1
    }
    print("\(folder) by \(resampling): \(count) files, \(deviation.words)")
  }

  /// A grid over the middle of a raster: the system of its UTM zone, and the ground of a part.
  private func grid(
    over file: URL, pixels: (width: Int, height: Int), factor: Double
  ) throws -> (crs: String, ground: ProjectedRectangle)? {
    guard let dataset = try? Dataset(trusted: file) else { return nil }
    let layout = dataset.layout
    let centre = layout.transform.point(
      column: Double(layout.width) * 0.5, row: Double(layout.height) * 0.5)
    guard
      let transform = try? CoordinateTransform(from: layout.crs, to: "EPSG:4326"),
      let place = try? transform.convert([centre])[0], abs(place.y) < 80
    else { return nil }
    let crs = UTMZone(at: Coordinate(longitude: place.x, latitude: place.y)).crs
    let next = layout.transform.point(
      column: Double(layout.width) * 0.5 + 1, row: Double(layout.height) * 0.5)
    let steps = try CoordinateTransform(from: layout.crs, to: crs).convert([centre, next])
    let size = hypot(steps[1].x - steps[0].x, steps[1].y - steps[0].y) * factor
    // Whole numbers, since the programs take text.
    let step = max(0.25, (size * 4).rounded() / 4)
    let west = (steps[0].x - step * Double(pixels.width) / 2).rounded() + 0.375
    let north = (steps[0].y + step * Double(pixels.height) / 2).rounded() + 0.625
    return (
      crs,
      ProjectedRectangle(
        west: west, south: north - step * Double(pixels.height),
        east: west + step * Double(pixels.width), north: north)
    )
  }

  @Test(arguments: ["formats", "scenes"], Resampling.allCases)
  func `windows on another grid are those of gdalwarp`(
    folder: String, resampling: Resampling
  ) throws {
    var (deviation, count) = (Deviation(), 0)
    let factor: Double = [Resampling.average: 2.7, .bilinear: 0.7, .nearest: 1.1][resampling] ?? 1
    for file in try rasters(folder) where open(file) {
      guard let grid = try grid(over: file, pixels: (70, 60), factor: factor) else { continue }
      let scratch = try ScratchFolder()
      let name = "\(file.lastPathComponent) \(resampling)"
      let file = try PeerRaster.plainCopy(of: file, in: scratch)
      let reader = try PixelReader(path: file.path)
      let ground = grid.ground
      let peer = try PeerRaster.warp(
        file, [ground.west, ground.south, ground.east, ground.north], crs: grid.crs, width: 70,
        height: 60, resampling: resampling, like: reader)
      func part<Sample: RasterSample>(_: Sample.Type) throws -> Deviation.Part {
        let window: Window<Sample> = try Dataset(trusted: file).read(
          onto: ground, crs: grid.crs, width: 70, height: 60, resampling: resampling)
        return Deviation.Part(window, peer, of: reader.bands)
      }
      let off =
        switch reader.pixelType {
        case .uint8: try part(UInt8.self)
        case .float32: try part(Float.self)
        }
      deviation.add(off, name: name)
      #expect(off.isNone, "\(name): \(off)")
      count += 1
    }
    print("\(folder) warped by \(resampling): \(count) files, \(deviation.words)")
    #expect(count >= (folder == "scenes" ? 8 : 50))
  }
}
