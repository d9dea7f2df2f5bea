// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// The type of a raster's samples.
public enum PixelType: String, Hashable, Sendable, Codable, CaseIterable {
  /// Integers from 0 to 255.
  case uint8
  /// 32-bit floating point.
  case float32
}

/// The shape of a raster and its place on the ground.
///
/// Two rasters of one layout can be laid over each other pixel by pixel.
public struct RasterLayout: Hashable, Sendable, Codable {
  /// Columns.
  public var width: Int
  /// Rows.
  public var height: Int
  /// Bands of measurements; an alpha band counts as validity, not as a band.
  public var bandCount: Int
  /// The type of the samples.
  public var pixelType: PixelType
  /// The coordinate reference system: `EPSG:32632` where it has a code, else WKT 2.
  public var crs: String
  /// The place of the pixels.
  public var transform: GeoTransform

  /// A layout from its parts.
  public init(
    width: Int, height: Int, bandCount: Int, pixelType: PixelType, crs: String,
    transform: GeoTransform
  ) {
    precondition(width > 0 && height > 0 && bandCount > 0, "a raster has pixels")
    self.width = width
    self.height = height
    self.bandCount = bandCount
    self.pixelType = pixelType
    self.crs = crs
    self.transform = transform
  }

  /// The whole raster as a rectangle of pixels.
  public var bounds: PixelRect { PixelRect(column: 0, row: 0, width: width, height: height) }

  /// The rectangle around the raster: its ground where north is up, more where it is rotated.
  public var extent: ProjectedRectangle {
    let corners = corners
    let (xs, ys) = (corners.map(\.x), corners.map(\.y))
    func least(_ values: [Double]) -> Double { values.reduce(.infinity) { min($0, $1) } }
    func largest(_ values: [Double]) -> Double { values.reduce(-.infinity) { max($0, $1) } }
    return ProjectedRectangle(
      west: least(xs), south: least(ys), east: largest(xs), north: largest(ys))
  }

  /// The ground that the raster covers: a parallelogram.
  public var outline: ProjectedRegion {
    let corners = corners
    return ProjectedRegion(polygons: [[corners + corners.prefix(1)]])
  }

  /// The corners, from the first pixel of the last row, counterclockwise where north is up.
  var corners: [ProjectedPoint] {
    let (width, height) = (Double(width), Double(height))
    return [(0, height), (width, height), (width, 0), (0, 0)].map {
      transform.point(column: $0, row: $1)
    }
  }

  /// The pixels that cover exactly `rectangle`, in units of this raster's system.
  ///
  /// - Returns: nil where an edge lies more than a thousandth of a pixel off the pixels' edges,
  ///   north is not up, pixels are not square, or the rectangle has no pixel. The pixels need not
  ///   lie within the raster.
  public func pixels(of rectangle: ProjectedRectangle) -> PixelRect? {
    guard transform.isNorthUp, transform.isSquare else { return nil }
    let northWest = transform.pixel(of: ProjectedPoint(x: rectangle.west, y: rectangle.north))
    let southEast = transform.pixel(of: ProjectedPoint(x: rectangle.east, y: rectangle.south))
    let edges = [northWest.column, northWest.row, southEast.column, southEast.row]
    guard edges.allSatisfy({ abs($0) < 1e9 && abs($0 - $0.rounded()) <= 1e-3 }) else { return nil }
    let whole = edges.map { Int($0.rounded()) }
    guard whole[2] > whole[0], whole[3] > whole[1] else { return nil }
    return PixelRect(
      column: whole[0], row: whole[1], width: whole[2] - whole[0], height: whole[3] - whole[1])
  }

  /// The layout of a part of this raster.
  ///
  /// - Parameter rect: need not lie within the raster.
  public func part(_ rect: PixelRect) -> RasterLayout {
    RasterLayout(
      width: rect.width, height: rect.height, bandCount: bandCount, pixelType: pixelType, crs: crs,
      transform: transform.moved(column: rect.column, row: rect.row))
  }
}

/// A rectangle of pixels: columns count to the east, rows to the south, from 0.
public struct PixelRect: Hashable, Sendable, Codable, CustomStringConvertible {
  /// The first column.
  public var column: Int
  /// The first row.
  public var row: Int
  /// Columns.
  public var width: Int
  /// Rows.
  public var height: Int

  /// A rectangle of at least one pixel.
  public init(column: Int, row: Int, width: Int, height: Int) {
    precondition(width > 0 && height > 0, "a rectangle has pixels")
    self.column = column
    self.row = row
    self.width = width
    self.height = height
  }

  /// Whether all of `other` lies within.
  public func contains(_ other: PixelRect) -> Bool {
    other.column >= column && other.row >= row
      && other.column + other.width <= column + width
      && other.row + other.height <= row + height
  }

  /// The pixels of both rectangles, or nil where there are none.
  public func intersection(_ other: PixelRect) -> PixelRect? {
    let (left, top) = (max(column, other.column), max(row, other.row))
    let right = min(column + width, other.column + other.width)
    let bottom = min(row + height, other.row + other.height)
    guard left < right, top < bottom else { return nil }
    return PixelRect(column: left, row: top, width: right - left, height: bottom - top)
  }

  /// Words for messages.
  public var description: String { "\(width) x \(height) pixels at column \(column), row \(row)" }

  /// This rectangle in tiles of at most `width` by `height`, row by row.
  func tiles(width tileWidth: Int, height tileHeight: Int) -> [PixelRect] {
    stride(from: row, to: row + height, by: tileHeight).flatMap { top in
      stride(from: column, to: column + width, by: tileWidth).map { left in
        PixelRect(
          column: left, row: top, width: min(tileWidth, column + width - left),
          height: min(tileHeight, row + height - top))
      }
    }
  }
}
