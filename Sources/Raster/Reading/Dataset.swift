// SPDX-License-Identifier: Apache-2.0

import CGDAL
public import Foundation

/// An open GeoTIFF of ours, or one that a person here vouches for.
///
/// A file from outside goes through ``Ingest`` first; this reads the clean copy that it writes. A
/// dataset belongs to the thread that opened it: it can be neither copied nor sent, and the
/// compiler holds to that.
///
/// ```swift
/// let scene = try Dataset(trusted: url)
/// let chip: Window<Float> = try scene.read(PixelRect(column: 0, row: 0, width: 64, height: 64))
/// ```
public struct Dataset: ~Copyable {
  /// The shape and place of the raster.
  public let layout: RasterLayout
  /// Names and colours of the classes, where the raster is a map of classes.
  public let classes: ClassTable?

  let handle: GDALDatasetH
  let validitySource: ValiditySource
  private let path: String
  private let shownAs: String?

  /// Opens a GeoTIFF: north up, square pixels, `UInt8` or `Float32`, in any coordinate reference
  /// system.
  ///
  /// - Throws: `RasterError`, `cannotRead` where GDAL cannot open it.
  public init(trusted url: URL) throws(RasterError) {
    try self.init(path: url.path)
  }

  /// Opens a file another time, whose layout is known: to find it takes as long as all the rest.
  init(again layout: RasterLayout, at url: URL) throws(RasterError) {
    try self.init(path: url.path, layout: layout)
  }

  /// Opens a file of ours with the GTiff driver; what it says of itself is believed.
  ///
  /// - Parameters:
  ///   - shownAs: what messages call it.
  ///   - layout: the file's, where it is known.
  init(path: String, shownAs: String? = nil, layout: RasterLayout? = nil) throws(RasterError) {
    // The place is read from inside the file only, never from one beside it.
    let (handle, messages) = GDAL.open(
      path, drivers: ["GTiff"], options: ["GEOREF_SOURCES=INTERNAL"])
    guard let handle else {
      throw .cannotRead(path: shownAs ?? path, reason: messages.text(about: path, as: shownAs))
    }
    do throws(RasterError) {
      guard !messages.hasFailure else {
        throw .decodeFailed(reason: messages.text(about: path, as: shownAs))
      }
      let layout = if let layout { layout } else { try RasterLayout(of: handle) }
      self.layout = layout
      self.classes = ClassTable(of: handle)
      self.validitySource = ValiditySource(of: handle, bandCount: layout.bandCount)
      self.handle = handle
      self.path = path
      self.shownAs = shownAs
    } catch {
      _ = GDAL.listen { GDALClose(handle) }
      throw error
    }
  }

  deinit { _ = GDAL.listen { GDALClose(handle) } }

  /// The pixels that are compressed together: a tile, or a strip of whole rows.
  var blockSize: (width: Int, height: Int) {
    var (width, height): (Int32, Int32) = (1, 1)
    GDALGetBlockSize(GDALGetRasterBand(handle, 1), &width, &height)
    return (max(1, Int(width)), max(1, Int(height)))
  }

  /// Reads a part of the raster at its own resolution.
  ///
  /// - Parameter rect: what lies outside the raster comes as pixels without values.
  /// - Returns: the values as `Sample`; where a pixel has none they are 0.
  /// - Throws: `RasterError.decodeFailed` where the pixels cannot be decoded.
  public func read<Sample: RasterSample>(
    _ rect: PixelRect, as: Sample.Type = Sample.self
  ) throws(RasterError) -> Window<Sample> {
    if layout.bounds.contains(rect) {
      return try decode(rect, width: rect.width, height: rect.height)
    }
    var window = Window<Sample>(empty: rect, bandCount: layout.bandCount)
    if let inside = rect.intersection(layout.bounds) {
      window.place(
        try decode(inside, width: inside.width, height: inside.height),
        column: inside.column - rect.column, row: inside.row - rect.row)
    }
    return window
  }

  /// Reads the whole raster; for small ones such as truth maps.
  ///
  /// - Throws: `RasterError.decodeFailed` where the pixels cannot be decoded.
  public func readAll<Sample: RasterSample>(
    as: Sample.Type = Sample.self
  ) throws(RasterError) -> Window<Sample> {
    try read(layout.bounds)
  }

  /// Reads the whole raster as a smaller picture: each of its pixels is the mean of those below it.
  ///
  /// - Parameter longestSide: the most columns or rows; a smaller raster comes as it is.
  /// - Throws: `RasterError.decodeFailed` where the pixels cannot be decoded.
  public func readPicture<Sample: RasterSample>(
    longestSide: Int, as: Sample.Type = Sample.self
  ) throws(RasterError) -> Window<Sample> {
    precondition(longestSide > 0, "a picture has pixels")
    let longest = max(layout.width, layout.height)
    guard longest > longestSide else { return try readAll() }
    let (width, height) = (layout.width * longestSide, layout.height * longestSide)
    return try decode(
      layout.bounds, width: max(1, width / longest), height: max(1, height / longest))
  }

  /// Reads pixels within the raster, brought to another size by their mean where it differs.
  private func decode<Sample: RasterSample>(
    _ rect: PixelRect, width: Int, height: Int
  ) throws(RasterError) -> Window<Sample> {
    precondition(
      Sample.pixelType == layout.pixelType || Sample.pixelType == .float32,
      "floating-point samples do not fit into \(Sample.self)")
    var window = Window<Sample>(
      empty: PixelRect(column: 0, row: 0, width: width, height: height),
      bandCount: layout.bandCount)
    let (handle, bandCount) = (handle, Int32(layout.bandCount))
    var resampling = fovea_gdal_raster_io_extra_arg()
    resampling.eResampleAlg = GRIORA_Average
    try listen(to: "pixels", of: rect) {
      window.samples.withUnsafeMutableBytes { bytes in
        GDALDatasetRasterIOEx(
          handle, GF_Read, Int32(rect.column), Int32(rect.row), Int32(rect.width),
          Int32(rect.height), bytes.baseAddress, Int32(width), Int32(height),
          Sample.pixelType.gdalType, bandCount, nil, 0, 0, 0, &resampling)
      }
    }
    try validitySource.judge(&window, of: rect, in: self)
    return window
  }

  /// Runs a read of GDAL's and turns what it complains about into our error.
  func listen(
    to what: String, of rect: PixelRect, _ read: () -> CPLErr
  ) throws(RasterError) {
    let (result, messages) = GDAL.listen(read)
    guard result == CE_None, !messages.hasFailure else {
      throw .decodeFailed(
        reason: "could not decode the \(what) of \(shownAs ?? path), \(rect): "
          + messages.text(about: path, as: shownAs))
    }
  }
}
