// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// A procedural scene for trying things out: a landscape as an HR and an LR GeoTIFF, with the truth
/// of each chip.
///
/// The landscape has lakes and rivers, forest, meadows, fields in parcels, towns and roads; its
/// classes are EuroSAT's. The same values and seed give the same files. Memory does not grow with
/// the number of chips.
///
/// ```swift
/// let synthesis = try SceneSynthesis(chipColumns: 30, chipRows: 30, seed: 7)
/// try synthesis.write(to: folder)
/// ```
public struct SceneSynthesis: Sendable {
  /// The HR scene's name in its folder.
  public static let highName = "hr.tif"
  /// The LR scene's name.
  public static let lowName = "lr.tif"
  /// The name of the map of the chips' classes.
  public static let truthName = "truth.tif"
  /// The numbers of bands that a scene can have: grey; red, green, blue; and near infrared.
  public static let bandCounts = [1, 3, 4]

  /// The widest and highest scene, in metres: what a UTM zone's coordinates take.
  static let longestSideMetres = 800_000.0

  let chipColumns: Int
  let chipRows: Int
  let chipPixels: Int
  let zoom: Int
  let seed: UInt64
  let high: RasterLayout

  /// A scene's sizes and place; it is centred on the zone's meridian, 5,000 km along it, with
  /// corners at whole multiples of a chip's side.
  ///
  /// - Parameters:
  ///   - chipPixels: HR pixels along a chip.
  ///   - zoom: HR pixels along an LR pixel; divides `chipPixels`.
  ///   - bandCount: one of ``bandCounts``.
  ///   - groundSampleDistanceMetres: the side of an HR pixel.
  ///   - crs: a UTM zone on WGS 84, `EPSG:32601` to `EPSG:32660` or `EPSG:32701` to `EPSG:32760`.
  /// - Throws: `RasterError.unsupported` where a value is not possible.
  public init(
    chipColumns: Int, chipRows: Int, chipPixels: Int = 64, zoom: Int = 8, bandCount: Int = 3,
    groundSampleDistanceMetres: Double = 10, seed: UInt64 = 1, crs: String = "EPSG:32632"
  ) throws(RasterError) {
    func need(_ isMet: Bool, _ reason: String, _ remedy: String) throws(RasterError) {
      guard isMet else { throw .unsupported(reason: reason, remedy: remedy) }
    }
    try need(
      chipColumns > 0 && chipRows > 0 && max(chipColumns, chipRows) <= 1_000_000,
      "\(chipColumns) x \(chipRows) chips make no scene", "Give from 1 to 1000000 a side.")
    try need(
      (1...2048).contains(chipPixels), "a chip of \(chipPixels) pixels is not possible",
      "Give a chip of 1 to 2048 pixels.")
    try need(
      zoom > 1 && chipPixels.isMultiple(of: max(1, zoom)),
      "a zoom of \(zoom) does not divide a chip of \(chipPixels) pixels",
      "Give a zoom from 2 that divides the chip's side.")
    try need(
      Self.bandCounts.contains(bandCount), "\(bandCount) bands are not possible",
      "Give 1 (grey), 3 (red, green, blue) or 4 (and near infrared).")
    try need(
      (0.1...1000).contains(groundSampleDistanceMetres),
      "a pixel of \(groundSampleDistanceMetres) m is not possible", "Give from 0.1 to 1000 m.")
    try need(
      Self.isZone(crs), "\(crs) is no UTM zone",
      "Give one on WGS 84: EPSG:32601 to EPSG:32660 north, EPSG:32701 to EPSG:32760 south.")
    let side = groundSampleDistanceMetres * Double(chipPixels)
    let longest = side * Double(max(chipColumns, chipRows))
    try need(
      longest <= Self.longestSideMetres,
      "the scene would be \(Int((longest / 1000).rounded(.up))) km long, and a UTM zone takes "
        + "\(Int(Self.longestSideMetres / 1000)) km",
      "Give fewer chips or a smaller pixel.")
    (self.chipColumns, self.chipRows) = (chipColumns, chipRows)
    (self.chipPixels, self.zoom, self.seed) = (chipPixels, zoom, seed)
    high = RasterLayout(
      width: chipColumns * chipPixels, height: chipRows * chipPixels, bandCount: bandCount,
      pixelType: .uint8, crs: crs,
      transform: GeoTransform(
        originX: ((500_000 / side).rounded() - Double(chipColumns / 2)) * side,
        originY: ((5_000_000 / side).rounded() + Double(chipRows / 2)) * side,
        pixelSize: groundSampleDistanceMetres))
  }

  private static func isZone(_ crs: String) -> Bool {
    guard crs.hasPrefix("EPSG:"), let code = Int(crs.dropFirst(5)) else { return false }
    return (32601...32660).contains(code) || (32701...32760).contains(code)
  }

  /// Chips of the scene.
  public var chipCount: Int { chipColumns * chipRows }

