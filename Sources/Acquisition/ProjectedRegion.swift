// SPDX-License-Identifier: Apache-2.0

/// A point in a projected coordinate reference system, in metres.
public struct ProjectedPoint: Hashable, Sendable, Codable {
  /// Metres east of the system's origin.
  public let x: Double
  /// Metres north of the system's origin.
  public let y: Double

  /// Creates a point from metres east and north.
  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }
}

/// An axis-aligned rectangle in a projected coordinate reference system, in metres.
public struct ProjectedRectangle: Hashable, Sendable, Codable {
  /// The western edge.
  public let west: Double
  /// The southern edge.
  public let south: Double
  /// The eastern edge.
  public let east: Double
  /// The northern edge.
  public let north: Double

  /// Creates a rectangle from its edges, in metres.
  public init(west: Double, south: Double, east: Double, north: Double) {
    self.west = west
    self.south = south
    self.east = east
    self.north = north
  }

  /// The area in square metres of the plane.
  public var areaSquareMetres: Double { max(0, east - west) * max(0, north - south) }

  /// Whether the other rectangle lies inside, within `tolerance` metres.
  public func contains(_ other: ProjectedRectangle, tolerance: Double = 1e-6) -> Bool {
    other.west >= west - tolerance && other.east <= east + tolerance
      && other.south >= south - tolerance && other.north <= north + tolerance
  }
}

/// A region in the plane of a projected coordinate reference system: polygons of rings, the first
/// ring of each its outline, the others its holes.
public struct ProjectedRegion: Hashable, Sendable {
  /// The polygons; a ring's first and last points are the same.
  public let polygons: [[[ProjectedPoint]]]

  /// Creates a region from valid polygons, whose rings do not cross.
  public init(polygons: [[[ProjectedPoint]]]) { self.polygons = polygons }

  /// The region of one rectangle.
  public init(_ rectangle: ProjectedRectangle) {
    let (w, s, e, n) = (rectangle.west, rectangle.south, rectangle.east, rectangle.north)
    let corners = [(w, s), (e, s), (e, n), (w, n), (w, s)]
    polygons = [[corners.map { ProjectedPoint(x: $0.0, y: $0.1) }]]
  }

  /// The smallest rectangle around the region, or nil when there is no point.
  public var boundingRectangle: ProjectedRectangle? {
    let points = polygons.joined().joined()
    guard let first = points.first else { return nil }
    var (west, east, south, north) = (first.x, first.x, first.y, first.y)
    for point in points {
      (west, east) = (min(west, point.x), max(east, point.x))
      (south, north) = (min(south, point.y), max(north, point.y))
    }
    return ProjectedRectangle(west: west, south: south, east: east, north: north)
  }

  /// The area inside both the region and a rectangle, in square metres of the plane.
  public func areaSquareMetres(within rectangle: ProjectedRectangle) -> Double {
    var sum = 0.0
    for polygon in polygons {
      for (index, ring) in polygon.enumerated() {
        let area = abs(Self.signedArea(Self.clipped(ring, to: rectangle)))
        sum += index == 0 ? area : -area
      }
    }
    return max(0, sum)
  }

  // Sutherland and Hodgman's clipping, one edge after another. It may leave edges that lie on each
  // other along the rectangle's border; their areas cancel, so the area is right.
  private static func clipped(
    _ ring: [ProjectedPoint], to rectangle: ProjectedRectangle
  ) -> [ProjectedPoint] {
    var points = ring
    points = clipped(points) { $0.x - rectangle.west }
    points = clipped(points) { rectangle.east - $0.x }
    points = clipped(points) { $0.y - rectangle.south }
    return clipped(points) { rectangle.north - $0.y }
  }

  private static func clipped(
    _ points: [ProjectedPoint], keeping distance: (ProjectedPoint) -> Double
  ) -> [ProjectedPoint] {
    guard var previous = points.last else { return [] }
    var result: [ProjectedPoint] = []
    for point in points {
      let (before, now) = (distance(previous), distance(point))
      if (before < 0) != (now < 0) {
        let share = before / (before - now)
        result.append(
          ProjectedPoint(
            x: previous.x + share * (point.x - previous.x),
            y: previous.y + share * (point.y - previous.y)))
      }
      if now >= 0 { result.append(point) }
      previous = point
    }
    return result
  }

  private static func signedArea(_ points: [ProjectedPoint]) -> Double {
    guard let origin = points.first, var previous = points.last else { return 0 }
    var sum = 0.0
    for point in points {
      // Relative to the first point: UTM northings are large, and their products lose digits.
      sum +=
        (previous.x - origin.x) * (point.y - origin.y)
        - (point.x - origin.x) * (previous.y - origin.y)
      previous = point
    }
    return sum / 2
  }
}
