// SPDX-License-Identifier: Apache-2.0

import Acquisition
import CGDAL

/// The outline of a raster in longitude and latitude, as RFC 7946 wants it: counterclockwise, and
/// cut at the antimeridian where it crosses.
enum Footprint {
  /// Why a ring is no outline of ground.
  enum Obstacle: Error {
    /// All longitudes are within, so that a pole is.
    case pole
    /// It goes more than once around the Earth.
    case tooWide
  }

  /// The region within a closed ring of positions in degrees.
  ///
  /// - Parameters:
  ///   - ring: neighbours are less than 180 degrees of longitude apart, or are the ends of a parallel
  ///     in a system that counts beyond 180 degrees.
  static func region(of ring: [ProjectedPoint]) throws(Obstacle) -> Region {
    let unwrapped = unwrap(ring)
    guard let first = unwrapped.first, let last = unwrapped.last else {
      return Region(polygons: [])
    }
    guard abs(first.x - last.x) < 180 else { throw .pole }
    let xs = unwrapped.map(\.x)
    guard let west = xs.min(), let east = xs.max(), east - west <= 360 + tolerance else {
      throw .tooWide
    }
    // Which turn around the Earth the western end is in; the middle one has -180 to 180.
    let turn = ((west + 180) / 360 + 1e-12).rounded(.down)
    let points = unwrapped.map { point in
      Coordinate(longitude: snapped(point.x - 360 * turn), latitude: clamped(point.y, 90))
    }
    if points.allSatisfy({ $0.longitude <= 180 }) {
      return Region(polygons: [[counterclockwise(points)]])
    }
    let whole = PlaneGeometry([[points]])
    var polygons: [[[Coordinate]]] = []
    for shift in [0.0, 360] {
      let window = PlaneGeometry([[box(west: shift - 180, east: shift + 180)]])
      for ring in whole.commonRings(window) {
        polygons.append([
          counterclockwise(
            ring.map {
              Coordinate(
                longitude: clamped($0.longitude - shift, 180), latitude: $0.latitude)
            })
        ])
      }
    }
    return Region(polygons: polygons)
  }

  /// Degrees that are nothing: a tenth of a millimetre on the ground.
  private static let tolerance = 1e-9

  /// Longitudes that go on beyond 180 degrees instead of jumping; in a closed ring without a pole the
  /// last is the first.
  private static func unwrap(_ ring: [ProjectedPoint]) -> [ProjectedPoint] {
    var turn = 0.0
    var previous = ring.first?.x ?? 0
    return ring.map { point in
      let step = point.x - previous
      if step > 180 { turn -= 360 } else if step < -180 { turn += 360 }
      previous = point.x
      return ProjectedPoint(x: point.x + turn, y: point.y)
    }
  }

  private static func snapped(_ longitude: Double) -> Double {
    for limit in [-180.0, 180] where abs(longitude - limit) <= tolerance { return limit }
    return longitude
  }

  private static func clamped(_ value: Double, _ limit: Double) -> Double {
    min(limit, max(-limit, value))
  }

  private static func box(west: Double, east: Double) -> [Coordinate] {
    [(west, -91), (east, -91), (east, 91), (west, 91), (west, -91)].map {
      Coordinate(longitude: $0.0, latitude: $0.1)
    }
  }

  private static func counterclockwise(_ ring: [Coordinate]) -> [Coordinate] {
    let area = zip(ring, ring.dropFirst()).reduce(0.0) { sum, edge in
      sum + edge.0.longitude * edge.1.latitude - edge.1.longitude * edge.0.latitude
    }
    return area < 0 ? ring.reversed() : ring
  }
}

extension PlaneGeometry {
  /// The outlines of the polygons that this and another have in common; both without holes.
  fileprivate func commonRings(_ other: borrowing PlaneGeometry) -> [[Coordinate]] {
    let (handle, otherHandle) = (handle, other.handle)
    let common = PlaneGeometry(
      owning: GDAL.listen { OGR_G_Intersection(handle, otherHandle) }.value)
    guard let geometry = common.handle else { return [] }
    return Self.outlines(of: geometry)
  }

  private static func outlines(of geometry: OGRGeometryH) -> [[Coordinate]] {
    let type = OGR_GT_Flatten(OGR_G_GetGeometryType(geometry))
    if type == wkbPolygon, OGR_G_Area(geometry) > 0,
      let ring = OGR_G_GetGeometryRef(geometry, 0)
    {
      return [
        (0..<OGR_G_GetPointCount(ring)).map {
          Coordinate(longitude: OGR_G_GetX(ring, $0), latitude: OGR_G_GetY(ring, $0))
        }
      ]
    }
    guard type == wkbMultiPolygon || type == wkbGeometryCollection else { return [] }
    return (0..<OGR_G_GetGeometryCount(geometry)).flatMap { index in
      OGR_G_GetGeometryRef(geometry, index).map { outlines(of: $0) } ?? []
    }
  }
}
