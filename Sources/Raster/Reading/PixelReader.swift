// SPDX-License-Identifier: Apache-2.0

import CGDAL

/// The pixels of an open GeoTIFF, wherever they lie: no coordinate reference system is looked up.
///
/// It reads at full size only, looks at no overview and opens no other file, so it is what reads a
/// file from outside. A reader belongs to the thread that opened it.
///
/// ```swift
/// let reader = try PixelReader(path: "/vsimem/in.tif")
/// let window: Window<Float> = try reader.read(PixelRect(column: 0, row: 0, width: 64, height: 64))
/// ```
public struct PixelReader: ~Copyable {
  /// Columns.
  public let width: Int
  /// Rows.
  public let height: Int
  /// The bands of measurements, in the file's order; an alpha band is validity, not one of them.
  public let bands: [BandFacts]
  /// How the file says which pixels have values.
  public let validitySource: ValiditySource
  /// The type of the values: integers of 8 bits that are values as they are, or 32-bit
  /// floating-point numbers for all else.
  public let pixelType: PixelType

  let handle: GDALDatasetH
  /// The numbers that the bands of measurements have in the file, from 1.
  let bandNumbers: [Int]
  private let path: String
  private let shownAs: String?

  /// Opens a GeoTIFF by its path or by a name in GDAL's memory.
  ///
  /// - Parameter shownAs: what messages call it.
  /// - Throws: `RasterError`: `cannotRead` where GDAL cannot open it, `unsupported` for pixels of
  ///   another type.
  public init(path: String, shownAs: String? = nil) throws(RasterError) {
    try self.init(path: path, shownAs: shownAs, place: "NONE")
  }

  /// Opens a GeoTIFF, with its place as GDAL's `GEOREF_SOURCES` says.
  init(path: String, shownAs: String?, place: String) throws(RasterError) {
    let (handle, messages) = GDAL.open(
      path, drivers: ["GTiff"], options: ["GEOREF_SOURCES=\(place)"])
    guard let handle else {
      throw .cannotRead(path: shownAs ?? path, reason: messages.text(about: path, as: shownAs))
    }
    do throws(RasterError) {
      guard !messages.hasFailure else {
        throw .decodeFailed(reason: messages.text(about: path, as: shownAs))
      }
      let all = Array(1...max(1, Int(GDALGetRasterCount(handle))))
      let alpha = all.last { number in
        number > 1
          && GDALGetRasterColorInterpretation(GDALGetRasterBand(handle, Int32(number)))
            == GCI_AlphaBand
      }
      let numbers = all.filter { $0 != alpha }
      let bands = numbers.map { BandFacts(of: handle, band: Int32($0)) }
      try Self.checkScales(of: bands)
      self.pixelType = try Self.pixelType(of: bands)
      self.width = Int(GDALGetRasterXSize(handle))
      self.height = Int(GDALGetRasterYSize(handle))
      self.bands = bands
      self.bandNumbers = numbers
      self.validitySource = ValiditySource(of: handle, alpha: alpha, noData: bands.map(\.noData))
      self.handle = handle
      self.path = path
      self.shownAs = shownAs
    } catch {
      _ = GDAL.listen { GDALClose(handle) }
      throw error
    }
  }

  deinit { _ = GDAL.listen { GDALClose(handle) } }

  private static func checkScales(of bands: [BandFacts]) throws(RasterError) {
    guard let band = bands.firstIndex(where: { !$0.scale.isFinite || !$0.offset.isFinite }) else {
      return
    }
    throw .unsupported(
      reason: "band \(band + 1) has the scale \(bands[band].scale) and the offset "
        + "\(bands[band].offset)", remedy: "Set them with gdal_edit.py -scale 1 -offset 0.")
  }

  private static func pixelType(of bands: [BandFacts]) throws(RasterError) -> PixelType {
    let types = Set(bands.map(\.type))
    guard types.count == 1, let type = types.first,
      ["Byte", "Int8", "UInt16", "Int16", "Float32", "Float64"].contains(type)
    else {
      throw .unsupported(
        reason: "its pixels are \(types.sorted().joined(separator: " and "))",
        remedy: RasterLayout.pixelTypeRemedy)
    }
    return type == "Byte" && bands.allSatisfy(\.isPlain) ? .uint8 : .float32
  }

  /// The whole raster as a rectangle of pixels.
  public var bounds: PixelRect { PixelRect(column: 0, row: 0, width: width, height: height) }

  /// The pixels that are compressed together: a tile, or a strip of whole rows.
  public var blockSize: (width: Int, height: Int) {
    var (width, height): (Int32, Int32) = (1, 1)
    GDALGetBlockSize(GDALGetRasterBand(handle, 1), &width, &height)
    return (max(1, Int(width)), max(1, Int(height)))
  }

  /// Reads a part of the raster at its own resolution.
  ///
  /// A file's scale and offset are applied, in double precision, and the result rounded once.
  ///
  /// - Parameter rect: what lies outside the raster comes as pixels without values.
  /// - Returns: the values as `Sample`; where a pixel has none they are 0.
  /// - Throws: `RasterError.decodeFailed` where the pixels cannot be decoded.
  public func read<Sample: RasterSample>(
    _ rect: PixelRect, as: Sample.Type = Sample.self
  ) throws(RasterError) -> Window<Sample> {
    try read(rect, bands: Array(1...bands.count))
  }

  /// Reads some bands, by their numbers among the bands of measurements, from 1.
  func read<Sample: RasterSample>(
    _ rect: PixelRect, bands: [Int]
  ) throws(RasterError) -> Window<Sample> {
    if bounds.contains(rect) {
      return try decode(Excerpt(rect, bands: bands))
    }
    var window = Window<Sample>(empty: rect, bandCount: bands.count)
    if let inside = rect.intersection(bounds) {
      window.place(
        try decode(Excerpt(inside, bands: bands)),
        column: inside.column - rect.column, row: inside.row - rect.row)
    }
    return window
  }

  /// Runs a read of GDAL's and turns what it complains about into our error.
  func listen(
    to what: String, of rect: PixelRect, _ read: () -> CPLErr
  ) throws(RasterError) {
    let (result, messages) = GDAL.listen(read)
    guard result == CE_None, !messages.hasFailure else {
      throw failure(of: what, at: "\(rect)", messages)
    }
  }

  /// The error of a read that did not go well.
  func failure(of what: String, at place: String, _ messages: GDAL.Messages) -> RasterError {
    .decodeFailed(
      reason: "could not decode the \(what) of \(shownAs ?? path), \(place): "
        + messages.text(about: path, as: shownAs))
  }
}
