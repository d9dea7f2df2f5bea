// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Raster
import TestSupport
import Testing

/// Rasters in every kind of system, taken as they lie, and headers that are refused with words.
@Suite struct PlacesTests {
  private func take(_ name: String) throws -> SceneFacts {
    let scratch = try ScratchFolder()
    return try Ingest.scene(RasterFixtures.url(name), cleanCopy: scratch.file("clean.tif"))
  }

  @Test(arguments: [
    ("degrees.tif", false, 5), ("mercator.tif", false, 65), ("feet.tif", false, 65),
    ("rotated.tif", true, 65), ("oblong.tif", true, 65), ("rgb.tif", true, 65),
  ])
  func systemsAreTakenAsTheyAre(name: String, usesMetres: Bool, positions: Int) throws {
    let facts = try take(name)
    #expect(facts.usesMetres == usesMetres)
    let ring = try #require(facts.footprint.polygons.first?.first)
    #expect(ring.count == positions && ring.first == ring.last)
    try facts.footprint.checkGeometry()
    // Counterclockwise, as RFC 7946 has it.
    let area = zip(ring, ring.dropFirst()).reduce(0.0) {
      $0 + $1.0.longitude * $1.1.latitude - $1.1.longitude * $1.0.latitude
    }
    #expect(area > 0)
    // Pixels on the ground, all together, are the footprint.
    let distance = facts.groundSampleDistanceMetres
    let ground = distance.x * distance.y * Double(facts.layout.width * facts.layout.height)
    #expect(abs(facts.footprint.areaSquareMetres / ground - 1) < 0.01, "\(name)")
  }

  @Test func theCleanCopyKeepsTheGrid() throws {
    for name in ["rotated.tif", "oblong.tif", "degrees.tif", "feet.tif"] {
      let scratch = try ScratchFolder()
      let facts = try Ingest.scene(
        RasterFixtures.url(name), cleanCopy: scratch.file("clean.tif"))
      #expect(try Dataset(trusted: scratch.file("clean.tif")).layout == facts.layout, "\(name)")
      #expect(try Dataset(trusted: RasterFixtures.url(name)).layout == facts.layout, "\(name)")
    }
  }

  /// `rgb.tif` with the value of a tag in its directory replaced; classic, little-endian.
  private func inspect(tag: UInt16, type: UInt8, value: UInt32) throws -> Inspection {
    var bytes = try RasterFixtures.bytes("rgb.tif")
    let directory = Int(bytes[4]) | Int(bytes[5]) << 8
    let count = Int(bytes[directory]) | Int(bytes[directory + 1]) << 8
    let entries = (0..<count).map { directory + 2 + 12 * $0 }
    let entry = try #require(
      entries.first { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 == tag })
    bytes[entry + 2] = type
    for index in 0..<4 {
      bytes[entry + 8 + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(index)))
    }
    let scratch = try ScratchFolder()
    return Ingest.inspect(try scratch.file("in.tif", bytes))
  }

  @Test(
    arguments: [
      (259, 6, "raster-unsupported", "old-style JPEG"), (259, 4, "raster-unsupported", "CCITT"),
      (259, 50002, "raster-unsupported", "JPEG XL"),
      (262, 3, "raster-unsupported", "palette"), (317, 9, "raster-malformed", "is 9, not 1 to 3"),
      (284, 7, "raster-malformed", "is 7"), (257, 0, "raster-malformed", "is 0"),
    ] as [(UInt16, UInt32, String, String)])
  func refusalsNameTagAndPlace(tag: UInt16, value: UInt32, kind: String, words: String) throws {
    let found = try inspect(tag: tag, type: 3, value: value)
    #expect(found.refusal?.kind == kind)
    let reason = found.refusal?.reason ?? ""
    #expect(reason.contains(words), "\(reason)")
    if kind == "raster-malformed" {
      #expect(reason.contains(/tag \d+ \(\w+\) at byte \d+/), "\(reason)")
    }
    // What the header says is known all the same.
    #expect(found.width == 45 && found.bands.map(\.type) == ["Byte", "Byte", "Byte"])
    #expect(found.sourceDigest?.count == 64 && found.footprint == nil)
  }

  @Test func everyLimitIsASetting() throws {
    let changes: [(String, @Sendable (inout IngestLimits) -> Void)] = [
      ("file_bytes", { $0.fileBytes = 100 }), ("side_pixels", { $0.sidePixels = 10 }),
      ("bands", { $0.bands = 2 }), ("tags", { $0.tags = 3 }), ("tag_bytes", { $0.tagBytes = 5 }),
      ("table_bytes", { $0.tableBytes = 1 }), ("place_bytes", { $0.placeBytes = 9 }),
      ("tile_side_pixels", { $0.tileSidePixels = 15 }), ("block_bytes", { $0.blockBytes = 1 }),
      ("blocks", { $0.blocks = 1 }), ("decoded_bytes", { $0.decodedBytes = 99 }),
    ]
    for (key, change) in changes {
      var limits = IngestLimits.scene
      change(&limits)
      let refusal = Ingest.inspect(RasterFixtures.url("rgb.tif"), limits: limits).refusal
      #expect(refusal?.kind == "raster-too-large", "\(key)")
      #expect(refusal?.remedy.hasSuffix("raise the limit \(key).") == true, "\(key)")
    }
  }

  // Keys that contradict each other; the clean copy must have the system that is told.
  @Test(arguments: [
    [3076, 0, 1, 9102], [3076, 0, 1, 9001], [3076, 0, 1, 9003], [2048, 0, 1, 2050],
    [2048, 0, 1, 4267], [3072, 0, 1, 2263, 3076, 0, 1, 9001],
  ])
  func `a system is told as the clean copy has it, or refused`(keys: [UInt64]) throws {
    let scratch = try ScratchFolder()
    var raster = PlainRaster().file()
    let place = try #require(raster.directories[0].entries.firstIndex { $0.tag == 34735 })
    var all: [UInt64] = [1024, 0, 1, 1, 1025, 0, 1, 1]
    if keys[0] != 3072 { all += [3072, 0, 1, 32632] }
    all += keys
    raster.directories[0].entries[place].values = .integers(
      [1, 1, 0, UInt64(all.count / 4)] + all)
    let source = try scratch.file("in.tif", raster.bytes())
    let clean = scratch.file("clean.tif")
    do throws(RasterError) {
      let facts = try Ingest.scene(source, cleanCopy: clean)
      #expect(try Dataset(trusted: clean).layout == facts.layout)
    } catch {
      #expect(error.kind == "raster-georeference", "\(error)")
    }
  }
}
