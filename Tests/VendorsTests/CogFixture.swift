// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Planning
import Platform
import TestSupport
import Transfer
import Vendors

/// A Cloud-Optimised GeoTIFF of the demo's scene, a server of it and a vendor before that.
///
/// The scene is 768 pixels square at 10 m; its tiles are small, so that a few patches touch many.
struct CogFixture {
  let folder: TemporaryFolder
  let file: URL
  let server: CogServer
  let vendor: CogVendor
  let orders: URL
  private let corner: ProjectedPoint

  /// What makes a COG of small tiles.
  static let cog = ["-of", "COG", "-co", "BLOCKSIZE=128", "-co", "OVERVIEWS=NONE"]
  /// What makes a tiled GeoTIFF that is no COG, and can be read like one.
  static let tiled = [
    "-co", "TILED=YES", "-co", "BLOCKXSIZE=128", "-co", "BLOCKYSIZE=128", "-co", "COMPRESS=LZW",
  ]

  /// Makes a file, and a vendor that sells from it.
  ///
  /// - Parameter options: of `gdal_translate`.
  init(
    _ options: [String] = standard, prices: PriceRule? = nil, tag: String? = "\"one\""
  ) async throws {
    let made = try await Self.files.file(options)
    folder = try TemporaryFolder()
    (file, corner) = (made.file, made.corner)
    server = try CogServer(Data(contentsOf: file), tag: tag)
    orders = folder.url.appending(path: "orders")
    vendor = try Self.vendor(server.url, prices: prices ?? Self.perGigabyte("9"), orders: orders)
  }

  static let standard = cog + ["-co", "COMPRESS=DEFLATE"]
  private static let files = CogFiles()
  /// Programs of GDAL's are waited for here: the tests have only two threads among them.
  static let pool = ComputePool(threadCount: 1)

  static func perGigabyte(_ rate: String) throws -> PriceRule {
    PriceRule(
      currency: try Currency(code: "EUR"), per: .gigabyte, rate: DecimalRate(rate) ?? .zero)
  }

  static func vendor(
    _ url: String, prices: PriceRule, orders: URL
  ) throws -> CogVendor {
    try CogVendor(
      VendorConfiguration(
        name: "open", url: url, trustsLocal: true, product: "hr", pricesFile: orders),
      prices: prices, orders: orders, client: HTTPClient(), cut: cut)
  }

  /// GDAL's own program cuts, as it would for anybody.
  static let cut: CogCutter = { excerpt, pixels, target in
    try await cut(excerpt, [pixels.column, pixels.row, pixels.width, pixels.height], target)
  }

  private static func cut(_ file: URL, _ window: [Int], _ target: URL) async throws {
    try await pool.run {
      _ = try GDALTools.run(
        "gdal_translate",
        ["-q", "-srcwin"] + window.map { "\($0)" } + [file.path, target.path])
    }
  }

  /// Chips of 64 pixels from the scene's corner on.
  func grid(shiftedBy metres: Double = 0, pixelSize: Double = 10) -> ChipGrid {
    ChipGrid(
      crs: "EPSG:32632", chipPixels: 64, groundSampleDistanceMetres: pixelSize, zoom: 8,
      patchGrid: .paper, origin: .scene,
      sceneCorner: ProjectedPoint(x: corner.x + metres, y: corner.y))
  }

  /// An order of rectangles that are counted from the scene's corner.
  func draft(
    _ rectangles: [PatchRectangle] = rectangles, on grid: ChipGrid? = nil
  ) -> OrderDraft {
    let grid = grid ?? self.grid()
    let lattice = grid.lattice
    let side = grid.groundSampleDistanceMetres * Double(grid.patchPixels)
    // The lattice's own origin is near that of its reference system.
    let column = ((corner.x - Double(lattice.originXMicrometres) / 1e6) / side).rounded(.down)
    let row = ((Double(lattice.originYMicrometres) / 1e6 - corner.y) / side).rounded(.down)
    return OrderDraft(
      product: ProductID(vendor: "open", product: "hr"), grid: grid,
      rectangles: rectangles.map {
        PatchRectangle(
          column: $0.column + Int(column), row: $0.row + Int(row), columnCount: $0.columnCount,
          rowCount: $0.rowCount)
      })
  }

  /// Two items that share tiles, and one at the far corner.
  static let rectangles = [
    PatchRectangle(column: 1, row: 0, columnCount: 9, rowCount: 3),
    PatchRectangle(column: 2, row: 3, columnCount: 2, rowCount: 2),
    PatchRectangle(column: 47, row: 46, columnCount: 1, rowCount: 2),
  ]

  /// What a file holds and where it lies.
  struct Content: Hashable {
    let pixels: Data
    let mask: Data
    let transform: [Double]
    let system: String
  }

  /// What a file holds, by GDAL's own programs.
  static func content(_ file: URL) async throws -> Content {
    try await pool.run {
      func values(_ band: [String]) throws -> Data {
        let raw = file.deletingPathExtension().appendingPathExtension("raw")
        _ = try GDALTools.run(
          "gdal_translate", ["-q", "-of", "ENVI"] + band + [file.path, raw.path])
        return try Data(contentsOf: raw)
      }
      let info = try GDALTools.info(file)
      return Content(
        pixels: try values([]), mask: try values(["-b", "mask"]),
        transform: info["geoTransform"] as? [Double] ?? [],
        system: (info["coordinateSystem"] as? [String: Any])?["wkt"] as? String ?? "")
    }
  }

  /// What GDAL cuts out of the whole file.
  func expected(_ rectangle: PatchRectangle) async throws -> Content {
    let side = 16
    let target = folder.url.appending(path: "expected-\(rectangle.column)-\(rectangle.row).tif")
    let window = [
      rectangle.column * side, rectangle.row * side, rectangle.columnCount * side,
      rectangle.rowCount * side,
    ]
    try await Self.cut(file, window, target)
    return try await Self.content(target)
  }
}

/// The files that tests sell from, each made once.
private actor CogFiles {
  typealias Made = (file: URL, corner: ProjectedPoint)

  private var folder: TemporaryFolder?
  private var made: [[String]: Task<Made, any Error>] = [:]

  func file(_ options: [String]) async throws -> Made {
    if let task = made[options] { return try await task.value }
    let folder = try folder ?? TemporaryFolder()
    self.folder = folder
    let file = folder.url.appending(path: "\(made.count).tif")
    let task = Task {
      try await CogFixture.pool.run { () throws -> Made in
        let scene = TestPaths.root.appending(path: "etc/demo/eurosat_hr.tif")
        _ = try GDALTools.run("gdal_translate", ["-q"] + options + [scene.path, file.path])
        let transform = try GDALTools.info(file)["geoTransform"] as? [Double] ?? []
        return (file, ProjectedPoint(x: transform[0], y: transform[3]))
      }
    }
    made[options] = task
    return try await task.value
  }
}
