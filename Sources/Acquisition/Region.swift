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
/// judges with GEOS. Two regions are equal when their polygons are.
///
/// ```swift
/// let region = try Region(geoJSON: bytes)
/// ```
public struct Region: Sendable {
  /// The polygons; the first ring of each is its outline, the others its holes; a ring's first and
  /// last positions are equal.
  public let polygons: [[[Coordinate]]]
  /// How its document names its parts, for refusals.
  package let notation: RegionNotation

  /// The largest number of positions in one region.
  public static let largestPositionCount = 10_000

  /// Creates a region from polygons whose rings are closed.
  public init(polygons: [[[Coordinate]]]) {
    self.init(polygons: polygons, notation: .multiPolygon)
  }

  private init(polygons: [[[Coordinate]]], notation: RegionNotation) {
    self.polygons = polygons
    self.notation = notation
  }

  /// The region of one rectangle in degrees.
  ///
  /// As in RFC 7946, 5.2, one whose west is beyond its east crosses the antimeridian, and becomes a
  /// polygon on either side.
  ///
  /// - Throws: `RegionError` when an edge is out of range, or the rectangle is empty or half of the
  ///   Earth wide.
  public init(west: Double, south: Double, east: Double, north: Double) throws(RegionError) {
    let box = GeographicBox(west: west, south: south, east: east, north: north)
    try Self.check(box)
    let spans: [(west: Double, east: Double)] =
      box.crossesAntimeridian ? [(west, 180), (-180, east)] : [(west, east)]
    let rings = spans.filter { $0.west < $0.east }.map { span in
      [
        Coordinate(longitude: span.west, latitude: south),
        Coordinate(longitude: span.east, latitude: south),
        Coordinate(longitude: span.east, latitude: north),
        Coordinate(longitude: span.west, latitude: north),
        Coordinate(longitude: span.west, latitude: south),
      ]
    }
    self.init(polygons: rings.map { [$0] })
  }

  private static func check(_ box: GeographicBox) throws(RegionError) {
    let edges = [box.west, box.south, box.east, box.north]
    for (index, value) in edges.enumerated() {
      let (name, limit) = index % 2 == 0 ? ("longitude", 180.0) : ("latitude", 90.0)
      guard abs(value) <= limit else {
        throw .outOfRange(
          at: "/bbox/\(index)", what: "\(name) \(value) is out of range",
          remedy: "Give WEST,SOUTH,EAST,NORTH in degrees.")
      }
    }
    guard box.widthDegrees > 0, box.widthDegrees < 180, box.south < box.north else {
      throw .invalid(
        at: "/bbox",
        what: "the box from \(box.west) to \(box.east) and \(box.south) to \(box.north) degrees is "
          + "empty, or half of the Earth wide",
        remedy: "Give WEST,SOUTH,EAST,NORTH in degrees; only across the antimeridian is the west "
          + "beyond the east.")
    }
  }

  /// Reads a GeoJSON document: a Polygon, a MultiPolygon, a Feature of one, or a FeatureCollection
  /// with exactly one such Feature (RFC 7946); or `{"bbox": [west, south, east, north]}`.
  ///
  /// - Throws: `RegionError`, saying where.
  public init(geoJSON bytes: [UInt8]) throws(RegionError) {
    let document: StrictJSON
    do {
      document = try StrictJSON.parse(bytes)
    } catch {
      let place = RegionNotation.words(ofUnreadable: error.pointer).map { " (at \($0))" }
      throw .malformed(
        at: "\(error.line):\(error.column)", what: error.reason + (place ?? ""),
        remedy: "Give a GeoJSON document (RFC 7946) in UTF-8 without a byte-order mark.")
    }
    try self.init(document: document)
  }

  /// Reads a GeoJSON document that stands inside another one, such as a request's body.
  ///
  /// - Throws: `RegionError`, saying where within `document`.
  public init(document: StrictJSON) throws(RegionError) {
    if let edges = Self.bareBox(document) {
      try self.init(west: edges[0], south: edges[1], east: edges[2], north: edges[3])
    } else {
      let (polygons, notation) = try GeoJSONReader.read(document)
      self.init(polygons: polygons, notation: notation)
    }
  }

  /// The edges in a document of nothing but a box; one beside a geometry only describes it.
  private static func bareBox(_ document: StrictJSON) -> [Double]? {
    guard case .object(let members) = document, members.count == 1,
      case .array(let values)? = document["bbox"], values.count == 4
    else { return nil }
    let edges = values.compactMap { value -> Double? in
      if case .number(_, let number) = value { number } else { nil }
    }
    return edges.count == 4 ? edges : nil
  }

  /// The number of rings.
  public var ringCount: Int { polygons.reduce(0) { $0 + $1.count } }

  /// The number of positions, with the one that each ring repeats at its end.
  public var positionCount: Int { polygons.joined().reduce(0) { $0 + $1.count } }

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

extension Region: Hashable {
  /// Whether the polygons are the same, wherever they were read.
  public static func == (left: Region, right: Region) -> Bool { left.polygons == right.polygons }

  /// Hashes the polygons.
  public func hash(into hasher: inout Hasher) { hasher.combine(polygons) }
}
