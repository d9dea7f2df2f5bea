// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Platform
import Raster
import TestSupport
import Testing

@Suite struct IngestTests {
  @Test func takesAScene() throws {
    let scratch = try ScratchFolder()
    let source = RasterFixtures.url("rgb.tif")
    let facts = try Ingest.scene(source, cleanCopy: scratch.file("clean.tif"))
    #expect(facts.layout == RasterFixtures.layout)
    // Geodesic: UTM's scale here is 0.99984.
    #expect(abs(facts.groundSampleDistanceMetres.x - 10) < 0.005)
    #expect(abs(facts.groundSampleDistanceMetres.y - 10) < 0.005)
    #expect(facts.pixelSizeMetres == 10)
    #expect(facts.usesMetres)
    #expect(facts.noDataShare == 0)
    #expect(facts.sourceDigest == (try Digest.sha256(ofFileAt: source)))
    #expect(facts.bands.map(\.type) == ["Byte", "Byte", "Byte"])
    #expect(facts.bands.map(\.colour) == [.red, .green, .blue])
    // gdalinfo: upper left (10d52'57.46"E, 48d 6'41.49"N)
    let ring = try #require(facts.footprint.polygons.first?.first)
    #expect(facts.footprint.polygons.count == 1)
    #expect(abs(ring[0].longitude - 10.8826288791029) < 1e-12)
    #expect(abs(ring[0].latitude - 48.1115246135012) < 1e-12)
    #expect(ring.first == ring.last && ring.count == 4 * 16 + 1)
    try facts.footprint.checkGeometry()
    #expect(try scratch.names == ["clean.tif"])
  }

  @Test(arguments: ["rgb", "collar", "mask", "alpha"])
  func theCleanCopyHasThePixels(name: String) throws {
    let scratch = try ScratchFolder()
    let source = RasterFixtures.url("\(name).tif")
    let facts = try Ingest.scene(source, cleanCopy: scratch.file("clean.tif"))
    let before: Window<UInt8> = try Dataset(trusted: source).readAll()
    let after: Window<UInt8> = try Dataset(trusted: scratch.file("clean.tif")).readAll()
    #expect(after.samples == before.samples)
    #expect(after.validity == before.validity)
    #expect(abs(facts.noDataShare - (1 - before.validShare)) < 1e-12)
  }

  @Test func theCleanCopyOfFloatingPointIsFinite() throws {
    let scratch = try ScratchFolder()
    let source = RasterFixtures.url("float.tif")
    _ = try Ingest.scene(source, cleanCopy: scratch.file("clean.tif"))
    let before: Window<Float> = try Dataset(trusted: source).readAll()
    let after: Window<Float> = try Dataset(trusted: scratch.file("clean.tif")).readAll()
    #expect(after.samples == before.samples)
    #expect(after.samples.allSatisfy { $0.isFinite })
  }

  @Test func factsSurviveJSON() throws {
    let scratch = try ScratchFolder()
    let facts = try Ingest.scene(
      RasterFixtures.url("rgb.tif"), cleanCopy: scratch.file("clean.tif"))
    let data = try JSON.encoder().encode(facts)
    #expect(try JSON.decoder().decode(SceneFacts.self, from: data) == facts)
  }

