// SPDX-License-Identifier: Apache-2.0

/// The rules of RFC 7946 for an area, each refusal with a JSON pointer.
enum GeoJSONReader {
  private static let wantArea = "Give a Polygon or MultiPolygon."

  static func polygons(of document: StrictJSON) throws(RegionError) -> [[[Coordinate]]] {
    let (geometry, pointer) = try geometry(of: document)
    try refuseCRS(geometry, pointer)
    let polygons: [[[Coordinate]]]
    let coordinates = try member("coordinates", of: geometry, at: pointer)
    switch geometry["type"] {
    case .string("Polygon"):
      polygons = [try polygon(coordinates, at: "\(pointer)/coordinates")]
    case .string("MultiPolygon"):
      polygons = try each(coordinates, at: "\(pointer)/coordinates", what: "polygon", polygon)
    default:
      throw .malformed(
        at: "\(pointer)/type", what: "\(shown(geometry["type"])) is not an area", remedy: wantArea)
    }
    guard !polygons.isEmpty else {
      throw .invalid(
        at: "\(pointer)/coordinates", what: "there is no polygon", remedy: wantArea)
    }
    // A ring repeats its first position at the end.
    let count = polygons.joined().reduce(0) { $0 + $1.count - 1 }
    guard count <= Region.largestPositionCount else {
      throw .unsupported(
        at: "\(pointer)/coordinates",
        what: "\(count) positions, and \(Region.largestPositionCount) are taken",
        remedy: "Simplify the outline.")
    }
    return polygons
  }

  private static func geometry(
    of document: StrictJSON
  ) throws(RegionError) -> (StrictJSON, String) {
    try refuseCRS(document, "")
    switch document["type"] {
    case .string("Feature"):
      return (try member("geometry", of: document, at: ""), "/geometry")
    case .string("FeatureCollection"):
      guard case .array(let features)? = document["features"] else {
        throw .malformed(at: "/features", what: "there is no list of features", remedy: wantArea)
      }
      guard features.count == 1, case .string("Feature")? = features[0]["type"] else {
        throw .unsupported(
          at: "/features", what: "\(features.count) features, and one is taken",
          remedy: "Give one Feature; a MultiPolygon holds several areas.")
      }
      try refuseCRS(features[0], "/features/0")
      return (try member("geometry", of: features[0], at: "/features/0"), "/features/0/geometry")
    case .string:
      return (document, "")
    default:
      throw .malformed(
        at: "/type", what: "there is no type; this is \(document.kindName), not GeoJSON",
        remedy: wantArea)
    }
  }

  private static func refuseCRS(_ value: StrictJSON, _ pointer: String) throws(RegionError) {
    guard value["crs"] == nil else {
      throw .malformed(
        at: "\(pointer)/crs", what: "a region has no CRS of its own",
        remedy: "GeoJSON is longitude and latitude in WGS 84: reproject it (ogr2ogr -t_srs "
          + "EPSG:4326) and leave crs out.")
    }
  }

  private static func polygon(
    _ value: StrictJSON, at pointer: String
  ) throws(RegionError) -> [[Coordinate]] {
    let rings = try each(value, at: pointer, what: "ring", ring)
    guard !rings.isEmpty else {
      throw .invalid(at: pointer, what: "the polygon has no ring", remedy: wantArea)
    }
    return rings
  }

  private static func ring(
    _ value: StrictJSON, at pointer: String
  ) throws(RegionError) -> [Coordinate] {
    let ring = try each(value, at: pointer, what: "position", position)
    guard ring.count >= 4 else {
      throw .invalid(
        at: pointer, what: "a ring of \(ring.count) positions encloses nothing",
        remedy: "A ring has at least four positions, the last equal to the first.")
    }
    guard ring.first == ring.last else {
      throw .invalid(
        at: pointer, what: "first and last point differ",
        remedy: "Repeat the first point at the end.")
    }
    for (index, pair) in zip(ring, ring.dropFirst()).enumerated()
    where abs(pair.0.longitude - pair.1.longitude) > 180 {
      throw .unsupported(
        at: "\(pointer)/\(index + 1)", what: "the edge spans more than 180 degrees",
        remedy: "Cut the region at the antimeridian into a MultiPolygon (RFC 7946, 3.1.9).")
    }
    return ring
  }

  private static func position(
    _ value: StrictJSON, at pointer: String
  ) throws(RegionError) -> Coordinate {
    guard case .array(let numbers) = value, numbers.count >= 2,
      case .number(_, let longitude) = numbers[0], case .number(_, let latitude) = numbers[1]
    else {
      throw .malformed(
        at: pointer, what: "\(value.kindName) where [longitude, latitude] should stand",
        remedy: "Give two numbers in degrees.")
    }
    let coordinate = Coordinate(longitude: longitude, latitude: latitude)
    try checkRange(coordinate, at: pointer)
    return coordinate
  }

  static func checkRange(_ coordinate: Coordinate, at pointer: String) throws(RegionError) {
    guard abs(coordinate.latitude) <= 90 else {
      throw .outOfRange(
        at: "\(pointer)/1", what: "latitude \(coordinate.latitude)",
        remedy: "GeoJSON wants [longitude, latitude] in degrees.")
    }
    guard abs(coordinate.longitude) <= 180 else {
      throw .outOfRange(
        at: "\(pointer)/0", what: "longitude \(coordinate.longitude)",
        remedy: "GeoJSON wants [longitude, latitude] in degrees, -180 to 180.")
    }
  }

  private static func each<Element>(
    _ value: StrictJSON, at pointer: String, what: String,
    _ read: (StrictJSON, String) throws(RegionError) -> Element
  ) throws(RegionError) -> [Element] {
    guard case .array(let values) = value else {
      throw .malformed(
        at: pointer, what: "\(value.kindName) where a list of \(what)s should stand",
        remedy: wantArea)
    }
    var elements: [Element] = []
    for (index, value) in values.enumerated() {
      elements.append(try read(value, "\(pointer)/\(index)"))
    }
    return elements
  }

  private static func member(
    _ name: String, of value: StrictJSON, at pointer: String
  ) throws(RegionError) -> StrictJSON {
    guard let member = value[name], member != .null else {
      throw .malformed(at: "\(pointer)/\(name)", what: "there is no \(name)", remedy: wantArea)
    }
    return member
  }

  private static func shown(_ value: StrictJSON?) -> String {
    guard case .string(let text)? = value else { return "this" }
    return "\"\(text.prefix(40))\""
  }
}
