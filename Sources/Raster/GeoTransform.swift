// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// Where pixels lie on the ground: north is up and pixels are square.
///
/// ```swift
/// let transform = GeoTransform(originX: 600_000, originY: 5_400_000, pixelSize: 10)
/// transform.point(column: 64, row: 0)  // x 600640, y 5400000
/// ```
public struct GeoTransform: Hashable, Sendable, Codable {
  /// The west edge of the first column, in metres.
  public var originX: Double
  /// The north edge of the first row, in metres.
  public var originY: Double
  /// The side of a pixel, in metres.
  public var pixelSize: Double

  /// A transform from the north-west corner and the side of a pixel, all in metres.
  public init(originX: Double, originY: Double, pixelSize: Double) {
    self.originX = originX
    self.originY = originY
    self.pixelSize = pixelSize
  }

  /// The corner of pixels at `column` and `row`; fractions are positions within a pixel.
  public func point(column: Double, row: Double) -> ProjectedPoint {
    ProjectedPoint(x: originX + column * pixelSize, y: originY - row * pixelSize)
  }

  /// The position of `point` in pixels: columns to the east, rows to the south of the corner.
  public func pixel(of point: ProjectedPoint) -> (column: Double, row: Double) {
    ((point.x - originX) / pixelSize, (originY - point.y) / pixelSize)
  }

  /// The transform of the part that begins at `column` and `row`.
  public func moved(column: Int, row: Int) -> GeoTransform {
    let corner = point(column: Double(column), row: Double(row))
    return GeoTransform(originX: corner.x, originY: corner.y, pixelSize: pixelSize)
  }

  /// Whether two transforms agree to a thousandth of a pixel, over `extent` pixels.
  func agrees(with other: GeoTransform, extent: Int) -> Bool {
    let tolerance = pixelSize / 1000
    return abs(originX - other.originX) <= tolerance && abs(originY - other.originY) <= tolerance
      && abs(pixelSize - other.pixelSize) * Double(extent) <= tolerance
  }

  /// The six numbers as GDAL orders them.
  var coefficients: [Double] { [originX, pixelSize, 0, originY, 0, -pixelSize] }
}
