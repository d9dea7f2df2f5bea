// SPDX-License-Identifier: Apache-2.0

/// The rules of RFC 7946 for an area, each refusal with a JSON pointer.
struct GeoJSONReader {
  private static let wantArea = "Give a Polygon or MultiPolygon."

  let notation: RegionNotation

  /// The polygons of a document, and how it names them.
  static func read(
    _ document: StrictJSON
  ) throws(RegionError) -> (polygons: [[[Coordinate]]], notation: RegionNotation) {
    let (geometry, pointer) = try geometry(of: document)
    try refuseCRS(geometry, pointer)
    guard case .string(let type)? = geometry["type"], ["Polygon", "MultiPolygon"].contains(type)
    else {
      throw .malformed(
        at: "\(pointer)/type", what: "\(shown(geometry["type"])) is not an area", remedy: wantArea)
    }
    let coordinates = try member("coordinates", of: geometry, at: pointer)
    let notation = RegionNotation(
      coordinates: "\(pointer)/coordinates", isPolygon: type == "Polygon")
    let polygons = try GeoJSONReader(notation: notation).polygons(coordinates)
    // A ring repeats its first position at the end.
    let count = polygons.joined().reduce(0) { $0 + $1.count - 1 }
    guard count <= Region.largestPositionCount else {
      throw .unsupported(
        at: notation.coordinates,
        what: "\(count) positions, and \(Region.largestPositionCount) are taken",
        remedy: "Simplify the outline (ogr2ogr -simplify).")
    }
    return (polygons, notation)
  }

  // MARK: The way to the geometry

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
          at: "/features", what: "\(features.count) features, and one Feature is taken",
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

  // Older programs write the name of what RFC 7946 has anyway; that one says nothing wrong.
  private static let longitudeLatitude: Set<String> = [
    "urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC::CRS84",
  ]

  private static func refuseCRS(_ value: StrictJSON, _ pointer: String) throws(RegionError) {
    guard let system = value["crs"] else { return }
    let name = system["properties"]?["name"]
    if case .string(let name)? = name, longitudeLatitude.contains(name) { return }
    throw .malformed(
      at: "\(pointer)/crs", what: "crs: \(shown(name)) is not WGS 84 by longitude and latitude",
      remedy: "Reproject it (ogr2ogr -t_srs EPSG:4326 -lco RFC7946=YES) and leave crs out.")
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
    return "\"\(text.prefix(40).printable)\""
  }

  // MARK: Coordinates

  private func polygons(_ value: StrictJSON) throws(RegionError) -> [[[Coordinate]]] {
    if notation.isPolygon { return [try polygon(value, RegionPlace(polygon: 0))] }
    let values = try list(value, at: notation.coordinates, of: "polygons")
    guard !values.isEmpty else {
      throw .invalid(
        at: notation.coordinates, what: "there is no polygon", remedy: Self.wantArea)
    }
    var polygons: [[[Coordinate]]] = []
    for (index, value) in values.enumerated() {
      polygons.append(try polygon(value, RegionPlace(polygon: index)))
    }
    return polygons
  }

  private func polygon(
    _ value: StrictJSON, _ place: RegionPlace
  ) throws(RegionError) -> [[Coordinate]] {
    let values = try list(value, at: notation.pointer(place), of: "rings")
    guard !values.isEmpty else {
      throw .invalid(
        at: notation.pointer(place), what: "\(notation.words(place)) has no ring",
        remedy: Self.wantArea)
    }
    var rings: [[Coordinate]] = []
    for (index, value) in values.enumerated() {
      rings.append(try ring(value, RegionPlace(polygon: place.polygon, ring: index)))
    }
    return rings
  }

