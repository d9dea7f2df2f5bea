// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Testing

@Suite struct RegionTests {
  private func region(_ coordinates: String, type: String = "Polygon") throws -> Region {
    try Region(geoJSON: Array(#"{"type":"\#(type)","coordinates":\#(coordinates)}"#.utf8))
  }

  @Test func `reads a polygon with a hole`() throws {
    let text =
      "[[[9,47],[9.1,47],[9.1,47.1],[9,47]],[[9.05,47.02],[9.06,47.02],[9.06,47.03],[9.05,47.02]]]"
    let region = try region(text)
    #expect(region.polygons.count == 1)
    #expect(region.polygons[0].map(\.count) == [4, 4])
    #expect(region.polygons[0][0][1] == Coordinate(longitude: 9.1, latitude: 47))
    #expect(try Region(geoJSON: Array(region.geoJSON.utf8)) == region)
  }

  @Test func `reads a feature and a collection of one`() throws {
    let polygon = #"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}"#
    let feature = #"{"type":"Feature","properties":null,"geometry":\#(polygon)}"#
    let collection = #"{"type":"FeatureCollection","features":[\#(feature)]}"#
    let plain = try Region(geoJSON: Array(polygon.utf8))
    #expect(try Region(geoJSON: Array(feature.utf8)) == plain)
    #expect(try Region(geoJSON: Array(collection.utf8)) == plain)
  }

  private static let ringFaults: [(String, String, String)] = [
    ("[[[0,0],[1,0],[1,1],[0,1]]]", "/coordinates/0", "ring 0 is not closed: first and last"),
    ("[[[0,0],[1,0],[0,0]]]", "/coordinates/0", "ring 0 has 3 positions"),
    (
      "[[[0,0],[5,0],[5,5],[0,0]],[[1,1],[2,1],[1,2]]]", "/coordinates/1", "ring 1 has 3 positions"
    ),
    (
      "[[[0,0],[151.2,-33],[-33,151.2],[0,0]]]", "/coordinates/0/2/1",
      "latitude 151.2 is out of range at ring 0, position 2"
    ),
    (
      "[[[600000,5400000],[1,0],[1,1],[600000,5400000]]]", "/coordinates/0/0/0",
      "These look like metres"
    ),
    (
      "[[[179,0],[191,0],[191,1],[179,0]]]", "/coordinates/0/1/0",
      "longitude 191.0 is out of range at ring 0, position 1"
    ),
    ("[[[179.8,0],[-179.7,0],[-179.7,1],[179.8,0]]]", "/coordinates/0/1", "ends at 180 and one"),
    ("[[[-90,0],[90,0],[90,1],[-90,0]]]", "/coordinates/0/1", "positions 0 to 1"),
    (#"[[["0","0"],[1,0],[1,1],[0,0]]]"#, "/coordinates/0/0", "[longitude, latitude]"),
    ("[[[0,0],[1],[1,1],[0,0]]]", "/coordinates/0/1", "ring 0, position 1 has fewer than"),
    ("[[[0,0],[1,0,null],[1,1],[0,0]]]", "/coordinates/0/1", "null, not a number"),
    ("[[[0,0],[[1,0]],[1,1],[0,0]]]", "/coordinates/0/1", "the nesting is wrong"),
    ("[]", "/coordinates", "no ring"),
    ("[[0,0],[1,0],[1,1],[0,0]]", "/coordinates/0/0", "the nesting is wrong: ring 0, position 0"),
    ("5", "/coordinates", "a number where a list of rings"),
    ("null", "/coordinates", "there is no coordinates"),
  ]

  @Test(arguments: ringFaults)
  func `refuses bad rings and says where`(coordinates: String, at: String, what: String) {
    let error = #expect(throws: RegionError.self) { try region(coordinates) }
    #expect(error?.place == at, "\(error?.description ?? "")")
    #expect(error?.description.hasPrefix(at + ":") == true, "\(error?.description ?? "")")
    #expect(error?.description.contains(what) == true, "\(error?.description ?? "")")
  }

  @Test func `a part of a MultiPolygon, of a Feature and of a collection has its own pointer`() {
    let open = "[[[0,0],[1,0],[1,1],[0,0]],[[0,0],[1,0],[1,1],[0,1]]]"
    let several = #"{"type":"MultiPolygon","coordinates":[\#(open)]}"#
    let feature = #"{"type":"Feature","geometry":\#(several)}"#
    let collection = #"{"type":"FeatureCollection","features":[\#(feature)]}"#
    for (document, before) in [
      (several, ""), (feature, "/geometry"), (collection, "/features/0/geometry"),
    ] {
      let error = #expect(throws: RegionError.self) { try Region(geoJSON: Array(document.utf8)) }
      #expect(error?.place == before + "/coordinates/0/1")
      #expect(error?.reason.hasPrefix("polygon 0, ring 1 is not closed") == true)
    }
  }

  private static let textFaults: [(String, String, String)] = [
    ("", "1:1", "nothing in it"), (" \n", "2:1", "nothing in it"),
    ("{\"type\":\"Polygon\",", "1:19", ""), ("<html>", "1:1", "<html> is no JSON value"),
    ("{\"a\":1,\n\"a\":2}", "2:1", "twice"), ("{} {}", "1:4", "more text"),
    ("[1e400]", "1:2", "1e400 is out of range"), ("[NaN]", "1:2", "NaN is no JSON value"),
    ("[-Infinity]", "1:2", "-Infinity is no JSON"), ("[01]", "1:2", "01 is no JSON number"),
    ("\u{FEFF}{}", "1:1", "byte-order mark"), ("{\"a\":\"\\ud800\"}", "1:7", "surrogate"),
    ("{\0}\0", "1:1", "UTF-16"), ("[\u{7}]", "1:2", "\\u{7} is no JSON value"),
    (
      #"{"type":"Polygon","coordinates":[[[9,47],[NaN,47]]]}"#, "1:43",
      "NaN is no JSON value (at ring 0, position 1)"
    ),
    (
      #"{"coordinates":[[[[9,47],[9,1e999]]]],"type":"MultiPolygon"}"#, "1:29",
      "1e999 is out of range (at polygon 0, ring 0, position 1)"
    ),
    (#"{"properties":{"a/b":tru}}"#, "1:22", "tru is no JSON value (at /properties/a~1b)"),
  ]

  @Test(arguments: textFaults)
  func `refuses what is not strict JSON at its line and column`(
    text: String, place: String, what: String
  ) {
    let error = #expect(throws: RegionError.self) { try Region(geoJSON: Array(text.utf8)) }
    #expect(error?.place == place, "\(error?.description ?? "")")
    #expect(error?.description.contains(what) == true, "\(error?.description ?? "")")
    #expect(error?.kind == "region-malformed")
  }

  @Test func `survives nesting that would end a careless parser`() {
    let deep = [UInt8](repeating: UInt8(ascii: "["), count: 200_000)
    #expect(throws: RegionError.self) { try Region(geoJSON: deep) }
  }

  @Test func `a box in degrees is a region, also across the antimeridian`() throws {
    let box = try Region(west: 9, south: 47, east: 9.1, north: 47.1)
    #expect(box.polygons[0][0].count == 5)
    #expect(try Region(geoJSON: Array(#"{"bbox":[9,47,9.1,47.1]}"#.utf8)) == box)
    let split = try Region(west: 179, south: 0, east: -178, north: 1)
    #expect(split.polygons.count == 2)
    #expect(split.polygons[0][0].map(\.longitude) == [179, 180, 180, 179, 179])
    #expect(split.polygons[1][0].map(\.longitude) == [-180, -178, -178, -180, -180])
    for edges in [
      (1.0, 0.0, 0.0, 1.0), (0, 0, 1, 91), (0, 1, 1, 1), (-181, 0, 0, 1), (0, 0, 180, 1),
    ] {
      #expect(throws: RegionError.self, "\(edges)") {
        try Region(west: edges.0, south: edges.1, east: edges.2, north: edges.3)
      }
    }
  }

  @Test func `a box beside a geometry only describes it`() throws {
    let text = #"{"bbox":[0,0,1,1],"type":"Polygon","coordinates":[[[0,0],[2,0],[2,2],[0,0]]]}"#
    #expect(try Region(geoJSON: Array(text.utf8)).boundingBox?.east == 2)
    let error = #expect(throws: RegionError.self) {
      try Region(geoJSON: Array(#"{"bbox":[0,0,1,1],"coordinates":[]}"#.utf8))
    }
    #expect(error?.place == "/type")
  }

  @Test func `a crs that says what RFC 7946 has anyway is taken, and no other`() throws {
    func document(_ name: String) -> [UInt8] {
      Array(
        (#"{"type":"Polygon","crs":{"type":"name","properties":{"name":"\#(name)"}},"#
          + #""coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}"#).utf8)
    }
    #expect(try Region(geoJSON: document("urn:ogc:def:crs:OGC:1.3:CRS84")).ringCount == 1)
    for name in ["EPSG:2056", "urn:ogc:def:crs:EPSG::3857", "EPSG:4326", ""] {
      let error = #expect(throws: RegionError.self) { try Region(geoJSON: document(name)) }
      #expect(error?.place == "/crs")
      #expect(error?.kind == "region-malformed")
    }
  }

  @Test func `the narrowest box is the one around a region`() throws {
    func box(_ spans: (Double, Double)...) throws -> GeographicBox {
      let polygons = spans.map { west, east in
        [
          [(west, 1.0), (east, 2.0), (east, 3.0), (west, 1.0)].map {
            Coordinate(longitude: $0.0, latitude: $0.1)
          }
        ]
      }
      return try #require(Region(polygons: polygons).boundingBox)
    }
    #expect(try box((9, 10)) == GeographicBox(west: 9, south: 1, east: 10, north: 3))
    let across = try box((-180, -179.5), (179, 180))
    #expect(across == GeographicBox(west: 179, south: 1, east: -179.5, north: 3))
    #expect(across.crossesAntimeridian && across.widthDegrees == 1.5)
    #expect(across.centre == Coordinate(longitude: 179.75, latitude: 2))
    #expect(try box((178, 180), (-180, -170)).centre.longitude == -176)
    #expect(try box((-120, -70), (0, 20)).widthDegrees == 140)
    #expect(try box((0, 20), (-120, -70)).west == -120)
    #expect(try box((0, 170), (-170, 0)).widthDegrees == 340)
    #expect(Region(polygons: []).boundingBox == nil)
  }
}
