// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Raster
import TestSupport
import Testing

/// The shared region documents, where they are at hand: each is judged as its list says, at the
/// place that the list names, and has the area that the list gives.
@Suite(.enabled(if: TestPaths.shared != nil, "the shared data are not beside the checkout"))
struct SharedRegionTests {
  /// The places that the refusals name, by file; where the list names one.
  private static let places: [String: (place: String, words: String)] = [
    "bad_1e400": ("1:43", "out of range (at ring 0, position 1)"),
    "bad_antimeridian_wrapped": ("/coordinates/0/1", "ring 0"),
    "bad_bom": ("1:1", "byte-order mark"),
    "bad_bowtie": ("/coordinates/0", "ring 0 crosses itself near (9.05, 47.05)"),
    "bad_crs_2056_small": ("/crs", "crs"),
    "bad_crs_3857": ("/crs", "crs"),
    "bad_duplicate_keys": ("1:101", "\"coordinates\" stands twice"),
    "bad_empty": ("1:1", "nothing in it"),
    "bad_empty_coordinates": ("/coordinates", "no ring"),
    "bad_empty_multipolygon": ("/coordinates", "no polygon"),
    "bad_geometry_collection": ("/type", "GeometryCollection"),
    "bad_hole_crossing": ("/coordinates/1", "ring 1 crosses ring 0"),
    "bad_hole_edge": ("/coordinates/1", "ring 1 runs along ring 0"),
    "bad_hole_outside": ("/coordinates/1", "ring 1 lies outside ring 0"),
    "bad_holes_overlap": ("/coordinates/2", "ring 2 crosses ring 1"),
    "bad_html": ("1:1", "<!DOCTYPE is no JSON"),
    "bad_huge_number": ("1:43", "out of range (at ring 0, position 1)"),
    "bad_infinity": ("1:43", "-Infinity is no JSON number (at ring 0, position 1)"),
    "bad_latitude": ("/coordinates/0/2/1", "latitude 97.0 is out of range at ring 0, position 2"),
    "bad_longitude": (
      "/coordinates/0/1/0", "longitude 191.0 is out of range at ring 0, position 1"
    ),
    "bad_metres": ("/coordinates/0/0/0", "is out of range at ring 0, position 0"),
    "bad_nan": ("1:43", "NaN is no JSON value (at ring 0, position 1)"),
    "bad_nested_100": ("1:65", "nested too deeply: over 32 levels (at /coordinates/0"),
    "bad_nested_200000": ("1:65", "nested too deeply: over 32 levels (at /coordinates/0"),
    "bad_nesting": ("/coordinates/0/0", "the nesting is wrong"),
    "bad_null_geometry": ("/geometry", "no geometry"),
    "bad_overlapping_polygons": ("/coordinates/1", "polygons 0 and 1 overlap"),
    "bad_point": ("/type", "\"Point\""),
    "bad_position_1": ("/coordinates/0/1", "ring 0, position 1 has fewer than the 2 numbers"),
    "bad_spike_figure8": ("/coordinates/0", "ring 0 crosses itself"),
    "bad_string_numbers": ("/coordinates/0/0", "ring 0, position 0 has a string, not a number"),
    "bad_trailing": ("1:104", "more text after the document's end"),
    "bad_truncated": ("1:95", "the document ends"),
    "bad_two_features": ("/features", "2 features"),
    "bad_two_points": ("/coordinates/0", "ring 0 has 2 positions"),
    "bad_unclosed": ("/coordinates/0", "ring 0 is not closed: first and last point differ"),
    "bad_utf16": ("1:1", "UTF-16"),
    "bad_zero_area": ("/coordinates/0", "ring 0 has no area"),
  ]

  private struct Row {
    let name: String
    let isTaken: Bool
    let areaSquareMetres: Double?
    let bytes: [UInt8]
  }

  private func rows() throws -> [Row] {
    let folder = try #require(TestPaths.shared).appending(path: "data/regions")
    let list = try String(contentsOf: folder.appending(path: "EXPECT.tsv"), encoding: .utf8)
    return try list.split(separator: "\n").dropFirst().map { line in
      let fields = line.split(separator: "\t").map(String.init)
      return Row(
        name: fields[0].replacing(".geojson", with: ""), isTaken: fields[2] == "ok",
        areaSquareMetres: Double(fields[3]),
        bytes: Array(try Data(contentsOf: folder.appending(path: fields[0]))))
    }
  }

  private func judge(_ bytes: [UInt8]) -> Result<Region, RegionError> {
    Result { () throws(RegionError) in
      let region = try Region(geoJSON: bytes)
      try region.checkGeometry()
      return region
    }
  }

  @Test func `each region is judged as the list says, firm rows and policy rows alike`() throws {
    var (accepted, refused, wrong) = (0, 0, 0)
    var largest = 0.0
    for row in try rows() {
      switch judge(row.bytes) {
      case .success(let region):
        accepted += 1
        if !row.isTaken { wrong += 1 }
        #expect(row.isTaken, "\(row.name) was taken")
        guard let expected = row.areaSquareMetres else { continue }
        // The list gives three decimals, which for the smallest region is what limits us.
        let deviation = abs(region.areaSquareMetres - expected)
        #expect(deviation <= max(1e-6 * expected, 0.0005), "\(row.name): \(deviation) m2")
        if expected > 1000 { largest = max(largest, deviation / expected) }
      case .failure(let error):
        refused += 1
        if row.isTaken { wrong += 1 }
        #expect(!row.isTaken, "\(row.name): \(error)")
        let expected = try #require(Self.places[row.name], "\(row.name): \(error)")
        #expect(error.place == expected.place, "\(row.name): \(error)")
        #expect(error.reason.contains(expected.words), "\(row.name): \(error)")
        #expect(error.description.count < 400, "\(row.name)")
      }
    }
    print(
      "regions: \(accepted) accepted, \(refused) refused, \(wrong) wrong;",
      "largest relative deviation of an area \(largest)")
    #expect(wrong == 0)
  }
}
