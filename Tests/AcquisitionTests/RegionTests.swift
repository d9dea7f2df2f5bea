// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import TestSupport
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

  @Test(arguments: [
    (#"[[[0,0],[1,0],[1,1],[0,1]]]"#, "/coordinates/0", "first and last point differ"),
    (#"[[[0,0],[1,0],[0,0]]]"#, "/coordinates/0", "3 positions"),
    (#"[[[0,0],[151.2,-33],[-33,151.2],[0,0]]]"#, "/coordinates/0/2/1", "latitude 151.2"),
    (#"[[[600000,5400000],[1,0],[1,1],[600000,5400000]]]"#, "/coordinates/0/0/1", "latitude"),
    (#"[[[179.8,0],[-179.7,0],[-179.7,1],[179.8,0]]]"#, "/coordinates/0/1", "180 degrees"),
    (#"[[["0","0"],[1,0],[1,1],[0,0]]]"#, "/coordinates/0/0", "[longitude, latitude]"),
    (#"[]"#, "/coordinates", "no ring"),
    (#"[[0,0],[1,0],[1,1],[0,0]]"#, "/coordinates/0/0", "a number"),
  ])
  func `refuses bad rings and says where`(coordinates: String, at: String, what: String) {
    let error = #expect(throws: RegionError.self) { try region(coordinates) }
    #expect(error?.description.hasPrefix(at + ":") == true, "\(error?.description ?? "")")
    #expect(error?.description.contains(what) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [
    ("", "1:1"), ("{\"type\":\"Polygon\",", "1:19"), ("<html>", "1:1"),
    ("{\"a\":1,\n\"a\":2}", "2:1"), ("{} {}", "1:4"), ("[1e400]", "1:2"), ("[NaN]", "1:2"),
    ("[01]", "1:2"), ("\u{FEFF}{}", "1:1"), ("{\"a\":\"\\ud800\"}", "1:7"),
  ])
  func `refuses what is not strict JSON at its line and column`(text: String, place: String) {
    let error = #expect(throws: RegionError.self) { try Region(geoJSON: Array(text.utf8)) }
    #expect(error?.description.hasPrefix(place + ": ") == true, "\(error?.description ?? "")")
    #expect(error?.kind == "region-malformed")
  }

  @Test func `survives nesting that would end a careless parser`() {
    let deep = [UInt8](repeating: UInt8(ascii: "["), count: 200_000)
    #expect(throws: RegionError.self) { try Region(geoJSON: deep) }
  }

  @Test func `a box in degrees is a region`() throws {
    let box = try Region(west: 9, south: 47, east: 9.1, north: 47.1)
    #expect(box.polygons[0][0].count == 5)
    #expect(throws: RegionError.self) { try Region(west: 1, south: 0, east: 0, north: 1) }
    #expect(throws: RegionError.self) { try Region(west: 0, south: 0, east: 1, north: 91) }
  }

  // Crossing rings are geometry, which Raster judges; a bare box has no type, which is refused.
  private static let geometryOnly: Set<String> = [
    "bad_bowtie", "bad_hole_crossing", "bad_hole_edge", "bad_hole_outside", "bad_holes_overlap",
    "bad_overlapping_polygons", "bad_spike_figure8", "bad_zero_area",
  ]

  @Test(.enabled(if: TestPaths.shared != nil, "the shared data is not here"))
  func `judges the shared regions as their list says`() throws {
    let folder = try #require(TestPaths.shared).appending(path: "data/regions")
    let list = try String(contentsOf: folder.appending(path: "EXPECT.tsv"), encoding: .utf8)
    var judged = 0
    for line in list.split(separator: "\n").dropFirst() {
      let fields = line.split(separator: "\t").map(String.init)
      let name = fields[0].replacing(".geojson", with: "")
      if Self.geometryOnly.contains(name) || name == "ok_bbox_only" { continue }
      let bytes = Array(try Data(contentsOf: folder.appending(path: fields[0])))
      let isAccepted = (try? Region(geoJSON: bytes)) != nil
      #expect(isAccepted == (fields[2] == "ok"), "\(name)")
      judged += 1
    }
    #expect(judged >= 45)
  }
}
