// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Raster
import Testing

@Suite struct GeometryTests {
  private func ring(_ points: [(Double, Double)]) -> [Coordinate] {
    points.map { Coordinate(longitude: $0.0, latitude: $0.1) }
  }

  @Test func coordinatesAreThoseOfGDALsTool() throws {
    // echo "10.9 48.1" | gdaltransform -s_srs EPSG:4326 -t_srs EPSG:32632 (GDAL 3.6.2)
    let there = try CoordinateTransform(from: "EPSG:4326", to: "EPSG:32632")
    let point = try there.convert([ProjectedPoint(x: 10.9, y: 48.1)])[0]
    #expect(abs(point.x - 641_454.565694563) < 1e-6)
    #expect(abs(point.y - 5_329_160.92294461) < 1e-6)
    // echo "640130 5330410" | gdaltransform -s_srs EPSG:32632 -t_srs EPSG:4326
    let back = try CoordinateTransform(from: "EPSG:32632", to: "EPSG:4326")
    let place = try back.convert([ProjectedPoint(x: 640_130, y: 5_330_410)])[0]
    #expect(abs(place.x - 10.8826288791029) < 1e-12)
    #expect(abs(place.y - 48.1115246135012) < 1e-12)
  }

  @Test(arguments: [
    "EPSG:999999", "32632", "EPSG:", "http://example.org/crs", "/etc/passwd", "WGS84", "EPSG:-1",
  ])
  func onlyCodesAndWKTAreSystems(name: String) {
    let error = #expect(throws: RasterError.self) {
      _ = try CoordinateTransform(from: name, to: "EPSG:4326").convert([])
    }
    #expect(error?.kind == "crs-unknown")
  }

  @Test func aPointOutsideTheSystemIsRefused() throws {
    let transform = try CoordinateTransform(from: "EPSG:32632", to: "EPSG:4326")
    let error = #expect(throws: RasterError.self) {
      try transform.convert([ProjectedPoint(x: 1e15, y: 1e15)])
    }
    #expect(error?.description.contains("1000000000000000.0") == true)
  }

  @Test func aRegionGoesAndComesBack() throws {
    let square = ring([(10.9, 48.05), (10.95, 48.05), (10.95, 48.1), (10.9, 48.1), (10.9, 48.05)])
    let region = Region(polygons: [[square]])
    let projected = try region.projected(into: "EPSG:32632")
    #expect(projected.polygons[0][0].first == projected.polygons[0][0].last)
    let back = try projected.geographic(from: "EPSG:32632").polygons[0][0]
    for corner in square {
      let isThere = back.contains {
        abs($0.longitude - corner.longitude) < 1e-9 && abs($0.latitude - corner.latitude) < 1e-9
      }
      #expect(isThere)
    }
  }

  @Test func longEdgesBendAsTheyShould() throws {
    // Along a parallel, the middle of two degrees lies north of the straight line in UTM.
    let wide = Region(polygons: [[ring([(8, 48), (10, 48), (10, 49), (8, 49), (8, 48)])]])
    let points = try wide.projected(into: "EPSG:32632").polygons[0][0]
    #expect(points.count > 200)
    let south = points.filter { abs($0.x - 500_000) < 1000 }.map(\.y).min() ?? 0
    let corner = points[0].y
    // echo "9 48" | gdaltransform: 5316300.6; the corner lies about 480 m further north.
    #expect(abs(south - 5_316_300) < 1)
    #expect(corner - south > 400)
  }

  @Test func aSoundRegionPasses() throws {
    let outline = ring([(9, 47), (10, 47), (10, 48), (9, 48), (9, 47)])
    let hole = ring([(9.2, 47.2), (9.2, 47.4), (9.4, 47.4), (9.4, 47.2), (9.2, 47.2)])
    try Region(polygons: [[outline, hole]]).checkGeometry()
  }

  @Test func aBowTieSaysWhereItCrosses() {
    let bowTie = ring([(9, 47), (10, 48), (10, 47), (9, 48), (9, 47)])
    let error = #expect(throws: RegionError.self) {
      try Region(polygons: [[bowTie]]).checkGeometry()
    }
    #expect(error?.kind == "region-invalid")
    #expect(
      error?.description.hasPrefix(
        "/coordinates/0/0: polygon 0, ring 0 crosses itself near (9.5, 47.5). ") == true)
  }
}
