// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Raster
import Testing

/// Regions that are no area: the refusal names the rings or polygons, as people and as a pointer.
@Suite struct RegionFaultTests {
  private static let square = "[[9,47],[9.1,47],[9.1,47.1],[9,47.1],[9,47]]"
  private static let hole = "[[9.03,47.03],[9.03,47.07],[9.07,47.07],[9.07,47.03],[9.03,47.03]]"

  private static func moved(_ x: Double, _ y: Double = 0) -> String {
    // Whole micro-degrees: rounding must not part what shall touch.
    func text(_ value: Double) -> String { "\((value * 1e6).rounded() / 1e6)" }
    let corners = [(0.03, 0.03), (0.03, 0.07), (0.07, 0.07), (0.07, 0.03), (0.03, 0.03)].map {
      "[\(text(9 + x + $0.0)),\(text(47 + y + $0.1))]"
    }
    return "[" + corners.joined(separator: ",") + "]"
  }

  private func refusal(_ geometry: String) -> RegionError? {
    #expect(throws: RegionError.self) {
      try Region(geoJSON: Array(geometry.utf8)).checkGeometry()
    }
  }

  private func polygon(_ rings: [String]) -> String {
    #"{"type":"Polygon","coordinates":[\#(rings.joined(separator: ","))]}"#
  }

  private static let rings: [([String], String, String)] = [
    (["[[9,47],[9.1,47.1],[9.1,47],[9,47.1],[9,47]]"], "0", "ring 0 crosses itself near (9.05,"),
    (["[[9,47],[9.1,47.1],[9,47],[9,47]]"], "0", "ring 0 has no area"),
    (["[[9,47],[9.1,47.1],[9.05,47.05],[9,47]]"], "0", "ring 0 has no area"),
    (["[[9,47],[9,47],[9,47],[9,47]]"], "0", "ring 0 has no area"),
    ([square, moved(0.5)], "1", "ring 1 lies outside ring 0 near (9.53, 47.03)"),
    ([square, moved(0.07)], "1", "ring 1 lies outside ring 0"),
    ([square, moved(0.05)], "1", "ring 1 crosses ring 0 near (9.1, 47.03)"),
    ([square, hole, moved(0.01, 0.01)], "2", "ring 2 crosses ring 1"),
    ([square, hole, hole], "2", "ring 2 is the same as ring 1"),
    ([square, square], "1", "ring 1 is the same as ring 0"),
    ([hole, square], "1", "ring 1 lies around ring 0"),
    ([square, moved(-0.03)], "1", "ring 1 runs along ring 0"),
    ([square, moved(-0.02), moved(0.02)], "2", "ring 2 runs along ring 1"),
    (
      [square, hole, "[[9.04,47.04],[9.04,47.05],[9.05,47.05],[9.04,47.04]]"], "2",
      "ring 2 lies inside ring 1"
    ),
    (
      [square, moved(-0.02), moved(0.3), "[[9.5,47],[9.6,47],[9.5,47.1],[9.5,47]]"], "2",
      "ring 2 lies outside ring 0"
    ),
    // A hole that meets the outline twice cuts the area in two.
    ([square, "[[9,47.05],[9.05,47.08],[9.1,47.05],[9.05,47.02],[9,47.05]]"], "", "in two"),
  ]

  @Test(arguments: rings)
  func `the rings at fault are named`(rings: [String], pointer: String, words: String) {
    let error = refusal(polygon(rings))
    #expect(error?.kind == "region-invalid")
    #expect(error?.place == "/coordinates" + (pointer.isEmpty ? "" : "/\(pointer)"))
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [
    (moved(0.02), "/coordinates/1", "polygons 0 and 1 overlap near (9.05"),
    (moved(0), "/coordinates/1", "polygons 0 and 1 are the same"),
    (moved(0.04), "/coordinates/1", "polygons 0 and 1 share an edge"),
    ("[[9.04,47.04],[9.05,47.04],[9.05,47.05],[9.04,47.04]]", "/coordinates/1", "overlap"),
    (
      "[[9,47],[9.1,47.1],[9.1,47],[9,47.1],[9,47]]", "/coordinates/1/0",
      "polygon 1, ring 0 crosses itself near"
    ),
  ])
  func `the polygons at fault are named`(second: String, pointer: String, words: String) {
    let error = refusal(
      #"{"type":"MultiPolygon","coordinates":[[\#(Self.moved(0))],[\#(second)]]}"#)
    #expect(error?.place == pointer)
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test func `a pointer leads through the Feature around the geometry`() {
    let bowTie = polygon(["[[9,47],[9.1,47.1],[9.1,47],[9,47.1],[9,47]]"])
    let feature = #"{"type":"Feature","geometry":\#(bowTie)}"#
    #expect(refusal(feature)?.place == "/geometry/coordinates/0")
    let collection = #"{"type":"FeatureCollection","features":[\#(feature)]}"#
    #expect(refusal(collection)?.place == "/features/0/geometry/coordinates/0")
  }

  @Test(arguments: [
    [square, hole], [square, "[[9,47.05],[9.05,47.08],[9.05,47.02],[9,47.05]]"],
    [square, moved(-0.02), moved(0.020001)],
  ])
  func `holes that only touch are sound`(rings: [String]) throws {
    try Region(geoJSON: Array(polygon(rings).utf8)).checkGeometry()
  }

  /// Stars of many points, the second of them too near: what takes longest to judge.
  @Test(.timeLimit(.minutes(10))) func `ten thousand positions are judged in under a second`()
    throws
  {
    func star(_ x: Double, _ count: Int) -> [Coordinate] {
      (0...count).map { index in
        let angle = 2 * Double.pi * Double(index % count) / Double(count)
        let radius = index % 2 == 0 ? 0.1 : 0.09
        return Coordinate(
          longitude: x + radius * cos(angle), latitude: 47 + radius * sin(angle))
      }
    }
    let clock = ContinuousClock()
    let sound = Region(polygons: [[star(9, 10_000)]])
    #expect(try clock.measure { try sound.checkGeometry() } < .seconds(1))
    let overlapping = Region(polygons: [[star(9, 5000)], [star(9.15, 5000)]])
    let time = clock.measure {
      #expect(throws: RegionError.self) { try overlapping.checkGeometry() }
    }
    #expect(time < .seconds(1))
    // A grid of triangles, the last of which is laid over the first.
    var triangles = (0..<3000).map { index in
      let (x, y) = (Double(index % 60) * 0.01, Double(index / 60) * 0.01)
      return [(x, y), (x + 0.009, y), (x, y + 0.009), (x, y)]
        .map { Coordinate(longitude: $0.0, latitude: $0.1) }
    }
    triangles.append(triangles[0])
    let many = Region(polygons: triangles.map { [$0] })
    let manyTime = clock.measure {
      let error = #expect(throws: RegionError.self) { try many.checkGeometry() }
      #expect(error?.description.contains("polygons 0 and 3000 are the same") == true)
    }
    #expect(manyTime < .seconds(1))
  }
}
