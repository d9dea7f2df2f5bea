// SPDX-License-Identifier: Apache-2.0

public import Acquisition
import CGDAL

extension Region {
  /// Checks with GEOS that every ring is simple and every hole lies in its outline.
  ///
  /// - Throws: `RegionError.invalid`, saying which polygon and where it crosses itself.
  public func checkGeometry() throws(RegionError) {
    for (index, polygon) in polygons.enumerated() {
      try Self.check(
        [polygon], pointer: polygons.count == 1 ? "/coordinates" : "/coordinates/\(index)")
    }
    // Each polygon is sound by itself; together they may still overlap.
    if polygons.count > 1 { try Self.check(polygons, pointer: "/coordinates") }
  }

  private static func check(
    _ polygons: [[[Coordinate]]], pointer: String
  ) throws(RegionError) {
    let (isValid, messages) = GDAL.listen { () -> Bool in
      let geometry = OGR_G_CreateGeometry(wkbMultiPolygon)
      defer { OGR_G_DestroyGeometry(geometry) }
      for rings in polygons {
        let polygon = OGR_G_CreateGeometry(wkbPolygon)
        for ring in rings {
          let line = OGR_G_CreateGeometry(wkbLinearRing)
          for position in ring { OGR_G_AddPoint_2D(line, position.longitude, position.latitude) }
          OGR_G_AddGeometryDirectly(polygon, line)
        }
        OGR_G_AddGeometryDirectly(geometry, polygon)
      }
      return OGR_G_IsValid(geometry) != 0
    }
    guard !isValid else { return }
    // GEOS tells kind and place, such as "Self-intersection at or near point 9.05 47.05".
    throw .invalid(
      at: pointer, what: "the outline is no area: \(messages.text(else: "GEOS gave no reason"))",
      remedy: "Draw rings that neither cross nor touch themselves or each other.")
  }

  /// The region in the plane of a projected coordinate reference system.
  ///
  /// Edges are straight in longitude and latitude, as RFC 7946 has them, so long ones are divided
  /// before they are brought over.
  ///
  /// - Parameter crs: `EPSG:n` or WKT.
  /// - Throws: `RasterError.referenceSystem` where a position lies outside the system.
  public func projected(into crs: String) throws(RasterError) -> ProjectedRegion {
    let transform = try CoordinateTransform(from: "EPSG:4326", to: crs)
    var projected: [[[ProjectedPoint]]] = []
    for polygon in polygons {
      var rings: [[ProjectedPoint]] = []
      for ring in polygon { rings.append(try transform.convert(Self.divided(ring))) }
      projected.append(rings)
    }
    return ProjectedRegion(polygons: projected)
  }

  /// The longest edge, in degrees, that is taken as straight in both systems: at 0.01 degrees (about
  /// 1 km) an edge of a UTM zone bends by less than 0.02 m.
  private static let longestEdgeDegrees = 0.01

  private static func divided(_ ring: [Coordinate]) -> [ProjectedPoint] {
    var points = ring.prefix(1).map { ProjectedPoint(x: $0.longitude, y: $0.latitude) }
    for (start, end) in zip(ring, ring.dropFirst()) {
      let (dx, dy) = (end.longitude - start.longitude, end.latitude - start.latitude)
      // At most a hundred parts: a region as large as that is far from straight anyway.
      let count = min(100, max(1, Int((max(abs(dx), abs(dy)) / longestEdgeDegrees).rounded(.up))))
      for part in 1...count {
        let share = Double(part) / Double(count)
        points.append(
          ProjectedPoint(x: start.longitude + share * dx, y: start.latitude + share * dy))
      }
    }
    return points
  }
}

extension ProjectedRegion {
  /// The region in longitude and latitude.
  ///
  /// - Parameter crs: the system of the region, `EPSG:n` or WKT.
  /// - Throws: `RasterError.referenceSystem` where a position has no longitude and latitude.
  public func geographic(from crs: String) throws(RasterError) -> Region {
    let transform = try CoordinateTransform(from: crs, to: "EPSG:4326")
    var geographic: [[[Coordinate]]] = []
    for polygon in polygons {
      var rings: [[Coordinate]] = []
      for ring in polygon {
        let points = try transform.convert(ring)
        rings.append(points.map { Coordinate(longitude: $0.x, latitude: $0.y) })
      }
      geographic.append(rings)
    }
    return Region(polygons: geographic)
  }
}
