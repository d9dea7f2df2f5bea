// SPDX-License-Identifier: Apache-2.0

public import Acquisition

extension Dataset {
  /// Reads a part of the raster as `width` by `height` pixels.
  ///
  /// A file's overviews are used where they suffice; a clean copy has none. A mean is of the valid
  /// pixels only, and valid as the mask is at its middle, or where any of them is not nodata.
  ///
  /// - Parameters:
  ///   - rect: what lies outside the raster comes as pixels without values.
  ///   - bands: which bands the window has.
  /// - Returns: the values as `Sample`; where a pixel has none they are 0.
  /// - Throws: `RasterError`: `decodeFailed` where the pixels cannot be decoded, `unsupported`
  ///   where there is no such band.
  public func read<Sample: RasterSample>(
    _ rect: PixelRect, width: Int, height: Int, bands: BandSelection = .all,
    resampling: Resampling, as: Sample.Type = Sample.self
  ) throws(RasterError) -> Window<Sample> {
    if rect.width == width, rect.height == height { return try read(rect, bands: bands) }
    let numbers = try bands.numbers(in: reader.bands)
    if layout.bounds.contains(rect) {
      return try reader.decode(
        Excerpt(
          .pixels(rect), width: width, height: height, bands: numbers, resampling: resampling))
    }
    guard rect.intersection(layout.bounds) != nil else {
      return Window(
        empty: PixelRect(column: 0, row: 0, width: width, height: height),
        bandCount: numbers.count)
    }
    // The warper, unlike a read, takes what is outside for empty.
    let grid = layout.transform.moved(column: rect.column, row: rect.row).scaled(
      columns: Double(rect.width) / Double(width), rows: Double(rect.height) / Double(height))
    return try GridTransformer(from: self, to: nil).read(
      self, onto: grid, width: width, height: height, bands: numbers, resampling: resampling)
  }

  /// Reads the ground of a rectangle, in any coordinate reference system, as `width` by `height`
  /// pixels with north up.
  ///
  /// Pixels that coincide with the raster's come as they are; others are found for each pixel at its
  /// exact place, by the raster's geotransform alone.
  ///
  /// - Parameters:
  ///   - rectangle: the ground, in units of `crs`; outside of the raster there are no values.
  ///   - crs: `EPSG:n` or WKT.
  ///   - bands: which bands the window has.
  /// - Returns: the values as `Sample`; where a pixel has none they are 0.
  /// - Throws: `RasterError`: `referenceSystem` where the systems cannot be brought together,
  ///   `decodeFailed` where the pixels cannot be decoded, `unsupported` where there is no such band.
  public func read<Sample: RasterSample>(
    onto rectangle: ProjectedRectangle, crs: String, width: Int, height: Int,
    bands: BandSelection = .all, resampling: Resampling, as: Sample.Type = Sample.self
  ) throws(RasterError) -> Window<Sample> {
    if let rect = layout.pixels(of: rectangle, crs: crs, width: width, height: height) {
      return try read(rect, bands: bands)
    }
    return try GridTransformer(from: self, to: crs).read(
      self, onto: GeoTransform(rectangle, width: width, height: height), width: width,
      height: height, bands: bands.numbers(in: reader.bands), resampling: resampling)
  }
}

extension RasterLayout {
  /// The pixels that are exactly a rectangle in `width` by `height`, so that they can be read as
  /// they are.
  ///
  /// - Parameter crs: the rectangle's system, as ``crs`` names them.
  /// - Returns: nil where the rectangle is in another system, or would have to be resampled. The
  ///   pixels need not lie within the raster.
  public func pixels(
    of rectangle: ProjectedRectangle, crs: String, width: Int, height: Int
  ) -> PixelRect? {
    guard crs == self.crs, let rect = pixels(of: rectangle), rect.width == width,
      rect.height == height
    else { return nil }
    return rect
  }
}
