// SPDX-License-Identifier: Apache-2.0

/// A position on the Earth in degrees (WGS 84), as RFC 7946 orders it: longitude, latitude.
public struct Coordinate: Hashable, Sendable, Codable {
  /// Degrees east, -180 to 180.
  public let longitude: Double
  /// Degrees north, -90 to 90.
  public let latitude: Double

  /// Creates a position.
  public init(longitude: Double, latitude: Double) {
    self.longitude = longitude
    self.latitude = latitude
  }
}

/// A region of interest: polygons of rings, as RFC 7946 defines them.
///
/// Reading checks the structure of every ring; whether rings cross is geometry, which `Raster`
/// judges with GEOS.
///
/// ```swift
/// let region = try Region(geoJSON: bytes)
/// ```
public struct Region: Hashable, Sendable {
  /// The polygons; the first ring of each is its outline, the others its holes; a ring's first and
  /// last positions are equal.
  public let polygons: [[[Coordinate]]]

  /// The largest number of positions in one region.
  public static let largestPositionCount = 10_000

  /// Creates a region from polygons whose rings are closed.
  public init(polygons: [[[Coordinate]]]) { self.polygons = polygons }

  /// The region of one rectangle in degrees.
  ///
  /// - Throws: `RegionError` when an edge is out of range or the rectangle is empty.
  public init(west: Double, south: Double, east: Double, north: Double) throws(RegionError) {
    guard west < east, south < north else {
      throw .invalid(
        at: "bbox",
        what: "west \(west) must be less than east \(east), south \(south) than north "
          + "\(north)", remedy: "Give WEST,SOUTH,EAST,NORTH in degrees.")
    }
    let corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    let ring = corners.map { Coordinate(longitude: $0.0, latitude: $0.1) }
    for (index, corner) in ring.enumerated() {
      try GeoJSONReader.checkRange(corner, at: "bbox/\(index)")
    }
    polygons = [[ring]]
  }

  /// Reads a GeoJSON document: a Polygon, a MultiPolygon, a Feature of one, or a FeatureCollection
  /// with exactly one such Feature (RFC 7946).
  ///
  /// - Throws: `RegionError`, saying where.
  public init(geoJSON bytes: [UInt8]) throws(RegionError) {
    let document: StrictJSON
    do {
      document = try StrictJSON.parse(bytes)
    } catch {
      throw .malformed(
        at: "\(error.line):\(error.column)", what: error.reason,
        remedy: "Give a GeoJSON document (RFC 7946).")
    }
    try self.init(document: document)
  }

  /// Reads a GeoJSON document that stands inside another one, such as a request's body.
  ///
  /// - Throws: `RegionError`, saying where within `document`.
  public init(document: StrictJSON) throws(RegionError) {
    polygons = try GeoJSONReader.polygons(of: document)
  }

  /// The region as a GeoJSON MultiPolygon, sorted keys.
  public var geoJSON: String {
    let text = polygons.map { polygon in
      let rings = polygon.map { ring in
        "[" + ring.map { "[\($0.longitude),\($0.latitude)]" }.joined(separator: ",") + "]"
      }
      return "[" + rings.joined(separator: ",") + "]"
    }
    return "{\"coordinates\":[\(text.joined(separator: ","))],\"type\":\"MultiPolygon\"}"
  }
}
