// SPDX-License-Identifier: Apache-2.0

/// A rectangle in degrees of WGS 84 with sides along meridians and parallels.
///
/// As in RFC 7946, 5.2, one that crosses the antimeridian has a west beyond its east.
public struct GeographicBox: Hashable, Sendable, Codable {
  /// The western edge, degrees east, -180 to 180.
  public let west: Double
  /// The southern edge, degrees north.
  public let south: Double
  /// The eastern edge, degrees east, -180 to 180.
  public let east: Double
  /// The northern edge, degrees north.
  public let north: Double

  /// Creates a box from its edges, in degrees.
  public init(west: Double, south: Double, east: Double, north: Double) {
    self.west = west
    self.south = south
    self.east = east
    self.north = north
  }

  /// Whether the box lies on both sides of the antimeridian.
  public var crossesAntimeridian: Bool { west > east }

  /// The width in degrees of longitude, 0 to 360.
  public var widthDegrees: Double { east - west + (crossesAntimeridian ? 360 : 0) }

  /// The middle, its longitude -180 to 180.
  public var centre: Coordinate {
    let longitude = west + widthDegrees / 2
    return Coordinate(
      longitude: longitude > 180 ? longitude - 360 : longitude, latitude: (south + north) / 2)
  }

  /// The zone that the middle lies in.
  public var utmZone: UTMZone { UTMZone(at: centre) }
}

extension Region {
  /// The smallest box around the region, or nil where there is no position.
  ///
  /// Of all boxes it is the narrowest one, so that parts on the two sides of the antimeridian lie in
  /// a narrow box that crosses it, not in one around the whole Earth.
  public var boundingBox: GeographicBox? {
    let latitudes = polygons.joined().joined().map(\.latitude)
    guard let south = latitudes.min(), let north = latitudes.max() else { return nil }
    let (west, east) = longitudes
    return GeographicBox(west: west, south: south, east: east, north: north)
  }

  /// The ends of the narrowest arc of longitude that holds every polygon: all but the widest gap.
  private var longitudes: (west: Double, east: Double) {
    let spans = polygons.compactMap { polygon -> (west: Double, east: Double)? in
      let longitudes = polygon.joined().map(\.longitude)
      guard let west = longitudes.min(), let east = longitudes.max() else { return nil }
      return (west, east)
    }.sorted { $0.west < $1.west }
    guard let first = spans.first else { return (0, 0) }
    var reach = first.east
    var widest = (width: 0.0, west: first.west, east: first.east)
    for span in spans.dropFirst() {
      // A gap from `reach` to here: the arc begins behind it and ends before it.
      if span.west - reach > widest.width { widest = (span.west - reach, span.west, reach) }
      reach = max(reach, span.east)
    }
    // The gap over the antimeridian; what is left of it is a box of the usual kind.
    let isUsual = first.west + 360 - reach >= widest.width
    return isUsual ? (first.west, reach) : (widest.west, widest.east)
  }
}
