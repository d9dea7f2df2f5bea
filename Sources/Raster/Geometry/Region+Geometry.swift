// SPDX-License-Identifier: Apache-2.0

public import Acquisition

extension Region {
  /// Checks with GEOS that every ring is simple, every hole lies in its outline and polygons do not
  /// overlap; and that no ring is flat.
  ///
  /// - Throws: `RegionError.invalid`, saying which rings or polygons and near which place.
  public func checkGeometry() throws(RegionError) {
    for (polygon, rings) in polygons.enumerated() {
      for (ring, positions) in rings.enumerated() where Self.isFlat(positions) {
        let place = RegionPlace(polygon: polygon, ring: ring)
        throw .invalid(
          at: notation.pointer(place),
          what: "\(notation.words(place)) has no area: its positions lie on one line",
          remedy: "Give the corners of an area.")
      }
    }
    if let complaint = PlaneGeometry(polygons).complaint {
      throw RegionFault(region: self).refusal(of: complaint)
    }
  }

  /// How far from a line positions may lie and still be on it, in degrees: a tenth of a millimetre.
  private static let lineWidthDegrees = 1e-9

  /// Whether all positions lie on one line, but for rounding, or are one point.
  private static func isFlat(_ ring: [Coordinate]) -> Bool {
    guard let start = ring.first else { return true }
    func offset(_ position: Coordinate) -> (x: Double, y: Double) {
      (position.longitude - start.longitude, position.latitude - start.latitude)
    }
    func length(_ offset: (x: Double, y: Double)) -> Double {
      max(abs(offset.x), abs(offset.y))
    }
    guard let end = ring.map(offset).max(by: { length($0) < length($1) }), length(end) > 0 else {
      return true
    }
    // The distance from the line through the start and the farthest position, along an axis.
    return ring.map(offset).allSatisfy { point in
      abs(point.x * (end.y / length(end)) - point.y * (end.x / length(end))) < lineWidthDegrees
    }
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
  /// The most points that a ring's edges become, so that a large region of many edges stays cheap.
  private static let mostPoints = 100_000

  private static func divided(_ ring: [Coordinate]) -> [ProjectedPoint] {
    let mostParts = max(1, mostPoints / max(1, ring.count))
    var points = ring.prefix(1).map { ProjectedPoint(x: $0.longitude, y: $0.latitude) }
    for (start, end) in zip(ring, ring.dropFirst()) {
      let (dx, dy) = (end.longitude - start.longitude, end.latitude - start.latitude)
      let wanted = (max(abs(dx), abs(dy)) / longestEdgeDegrees).rounded(.up)
      let count = min(mostParts, max(1, Int(wanted)))
      for part in 1..<count {
        let share = Double(part) / Double(count)
        points.append(
          ProjectedPoint(x: start.longitude + share * dx, y: start.latitude + share * dy))
      }
      points.append(ProjectedPoint(x: end.longitude, y: end.latitude))
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
