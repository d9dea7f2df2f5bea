// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Raster
import Reports
import TestSupport
import Testing

/// The classes as other programs find them.
@Suite struct ClassFilesTests {
  @Test func `the GeoPackage has a row for each answer and the report's colours`() async throws {
    let (job, report) = try await WrittenJob.shared.value.parts
    let file = job.outputs.path + "/classes.gpkg"
    let text = try GDALTools.text("ogrinfo", ["-ro", "-so", file, "classes"])
    #expect(text.contains("Feature Count: 143"))
    #expect(text.contains("ID[\"EPSG\",32632]") || text.contains("PROJCRS"), "\(text)")
    for column in ["class: String", "low_resolution_only: Integer(Boolean)"] {
      #expect(text.contains(column))
    }
    let sums = try GDALTools.text(
      "ogrinfo",
      [
        "-ro", "-q", file, "-sql",
        "SELECT SUM(price_share_minor_units) AS paid, SUM(patches_bought) AS bought, "
          + "SUM(ST_Area(geom)) AS area FROM classes",
      ])
    #expect(sums.contains("paid (Integer) = \(report.money.captured.minorUnits)"), "\(sums)")
    #expect(sums.contains("bought (Integer) = \(report.patches.bought)"))
    #expect(sums.contains("area (Real) = \(143 * 640 * 640)"))
    let style = try GDALTools.text("ogrinfo", ["-ro", "-q", file, "layer_styles"])
    let colours = ClassPalette.table(for: report.classes.map(\.name)).colours
    for (area, colour) in zip(report.classes, colours) {
      let rgb = "\(colour.red),\(colour.green),\(colour.blue),255"
      #expect(style.contains("value=\"\(area.name)\" label=\"\(area.name)\""), "\(area.name)")
      #expect(style.contains("name=\"color\" type=\"QString\" value=\"\(rgb)\""), "\(area.name)")
      #expect(style.contains("<se:SvgParameter name=\"fill\">\(colour.html)<"), "\(area.name)")
    }
  }

  @Test func `the GeoJSON says the same as the GeoPackage`() async throws {
    let (job, report) = try await WrittenJob.shared.value.parts
    let data = try Data(contentsOf: job.outputs.appending(path: "classes.geojson"))
    let document = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(document["type"] as? String == "FeatureCollection")
    #expect(document["currency"] as? String == "EUR")
    let features = try #require(document["features"] as? [[String: Any]])
    let properties = features.compactMap { $0["properties"] as? [String: Any] }
    #expect(properties.count == 143)
    let paid = properties.reduce(0) { $0 + ($1["price_share_minor_units"] as? Int64 ?? 0) }
    #expect(paid == report.money.captured.minorUnits)
    for area in report.classes {
      let own = properties.filter { $0["class"] as? String == area.name }
      #expect(own.count == area.chips)
    }
    for fields in properties {
      let used = (fields["patches_bought"] as? Int ?? 0) + (fields["patches_owned"] as? Int ?? 0)
      #expect(fields["low_resolution_only"] as? Bool == (used == 0))
    }
    let text = try GDALTools.text(
      "ogrinfo", ["-ro", "-al", "-so", job.outputs.path + "/classes.geojson"])
    #expect(text.contains("Feature Count: 143"))
  }

  @Test func `GDAL finds the names of the values beside the class map`() async throws {
    let (job, report) = try await WrittenJob.shared.value.parts
    let text = try GDALTools.text(
      "gdalinfo", [job.outputs.path + "/classes.tif"], withSidecars: true)
    #expect(text.contains("Categories:"), "\(text)")
    for area in report.classes { #expect(text.contains(" \(area.index): \(area.name)\n")) }
    #expect(text.contains("NoData Value=255"))
  }
}