  @Test(arguments: [
    ("south_up.tif", "raster-georeference", "south is up", "gdalwarp IN OUT"),
    ("no_place.tif", "raster-georeference", "no geotransform", "gdal_translate -a_srs"),
    ("no_crs.tif", "raster-georeference", "no coordinate reference", "gdal_edit.py -a_srs"),
    ("far.tif", "raster-georeference", "outside EPSG:32632", "gdal_edit.py"),
    ("empty.tif", "raster-values", "not one of its pixels", "not nodata"),
    ("chip.jpg", "raster-not-tiff", "does not begin as a TIFF", "gdal_translate -of GTiff"),
  ])
  func refusesWithARemedy(
    name: String, kind: String, reason: String, remedy: String
  ) throws {
    let scratch = try ScratchFolder()
    let error = #expect(throws: RasterError.self) {
      _ = try Ingest.scene(RasterFixtures.url(name), cleanCopy: scratch.file("clean.tif"))
    }
    #expect(error?.kind == kind)
    #expect(error?.reason.contains(reason) == true, "\(error?.description ?? "")")
    #expect(error?.remedy.contains(remedy) == true, "\(error?.description ?? "")")
    #expect(try scratch.names.isEmpty)
  }

  @Test func refusesAPalette() throws {
    let scratch = try ScratchFolder()
    let error = #expect(throws: RasterError.self) {
      _ = try Ingest.scene(
        RasterFixtures.demo("eurosat_truth.tif"), cleanCopy: scratch.file("clean.tif"))
    }
    #expect(error?.remedy == "Expand it with gdal_translate -expand rgb.")
  }

  @Test func limitsAreSettings() throws {
    let scratch = try ScratchFolder()
    var limits = IngestLimits.scene
    limits.sidePixels = 44
    let error = #expect(throws: RasterError.self) {
      _ = try Ingest.scene(
        RasterFixtures.url("rgb.tif"), cleanCopy: scratch.file("clean.tif"), limits: limits)
    }
    #expect(error?.kind == "raster-too-large")
    #expect(error?.description.contains("raise the limit side_pixels") == true)
  }
}

@Suite struct DeliveryTests {
  private let ordered = RasterFixtures.layout

  private func deliver(
    _ name: String, expected: RasterLayout
  ) throws(RasterError) -> SceneFacts? {
    guard let scratch = try? ScratchFolder() else { return nil }
    return try Ingest.delivery(
      RasterFixtures.url(name), cleanCopy: scratch.file("clean.tif"), expected: expected)
  }

  @Test func takesWhatWasOrdered() throws {
    #expect(try deliver("rgb.tif", expected: ordered)?.layout == ordered)
  }

  @Test func refusesAnythingElse() {
    var place = ordered
    place.transform = ordered.transform.moved(column: 1, row: 0)
    var system = ordered
    system.crs = "EPSG:32633"
    var size = ordered
    size.width += 1
    var bands = ordered
    bands.bandCount = 4
    var type = ordered
    type.pixelType = .float32
    var pixel = ordered
    pixel.transform = pixel.transform.scaled(columns: 1.0001, rows: 1.0001)
    let cases = [
      (place, "place"), (system, "coordinate reference system"), (size, "size"),
      (bands, "number of bands"), (type, "pixel type"), (pixel, "place"),
    ]
    for (expected, what) in cases {
      let error = #expect(throws: RasterError.self) {
        _ = try deliver("rgb.tif", expected: expected)
      }
      #expect(error?.kind == "raster-mismatch")
      #expect(error?.reason.contains("delivery's \(what) is") == true)
    }
  }

  @Test func refusesAnEmptyOne() {
    var expected = ordered
    expected.bandCount = 1
    let error = #expect(throws: RasterError.self) {
      _ = try deliver("empty.tif", expected: expected)
    }
    #expect(error?.kind == "raster-values")
  }

  @Test(arguments: [
    ("2016:01:12 16:02:03", nil, "2016-01-12T16:02:03.000Z"),
    ("2016:01:12 16:02:03", "2015-12-31T23:59:59Z", "2015-12-31T23:59:59.000Z"),
    ("2016:02:30 00:00:00", nil, nil), ("0000:00:00 00:00:00", nil, nil),
    ("yesterday", "2015-12-31", "2015-12-31T00:00:00.000Z"), ("", nil, nil),
  ])
  func `the time of acquisition is what the file tells`(
    file: String, metadata: String?, expected: String?
  ) throws {
    var raster = PlainRaster().file()
    func add(_ tag: UInt16, _ text: String) {
      raster.directories[0].entries.append(.init(tag, 2, .bytes(Array(text.utf8) + [0])))
    }
    add(306, file)
    if let metadata {
      add(
        42112,
        "<GDALMetadata><Item name=\"ACQUISITIONDATETIME\" domain=\"IMAGERY\">\(metadata)</Item>"
          + "</GDALMetadata>")
    }
    raster.directories[0].entries.sort { $0.tag < $1.tag }
    let scratch = try ScratchFolder()
    let url = scratch.file("dated.tif")
    try Data(raster.bytes()).write(to: url)
    let found = Ingest.inspect(url)
    #expect(found.refusal == nil)
    #expect(found.acquiredAt.map(Timestamp.text) == expected)
  }
}