  /// Writes ``highName``, ``lowName`` and ``truthName`` into a folder; each appears, or is
  /// replaced, when it is whole.
  ///
  /// Blocks for as long as it takes: call it on a plain thread.
  ///
  /// - Parameters:
  ///   - folder: must exist.
  ///   - progress: told how many chips of how many are done; false cancels.
  /// - Throws: `RasterError.cannotWrite`, or `CancellationError`; no file is then left half made.
  public func write(
    to folder: URL, progress: (_ done: Int, _ total: Int) -> Bool = { _, _ in true }
  ) throws {
    let low = Self.scaled(high, by: zoom)
    let truth = Self.scaled(high, by: chipPixels)
    var highFile = try GeoTIFFWriter(
      url: folder.appending(path: Self.highName), layout: high, isComplete: true)
    var lowFile = try GeoTIFFWriter(
      url: folder.appending(path: Self.lowName), layout: low, isComplete: true)
    var truthFile = try GeoTIFFWriter(
      url: folder.appending(path: Self.truthName), classes: LandCover.table, width: truth.width,
      height: truth.height, crs: truth.crs, transform: truth.transform)
    let tiles = high.bounds.tiles(width: tileSide, height: tileSide)
    let landscape = Landscape(seed: seed, pixelSize: high.transform.pixelSize)
    var chipsDone = 0
    try OrderedWork.run(count: tiles.count) { index in
      Tile(
        landscape.paint(tiles[index]), rect: tiles[index], bandCount: high.bandCount, zoom: zoom,
        chipPixels: chipPixels)
    } consume: { tile in
      let rect = tile.rect
      try highFile.write(tile.high, column: rect.column, row: rect.row)
      try lowFile.write(tile.low, column: rect.column / zoom, row: rect.row / zoom)
      try truthFile.write(
        tile.truth, column: rect.column / chipPixels, row: rect.row / chipPixels)
      chipsDone += tile.truth.pixelCount
      guard progress(chipsDone, chipCount) else { throw CancellationError() }
    }
    try highFile.finish()
    try lowFile.finish()
    try truthFile.finish()
  }

  /// The same ground in pixels of `factor` by `factor`.
  private static func scaled(_ layout: RasterLayout, by factor: Int) -> RasterLayout {
    var scaled = layout
    (scaled.width, scaled.height) = (layout.width / factor, layout.height / factor)
    scaled.transform = layout.transform.scaled(columns: Double(factor), rows: Double(factor))
    return scaled
  }

  /// The side of what one thread paints at a time: whole chips of about 2048 pixels, and where they
  /// allow it whole blocks of the files.
  private var tileSide: Int {
    var (block, rest) = (256, chipPixels)
    while rest != 0 { (block, rest) = (rest, block % rest) }
    let common = 256 / block * chipPixels
    return common <= 2048 ? 2048 / common * common : 2048 / chipPixels * chipPixels
  }
}

/// What is written of a painted rectangle of whole chips.
private struct Tile: Sendable {
  let rect: PixelRect
  let high: Window<UInt8>
  let low: Window<UInt8>
  let truth: Window<UInt8>

  init(
    _ painting: Landscape.Painting, rect: PixelRect, bandCount: Int, zoom: Int, chipPixels: Int
  ) {
    self.rect = rect
    high = Window(
      bandCount: bandCount, height: rect.height, width: rect.width,
      samples: Self.bands(painting.lights, count: bandCount))
    low = high.blockMean(zoom: zoom)
    truth = Self.truth(painting.covers, rect: rect, chipPixels: chipPixels)
  }

  /// The lights band by band; one band is their brightness.
  private static func bands(_ lights: [SIMD4<UInt8>], count: Int) -> [UInt8] {
    guard count > 1 else {
      // The luma of ITU-R BT.601, in 256ths.
      let weights = SIMD4<UInt32>(77, 150, 29, 0)
      return lights.map { light in
        UInt8((SIMD4<UInt32>(truncatingIfNeeded: light) &* weights).wrappedSum() >> 8)
      }
    }
    var samples = [UInt8](repeating: 0, count: count * lights.count)
    for band in 0..<count {
      let start = band * lights.count
      for (pixel, light) in lights.enumerated() { samples[start + pixel] = light[band] }
    }
    return samples
  }

  /// The class of each chip.
  private static func truth(_ covers: [UInt8], rect: PixelRect, chipPixels: Int) -> Window<UInt8> {
    let (rows, columns) = (rect.height / chipPixels, rect.width / chipPixels)
    var classes: [UInt8] = []
    for row in 0..<rows {
      for column in 0..<columns {
        var counts = [Int](repeating: 0, count: LandCover.allCases.count)
        for line in row * chipPixels..<(row + 1) * chipPixels {
          let start = line * rect.width + column * chipPixels
          for pixel in start..<start + chipPixels { counts[Int(covers[pixel])] += 1 }
        }
        classes.append(LandCover.prevailing(counts).rawValue)
      }
    }
    return Window(bandCount: 1, height: rows, width: columns, samples: classes)
  }
}
