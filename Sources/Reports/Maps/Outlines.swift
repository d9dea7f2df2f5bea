// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Raster

/// Turns rectangles on the ground into GeoJSON geometries: WGS 84, counterclockwise, seven decimals
/// (a centimetre), cut where they cross the antimeridian (RFC 7946, sections 3.1.6 and 3.1.9).
struct Outlines: ~Copyable {
  private let transform: CoordinateTransform

  /// Prepares for rectangles of a system, `EPSG:n` or WKT.
  init(crs: String) throws(RasterError) {
    transform = try CoordinateTransform(from: crs, to: "EPSG:4326")
  }

  /// The rings of each rectangle: one, or two where it crosses the antimeridian.
  func rings(of rectangles: [ProjectedRectangle]) throws(RasterError) -> [[[Coordinate]]] {
    let corners = try transform.convert(rectangles.flatMap(\.corners)).map {
      Coordinate(longitude: $0.x, latitude: $0.y)
    }
    return rectangles.indices.map { index in
      Self.parts(of: Array(corners[index * 4..<index * 4 + 4])).map(Self.closed)
    }
  }

  /// The geometries as GeoJSON text.
  func geometries(of rectangles: [ProjectedRectangle]) throws(RasterError) -> [String] {
    try rings(of: rectangles).map { rings in
      let texts = rings.map { ring in
        let points = ring.map { point in
          "[\(Figures.plain(point.longitude, digits: 7)),"
            + "\(Figures.plain(point.latitude, digits: 7))]"
        }
        return "[[\(points.joined(separator: ","))]]"
      }
      return texts.count == 1
        ? "{\"coordinates\":\(texts[0]),\"type\":\"Polygon\"}"
        : "{\"coordinates\":[\(texts.joined(separator: ","))],\"type\":\"MultiPolygon\"}"
    }
  }

  /// A convex ring as it is, or the parts of one that crosses the antimeridian.
  private static func parts(of ring: [Coordinate]) -> [[Coordinate]] {
    let longitudes = ring.map(\.longitude)
    guard let least = longitudes.min(), let most = longitudes.max(), most - least > 180 else {
      return [ring]
    }
    // Counted on beyond 180 the ring is whole, and the antimeridian cuts it like any other line.
    let whole = ring.map {
      Coordinate(
        longitude: $0.longitude < 0 ? $0.longitude + 360 : $0.longitude, latitude: $0.latitude)
    }
    let west = clipped(whole) { 180 - $0 }
    let east = clipped(whole) { $0 - 180 }.map {
      Coordinate(longitude: $0.longitude - 360, latitude: $0.latitude)
    }
    return [west, east].filter { $0.count >= 3 }
  }

  /// The part of a convex ring whose longitudes have a distance of at least 0 (Sutherland and
  /// Hodgman, 1974).
  private static func clipped(
    _ ring: [Coordinate], distance: (Double) -> Double
  ) -> [Coordinate] {
    var result: [Coordinate] = []
    for (index, end) in ring.enumerated() {
      let start = ring[(index + ring.count - 1) % ring.count]
      let (from, to) = (distance(start.longitude), distance(end.longitude))
      if (from < 0) != (to < 0) {
        let share = from / (from - to)
        result.append(
          Coordinate(
            longitude: 180, latitude: start.latitude + share * (end.latitude - start.latitude)))
      }
      if to >= 0 { result.append(end) }
    }
    return result
  }

  /// The ring counterclockwise, its first position again at its end.
  private static func closed(_ ring: [Coordinate]) -> [Coordinate] {
    let next = ring.dropFirst() + ring.prefix(1)
    let twiceTheArea = zip(ring, next).reduce(0) { sum, edge in
      sum + edge.0.longitude * edge.1.latitude - edge.1.longitude * edge.0.latitude
    }
    let ring = twiceTheArea < 0 ? ring.reversed() : ring
    return ring + ring.prefix(1)
  }
}
