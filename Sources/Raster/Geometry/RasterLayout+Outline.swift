// SPDX-License-Identifier: Apache-2.0

public import Acquisition

extension RasterLayout {
  /// The ground that the raster covers, in another system: its true outline, rotated or not.
  ///
  /// - Parameter crs: a projected system, `EPSG:n` or WKT.
  /// - Throws: `RasterError.referenceSystem` where a point of the outline has no place in it.
  public func outline(in crs: String) throws(RasterError) -> ProjectedRegion {
    let (width, height) = (Double(width), Double(height))
    let corners = [(0, height), (width, height), (width, 0), (0, 0)].map {
      transform.point(column: $0.0, row: $0.1)
    }
    return try ProjectedRegion(corners: corners, from: self.crs, to: crs)
  }
}

extension ProjectedRectangle {
  /// The rectangle's ground in another system.
  ///
  /// - Throws: `RasterError.referenceSystem` where a point of its outline has no place there.
  public func outline(
    from source: String, to target: String
  ) throws(RasterError) -> ProjectedRegion {
    try ProjectedRegion(corners: corners, from: source, to: target)
  }
}

extension ProjectedRegion {
  /// Parts into which an edge is cut before it is brought into another system, where it is a curve.
  private static let partsOfAnEdge = 32

  /// A polygon whose edges are straight in its own system.
  fileprivate init(
    corners: [ProjectedPoint], from source: String, to target: String
  ) throws(RasterError) {
    guard source != target else {
      self.init(polygons: [[corners + corners.prefix(1)]])
      return
    }
    var points = Array(corners.prefix(1))
    for (start, end) in zip(corners, corners.dropFirst() + corners.prefix(1)) {
      for part in 1...Self.partsOfAnEdge {
        let share = Double(part) / Double(Self.partsOfAnEdge)
        points.append(
          ProjectedPoint(
            x: start.x + share * (end.x - start.x), y: start.y + share * (end.y - start.y)))
      }
    }
    self.init(polygons: [[try CoordinateTransform(from: source, to: target).convert(points)]])
  }
}