  private func ring(_ value: StrictJSON, _ place: RegionPlace) throws(RegionError) -> [Coordinate] {
    let (pointer, words) = (notation.pointer(place), notation.words(place))
    var ring: [Coordinate] = []
    for (index, value) in try list(value, at: pointer, of: "positions").enumerated() {
      ring.append(
        try position(
          value, RegionPlace(polygon: place.polygon, ring: place.ring, position: index)))
    }
    guard ring.count >= 4 else {
      throw .invalid(
        at: pointer, what: "\(words) has \(ring.count) positions, which enclose nothing",
        remedy: "A ring has at least four positions, the last equal to the first.")
    }
    guard ring.first == ring.last else {
      throw .invalid(
        at: pointer, what: "\(words) is not closed: first and last point differ",
        remedy: "Repeat the first point at the end.")
    }
    for (index, pair) in zip(ring, ring.dropFirst()).enumerated()
    where abs(pair.0.longitude - pair.1.longitude) >= 180 {
      throw .unsupported(
        at: "\(pointer)/\(index + 1)",
        what: "\(words), positions \(index) to \(index + 1): the edge from longitude "
          + "\(pair.0.longitude) to \(pair.1.longitude) spans 180 degrees or more",
        remedy: "Where it crosses the antimeridian, cut it into a MultiPolygon of one part that "
          + "ends at 180 and one that begins at -180 (RFC 7946, 3.1.9).")
    }
    return ring
  }

  private func position(
    _ value: StrictJSON, _ place: RegionPlace
  ) throws(RegionError) -> Coordinate {
    let (pointer, words) = (notation.pointer(place), notation.words(place))
    guard case .array(let values) = value else { throw nesting(value, at: pointer, words) }
    if case .array? = values.first { throw nesting(value, at: pointer, words) }
    guard values.count >= 2 else {
      throw .malformed(
        at: pointer, what: "\(words) has fewer than the 2 numbers [longitude, latitude]",
        remedy: "Give two numbers in degrees.")
    }
    // A third number is a height, which an area does not have.
    var numbers: [Double] = []
    for value in values {
      guard case .number(_, let number) = value else {
        throw .malformed(
          at: pointer,
          what: "\(words) has \(value.kindName), not a number, in [longitude, latitude]",
          remedy: "Give two numbers in degrees, without quotation marks.")
      }
      numbers.append(number)
    }
    let coordinate = Coordinate(longitude: numbers[0], latitude: numbers[1])
    try Self.checkRange(coordinate, at: pointer, words)
    return coordinate
  }

  private func nesting(_ value: StrictJSON, at pointer: String, _ words: String) -> RegionError {
    let found = if case .array = value { "a list of lists" } else { value.kindName }
    return .malformed(
      at: pointer, what: "the nesting is wrong: \(words) is \(found), not [longitude, latitude]",
      remedy: "The coordinates of a Polygon are a list of rings, those of a MultiPolygon a list "
        + "of polygons.")
  }

  private func list(
    _ value: StrictJSON, at pointer: String, of parts: String
  ) throws(RegionError) -> [StrictJSON] {
    guard case .array(let values) = value else {
      throw .malformed(
        at: pointer,
        what: "the nesting is wrong: \(value.kindName) where a list of \(parts) should stand",
        remedy: Self.wantArea)
    }
    return values
  }

  /// Refuses what is no place on the Earth; `words` name the position.
  static func checkRange(
    _ coordinate: Coordinate, at pointer: String, _ words: String
  ) throws(RegionError) {
    let (longitude, latitude) = (coordinate.longitude, coordinate.latitude)
    guard abs(longitude) > 180 || abs(latitude) > 90 else { return }
    let remedy =
      if max(abs(longitude), abs(latitude)) > 360 {
        "These look like metres: reproject to WGS 84 (ogr2ogr -t_srs EPSG:4326)."
      } else if abs(longitude) > 180 {
        "Longitudes are from -180 to 180; cut what crosses the antimeridian into a MultiPolygon "
          + "(RFC 7946, 3.1.9)."
      } else {
        "GeoJSON wants [longitude, latitude] in degrees; were they the wrong way round?"
      }
    if abs(longitude) > 180 {
      throw .outOfRange(
        at: "\(pointer)/0", what: "longitude \(longitude) is out of range at \(words)",
        remedy: remedy)
    }
    throw .outOfRange(
      at: "\(pointer)/1", what: "latitude \(latitude) is out of range at \(words)", remedy: remedy)
  }
}
