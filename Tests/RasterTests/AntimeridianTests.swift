// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Raster
import Testing

/// A region that is cut at the antimeridian, on a lattice in a system that is not: the parts join.
@Suite struct AntimeridianTests {
  private func grid(_ crs: String) -> ChipGrid {
    ChipGrid(
      crs: crs, chipPixels: 64, groundSampleDistanceMetres: 10, zoom: 8, patchGrid: .paper,
      origin: .crs)
  }

  @Test(arguments: ["EPSG:32660", "EPSG:32601"])
  func `both parts meet in the zones on either side`(crs: String) throws {
    let region = try Region(west: 179.9, south: 52, east: -179.9, north: 52.1)
    let ground = try region.projected(into: crs)
    let west = try #require(ProjectedRegion(polygons: [ground.polygons[0]]).boundingRectangle)
    let east = try #require(ProjectedRegion(polygons: [ground.polygons[1]]).boundingRectangle)
    // Their seam is one meridian: each part begins at most as far from it as that meridian leans.
    #expect(east.west < west.east && west.east - east.west < 1000)
    #expect(east.east - west.west < 20_000)
    // The plane's area is the ellipsoid's by the square of the zone's scale.
    let bounds = try #require(ground.boundingRectangle)
    let plane = ground.areaSquareMetres(within: bounds)
    #expect(abs(plane / region.areaSquareMetres - 1) < 2e-3)
  }

  @Test(arguments: ["EPSG:32660", "EPSG:32601"])
  func `chips are those of the same ground uncut`(crs: String) throws {
    let cut = try Region(west: 179.95, south: -17, east: -179.9, north: -16.9)
    let grid = grid(crs)
    let chips = try grid.chips(covering: cut.projected(into: crs))
    // The outline of both parts as one ring, in longitudes beyond 180 that PROJ takes as well.
    let corners = [(179.95, -17.0), (180.1, -17), (180.1, -16.9), (179.95, -16.9), (179.95, -17)]
    let whole = Region(
      polygons: [[corners.map { Coordinate(longitude: $0.0, latitude: $0.1) }]])
    let expected = try grid.chips(covering: whole.projected(into: crs))
    #expect(chips == expected)
    #expect(Set(chips).count == chips.count && chips.count > 400)
  }

  @Test func `the zone of a region is that of the middle of both parts`() throws {
    let region = try Region(west: 179.8, south: -17, east: -179.7, north: -16.5)
    #expect(region.boundingBox?.utmZone.crs == "EPSG:32701")
    let other = try Region(west: 179.7, south: 16, east: -179.8, north: 17)
    #expect(other.boundingBox?.utmZone.crs == "EPSG:32660")
  }
}
