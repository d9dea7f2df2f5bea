// SPDX-License-Identifier: Apache-2.0

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

  let reader: PixelReader

  /// Opens a GeoTIFF of any grid, in any coordinate reference system.
  ///
  /// - Throws: `RasterError`: `cannotRead` where GDAL cannot open it, `unsupported` for pixels of
  ///   another type, `georeference` where it has no place.
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
    let reader = try PixelReader(path: path, shownAs: shownAs, place: "INTERNAL")
    self.layout = if let layout { layout } else { try RasterLayout(of: reader) }
    self.classes = ClassTable(of: reader.handle)
    self.reader = reader
  }

  /// What the file says of its bands; an alpha band is validity, not one of them.
  public var bands: [BandFacts] { reader.bands }

  /// The pixels that are compressed together: a tile, or a strip of whole rows.
  var blockSize: (width: Int, height: Int) { reader.blockSize }

  /// Reads a part of the raster at its own resolution.
  ///
  /// - Parameters:
  ///   - rect: what lies outside the raster comes as pixels without values.
  ///   - bands: which bands the window has.
  /// - Returns: the values as `Sample`; where a pixel has none they are 0.
  /// - Throws: `RasterError`: `decodeFailed` where the pixels cannot be decoded, `unsupported`
  ///   where there is no such band.
  public func read<Sample: RasterSample>(
    _ rect: PixelRect, bands: BandSelection = .all, as: Sample.Type = Sample.self
  ) throws(RasterError) -> Window<Sample> {
    try reader.read(rect, bands: bands.numbers(in: reader.bands))
  }

  /// Reads the whole raster; for small ones such as truth maps.
  ///
  /// - Throws: `RasterError`, as ``read(_:bands:as:)`` does.
  public func readAll<Sample: RasterSample>(
    bands: BandSelection = .all, as: Sample.Type = Sample.self
  ) throws(RasterError) -> Window<Sample> {
    try read(layout.bounds, bands: bands)
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
    return try read(
      layout.bounds, width: max(1, width / longest), height: max(1, height / longest),
      resampling: .average)
  }
}
