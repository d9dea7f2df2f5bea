// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Platform
import Reports
import TestSupport
import Testing

/// What RFC 7946 asks of positions and rings, at places where it is hard.
@Suite struct GeoJSONTests {
  private typealias Ring = [[Double]]

  /// The outlines of `classes.geojson` for a job of a few chips around a corner, a list of outer
  /// rings for each chip.
  private static func outlines(
    crs: String, corner: ProjectedPoint
  ) async throws -> (rings: [[Ring]], box: [Double], shape: String) {
    let folder = try TemporaryFolder()
    return try await SampleJob.pool.run {
      let inputs = try StripJob.inputs(
        columnCount: 4, crs: crs, corner: corner, in: folder.url, isAnswered: true)
      let outputs = folder.url.appending(path: "outputs")
      try ReportWriter.write(inputs, to: outputs) { _, _ in
        [UInt8](repeating: 200, count: 3 * 64 * 64)
      }
      func object(_ name: String) throws -> [String: Any] {
        let data = try Data(contentsOf: outputs.appending(path: name))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      }
      let features = try #require(try object("classes.geojson")["features"] as? [[String: Any]])
      let rings = try features.map { feature -> [Ring] in
        let geometry = try #require(feature["geometry"] as? [String: Any])
        if geometry["type"] as? String == "Polygon" {
          return try #require(geometry["coordinates"] as? [Ring])
        }
        return try #require(geometry["coordinates"] as? [[Ring]]).map { $0[0] }
      }
      let item = try object("item.json")
      let shape = (item["geometry"] as? [String: Any])?["type"] as? String
      return (rings, try #require(item["bbox"] as? [Double]), try #require(shape))
    }
  }

  private static func isCounterclockwise(_ ring: Ring) -> Bool {
    zip(ring, ring.dropFirst()).reduce(0.0) { sum, edge in
      sum + edge.0[0] * edge.1[1] - edge.1[0] * edge.0[1]
    } > 0
  }

  @Test func `chips on the antimeridian are cut there`() async throws {
    // UTM zone 1 begins at 180 degrees: at the equator that is 166 021 m east of its origin.
    let (chips, box, shape) = try await Self.outlines(
      crs: "EPSG:32601", corner: ProjectedPoint(x: 166_021.44 - 1600, y: 10_000))
    let cut = chips.filter { $0.count == 2 }
    #expect(cut.count >= 2 && cut.count < chips.count)
    for ring in chips.joined() {
      #expect(ring.count >= 4 && ring.first == ring.last)
      let longitudes = ring.map { $0[0] }
      let (least, most) = try (#require(longitudes.min()), #require(longitudes.max()))
      #expect(most - least < 0.1 && least >= -180 && most <= 180)
      #expect(Self.isCounterclockwise(ring))
    }
    for chip in cut {
      #expect(chip[0].contains { $0[0] == 180 } && chip[1].contains { $0[0] == -180 })
    }
    #expect(box[0] > 179 && box[2] < -179, "west lies beyond east: \(box)")
    #expect(shape == "MultiPolygon")
  }

  @Test func `rings run counterclockwise in the south and beside a pole`() async throws {
    let places = [
      ("EPSG:32733", ProjectedPoint(x: 500_000, y: 6_200_000)),
      ("EPSG:3413", ProjectedPoint(x: 300_000, y: -900_000)),
      ("EPSG:3031", ProjectedPoint(x: -900_000, y: 1_200_000)),
    ]
    for (crs, corner) in places {
      let chips = try await Self.outlines(crs: crs, corner: corner).rings
      #expect(chips.count == 8)
      for ring in chips.joined() { #expect(Self.isCounterclockwise(ring), "\(crs)") }
    }
  }

  @Test func `areas on the ellipsoid are shown where a projection is off`() async throws {
    // Polar stereographic is true at 70 degrees north, and 3 % off in area at 80.
    let folder = try TemporaryFolder()
    try await SampleJob.pool.run {
      let inputs = try StripJob.inputs(
        columnCount: 4, crs: "EPSG:3413", corner: ProjectedPoint(x: 300_000, y: -900_000),
        in: folder.url, isAnswered: true)
      let outputs = folder.url.appending(path: "outputs")
      let report = try ReportWriter.write(inputs, to: outputs) { _, _ in
        [UInt8](repeating: 200, count: 3 * 64 * 64)
      }
      let ratio = report.classes[0].geodesicAreaM2 / report.classes[0].areaM2
      #expect(abs(ratio - 1) > 0.01 && abs(ratio - 1) < 0.1)
      let page = try String(contentsOf: outputs.appending(path: "report.html"), encoding: .utf8)
      #expect(page.contains("On the ellipsoid"))
    }
  }
}
