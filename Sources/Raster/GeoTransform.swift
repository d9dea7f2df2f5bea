// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// Where pixels lie in the plane of a coordinate reference system: an affine map of columns and
/// rows.
///
/// Most rasters have north up and square pixels; others are rotated, sheared or oblong.
///
/// ```swift
/// let transform = GeoTransform(originX: 600_000, originY: 5_400_000, pixelSize: 10)
/// transform.point(column: 64, row: 0)  // x 600640, y 5400000
/// ```
public struct GeoTransform: Hashable, Sendable {
  /// The corner of the first column and row, in the system's unit.
  public var originX: Double
  /// The corner of the first column and row, in the system's unit.
  public var originY: Double
  /// The step in x from one column to the next.
  public var columnX: Double
  /// The step in y from one column to the next; 0 where north is up.
  public var columnY: Double
  /// The step in x from one row to the next; 0 where north is up.
  public var rowX: Double
  /// The step in y from one row to the next; negative where north is up.
  public var rowY: Double

  /// A transform from its corner and its steps, all in the system's unit.
  public init(
    originX: Double, originY: Double, columnX: Double, columnY: Double, rowX: Double, rowY: Double
  ) {
    self.originX = originX
    self.originY = originY
    self.columnX = columnX
    self.columnY = columnY
    self.rowX = rowX
    self.rowY = rowY
  }

  /// North up and square: from the north-west corner and the side of a pixel.
  public init(originX: Double, originY: Double, pixelSize: Double) {
    self.init(originX: originX, originY: originY, pixelWidth: pixelSize, pixelHeight: pixelSize)
  }

  /// North up: from the north-west corner and the sides of a pixel.
  public init(originX: Double, originY: Double, pixelWidth: Double, pixelHeight: Double) {
    self.init(
      originX: originX, originY: originY, columnX: pixelWidth, columnY: 0, rowX: 0,
      rowY: -pixelHeight)
  }

  /// Whether columns count to the east and rows to the south.
  public var isNorthUp: Bool { columnX > 0 && rowY < 0 && columnY == 0 && rowX == 0 }

  /// Whether a pixel has four equal sides and right angles, to a millionth.
  public var isSquare: Bool {
    let product = pixelWidth * pixelHeight
    return abs(pixelWidth - pixelHeight) <= 1e-6 * pixelWidth
      && abs(columnX * rowX + columnY * rowY) <= 1e-6 * product
  }

  /// The length of a pixel's side along its row, in the system's unit.
  public var pixelWidth: Double { Self.length(columnX, columnY) }

  /// The length of a pixel's side along its column, in the system's unit.
  public var pixelHeight: Double { Self.length(rowX, rowY) }

  /// The side of a pixel where north is up and pixels are square, in the system's unit; otherwise
  /// that of a square of a pixel's area.
  public var pixelSize: Double {
    isNorthUp && isSquare ? columnX : abs(determinant).squareRoot()
  }

  /// Negative where rows go down as seen with columns to the right, as on every map.
  var determinant: Double { columnX * rowY - rowX * columnY }

  /// Exact where one of the two is 0.
  private static func length(_ x: Double, _ y: Double) -> Double {
    if x == 0 { return abs(y) }
    return y == 0 ? abs(x) : (x * x + y * y).squareRoot()
  }

  /// The corner of pixels at `column` and `row`; fractions are positions within a pixel.
  public func point(column: Double, row: Double) -> ProjectedPoint {
    ProjectedPoint(
      x: originX + column * columnX + row * rowX, y: originY + column * columnY + row * rowY)
  }

  /// The position of `point` in columns and rows, counted from the corner.
  public func pixel(of point: ProjectedPoint) -> (column: Double, row: Double) {
    let (x, y) = (point.x - originX, point.y - originY)
    // Without this, the digits of the determinant would cost whole columns theirs.
    if columnY == 0, rowX == 0 { return (x / columnX, y / rowY) }
    return (
      (x * rowY - y * rowX) / determinant, (y * columnX - x * columnY) / determinant
    )
  }

  /// The transform of the part that begins at `column` and `row`.
  public func moved(column: Int, row: Int) -> GeoTransform {
    let corner = point(column: Double(column), row: Double(row))
    var moved = self
    (moved.originX, moved.originY) = (corner.x, corner.y)
    return moved
  }

  /// The transform of pixels that are `columns` as wide and `rows` as high, with the same corner.
  public func scaled(columns: Double, rows: Double) -> GeoTransform {
    GeoTransform(
      originX: originX, originY: originY, columnX: columnX * columns, columnY: columnY * columns,
      rowX: rowX * rows, rowY: rowY * rows)
  }

  /// Whether two transforms agree to a thousandth of a pixel, over `extent` pixels.
  func agrees(with other: GeoTransform, extent: Int) -> Bool {
    let tolerance = pixelSize / 1000
    let corners = zip([originX, originY], [other.originX, other.originY])
    let steps = zip(
      [columnX, columnY, rowX, rowY], [other.columnX, other.columnY, other.rowX, other.rowY])
    return corners.allSatisfy { abs($0 - $1) <= tolerance }
      && steps.allSatisfy { abs($0 - $1) * Double(extent) <= tolerance }
  }

  /// The six numbers as GDAL orders them.
  var coefficients: [Double] { [originX, columnX, rowX, originY, columnY, rowY] }

  /// A transform from the six numbers as GDAL orders them.
  init(coefficients c: [Double]) {
    self.init(
      originX: c[0], originY: c[3], columnX: c[1], columnY: c[4], rowX: c[2], rowY: c[5])
  }
}

extension GeoTransform: Codable {
  private enum CodingKeys: String, CodingKey {
    case originX, originY, columnX, columnY, rowX, rowY, pixelSize
  }

  /// Reads six numbers, or the corner and the pixel size that earlier versions wrote.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func number(_ key: CodingKeys) throws -> Double { try values.decode(Double.self, forKey: key) }
    let (originX, originY) = (try number(.originX), try number(.originY))
    if values.contains(.pixelSize) {
      self.init(originX: originX, originY: originY, pixelSize: try number(.pixelSize))
    } else {
      self.init(
        originX: originX, originY: originY, columnX: try number(.columnX),
        columnY: try number(.columnY), rowX: try number(.rowX), rowY: try number(.rowY))
    }
  }

  /// Writes the six numbers.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(originX, forKey: .originX)
    try values.encode(originY, forKey: .originY)
    try values.encode(columnX, forKey: .columnX)
    try values.encode(columnY, forKey: .columnY)
    try values.encode(rowX, forKey: .rowX)
    try values.encode(rowY, forKey: .rowY)
  }
}
