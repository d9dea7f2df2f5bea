// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Raster
import TestSupport
import Testing

/// GeoPackages as OGR's own program sees them.
@Suite struct GeoPackageTests {
  private static let style = GeoPackageWriter.Style(
    name: "classes", qml: "<qgis version=\"3.22\"/>", sld: "<StyledLayerDescriptor/>")

  private static func write(to url: URL) throws {
    var writer = try GeoPackageWriter(
      url: url, layer: "classes", description: "© 2026 Example", crs: "EPSG:32632",
      fields: [
        .init("class", .text), .init("patches", .integer), .init("probability", .real),
        .init("is_bought", .boolean),
      ], at: Date(timeIntervalSince1970: 1_772_366_400))
    for index in 0..<30 {
      let west = 640_130 + 640 * Double(index)
      let ground = ProjectedRectangle(
        west: west, south: 5_330_000, east: west + 640, north: 5_330_640)
      let isThird = index % 3 == 0
      try writer.add(
        ground,
        [
          .text(isThird ? "O'Brien \"Ü\"" : "Forest"), .integer(Int64(index)),
          isThird ? nil : .real(0.5), .boolean(isThird),
        ])
    }
    try writer.setStyle(style)
    try writer.finish()
  }

  @Test func `OGR finds the layer, its columns and its rectangles`() throws {
    let scratch = try ScratchFolder()
    let file = scratch.file("classes.gpkg")
    try Self.write(to: file)
    #expect(try scratch.names == ["classes.gpkg"])
    let text = try GDALTools.text("ogrinfo", ["-ro", "-so", file.path, "classes"])
    for line in [
      "Geometry: Polygon", "Feature Count: 30", "class: String", "patches: Integer64",
      "probability: Real", "is_bought: Integer(Boolean)", "ID[\"EPSG\",32632]", "© 2026 Example",
      "Extent: (640130.000000, 5330000.000000) - (659330.000000, 5330640.000000)",
    ] {
      #expect(text.contains(line), "\(line) in \(text)")
    }
    let count = try GDALTools.text(
      "ogrinfo",
      [
        "-ro", "-q", file.path, "-sql",
        "SELECT COUNT(*) AS n, SUM(ST_Area(geom)) AS a FROM classes "
          + "WHERE class = 'O''Brien \"Ü\"' AND probability IS NULL AND is_bought = 1",
      ])
    #expect(count.contains("n (Integer) = 10"), "\(count)")
    #expect(count.contains("a (Real) = 4096000"), "\(count)")
  }

  @Test func `the style is the one that QGIS takes by itself`() throws {
    let scratch = try ScratchFolder()
    let file = scratch.file("classes.gpkg")
    try Self.write(to: file)
    // What QGIS asks of a layer's table of styles.
    let found = try GDALTools.text(
      "ogrinfo",
      [
        "-ro", "-q", file.path, "layer_styles", "-where",
        "f_table_schema = '' AND f_table_name = 'classes' AND f_geometry_column = 'geom' "
          + "AND useAsDefault = 1",
      ])
    #expect(found.contains("styleQML (String) = <qgis version=\"3.22\"/>"), "\(found)")
    #expect(found.contains("styleSLD (String) = <StyledLayerDescriptor/>"))
  }

  @Test func `equal rows give equal bytes`() throws {
    let scratch = try ScratchFolder()
    for name in ["a.gpkg", "b.gpkg"] { try Self.write(to: scratch.file(name)) }
    #expect(
      try Data(contentsOf: scratch.file("a.gpkg")) == Data(contentsOf: scratch.file("b.gpkg")))
  }

  @Test func `an abandoned file does not remain, and a missing folder is an error`() throws {
    let scratch = try ScratchFolder()
    do {
      _ = try GeoPackageWriter(
        url: scratch.file("half.gpkg"), layer: "a", crs: "EPSG:32632", fields: [], at: .distantPast)
    }
    #expect(try scratch.names.isEmpty)
    #expect(throws: RasterError.self) {
      let writer = try GeoPackageWriter(
        url: URL(filePath: "/nowhere/a.gpkg"), layer: "a", crs: "EPSG:32632", fields: [],
        at: .distantPast)
      try writer.finish()
    }
  }
}

/// Areas on the ellipsoid.
@Suite struct GeodesicAreaTests {
  @Test func `a square on the central meridian is larger by the square of the scale`() throws {
    // UTM's scale is 0.9996 there, so a lattice metre is 1/0.9996 metres of ground.
    let square = ProjectedRectangle(
      west: 499_680, south: 5_330_000, east: 500_320, north: 5_330_640)
    let areas = try GeodesicArea.squareMetres(of: [square], crs: "EPSG:32632")
    #expect(abs(areas[0] / (640 * 640 / (0.9996 * 0.9996)) - 1) < 1e-6)
  }

  @Test func `an equal-area projection has the ellipsoid's areas`() throws {
    let square = ProjectedRectangle(
      west: 4_500_000, south: 3_000_000, east: 4_501_000, north: 3_001_000)
    let areas = try GeodesicArea.squareMetres(of: [square, square], crs: "EPSG:3035")
    #expect(areas.count == 2)
    // The corners are joined by geodesics, the projection's edges bend: parts in a million.
    #expect(abs(areas[0] / 1e6 - 1) < 1e-6)
  }
}
