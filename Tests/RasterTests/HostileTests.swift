// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform
import Raster
import Testing

/// Files that are wrong on purpose: whatever comes, there is a typed refusal and nothing remains.
@Suite struct HostileTests {
  private func refusal(of url: URL) throws -> RasterError? {
    let scratch = try ScratchFolder()
    let error = #expect(throws: RasterError.self) {
      _ = try Ingest.scene(url, cleanCopy: scratch.file("clean.tif"))
    }
    #expect(try scratch.names.isEmpty)
    return error
  }

  private func refusal(_ bytes: [UInt8]) throws -> RasterError? {
    let scratch = try ScratchFolder()
    return try refusal(of: scratch.file("in.tif", bytes))
  }

  /// `rgb.tif` with the value of a tag in its directory replaced; classic, little-endian.
  private func changed(_ tag: UInt16, count: UInt32? = nil, value: UInt32) throws -> [UInt8] {
    var bytes = try RasterFixtures.bytes("rgb.tif")
    func number(_ offset: Int, _ size: Int) -> Int {
      (0..<size).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }
    func put(_ value: UInt32, at offset: Int) {
      for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
    }
    let directory = number(4, 4)
    let entries = (0..<number(directory, 2)).map { directory + 2 + 12 * $0 }
    let entry = try #require(entries.first { number($0, 2) == Int(tag) })
    // Type 4: whole numbers of 32 bits.
    bytes[entry + 2] = 4
    if let count { put(count, at: entry + 4) }
    put(value, at: entry + 8)
    return bytes
  }

  @Test func everyTruncationIsRefused() throws {
    let bytes = try RasterFixtures.bytes("rgb.tif")
    for count in stride(from: 0, to: bytes.count, by: 97) {
      let error = try refusal(Array(bytes.prefix(count)))
      let kinds = ["raster-not-tiff", "raster-malformed"]
      #expect(kinds.contains(error?.kind ?? ""), "\(count) bytes: \(error?.kind ?? "")")
    }
  }

  @Test(arguments: [
    "", "II", "<VRTDataset rasterXSize=\"1\"/>", "%PDF-1.4 and more", "PK\u{3}\u{4} a zip archive",
  ])
  func whatIsNoTIFFNeverReachesGDAL(text: String) throws {
    #expect(try refusal(Array(text.utf8))?.kind == "raster-not-tiff")
  }

  @Test(
    arguments: [
      // Width, bits, samples, tile width, compression, predictor.
      (256, nil, 4_000_000_000, "raster-too-large"), (257, nil, 0, "raster-malformed"),
      (258, 1, 64, "raster-unsupported"), (277, nil, 65_535, "raster-too-large"),
      (322, nil, 65_536, "raster-too-large"), (322, nil, 5, "raster-malformed"),
      (259, nil, 6, "raster-unsupported"), (317, nil, 7, "raster-malformed"),
      // Tile offsets: past the end, too many, more than any file has.
      (324, nil, 4_000_000_000, "raster-malformed"), (324, 5, 8, "raster-malformed"),
      (324, UInt32.max, 8, "raster-too-large"), (34_735, nil, 8, "raster-malformed"),
    ] as [(UInt16, UInt32?, UInt32, String)])
  func lyingTagsAreRefused(tag: UInt16, count: UInt32?, value: UInt32, kind: String) throws {
    let error = try refusal(changed(tag, count: count, value: value))
    #expect(error?.kind == kind, "\(error?.description ?? "")")
  }

  @Test func aLoopOfDirectoriesEnds() throws {
    var bytes = try RasterFixtures.bytes("rgb.tif")
    let directory = Int(bytes[4]) | Int(bytes[5]) << 8
    let link = directory + 2 + 12 * Int(bytes[directory])
    bytes.replaceSubrange(link..<link + 4, with: bytes[4..<8])
    let error = try refusal(bytes)
    #expect(error?.reason.contains("loop at byte \(directory)") == true)
  }

  @Test(.timeLimit(.minutes(10)), arguments: ["rgb.tif", "mask.tif", "float.tif"])
  func mutationsAreRefusedOrRead(name: String) throws {
    let scratch = try ScratchFolder()
    let bytes = try RasterFixtures.bytes(name)
    for seed in 0..<200 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      var changed = bytes
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        // Half of the changes in the first part, where directories are.
        let end = Bool.random(using: &generator) ? bytes.count : min(600, bytes.count)
        changed[Int.random(in: 0..<end, using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      let url = try scratch.file("in.tif", changed)
      do {
        _ = try Ingest.scene(url, cleanCopy: scratch.file("clean.tif"))
      } catch {
        #expect(error.kind.hasPrefix("raster-") || error.kind == "crs-unknown", "seed \(seed)")
      }
    }
  }

  @Test func onlyRegularFilesAreOpened() throws {
    let scratch = try ScratchFolder()
    #expect(mkfifo(scratch.file("fifo.tif").path, 0o600) == 0)
    let link = scratch.file("link.tif")
    try FileManager.default.createSymbolicLink(
      at: link, withDestinationURL: RasterFixtures.url("rgb.tif"))
    #expect(try refusal(of: scratch.file("fifo.tif"))?.kind == "raster-not-tiff")
    #expect(try refusal(of: link)?.reason == "it is a symbolic link")
    #expect(try refusal(of: scratch.url)?.kind == "raster-not-tiff")
    #expect(try refusal(of: URL(filePath: "/dev/zero"))?.kind == "raster-not-tiff")
    #expect(try refusal(of: scratch.file("none.tif"))?.kind == "raster-cannot-read")
  }

  @Test(.timeLimit(.minutes(10))) func noOtherFileIsOpened() throws {
    let scratch = try ScratchFolder()
    // Whoever opens a FIFO to read waits for its writer, so a reader of these would never end.
    for name in ["overview.tif", "clean.tif.ovr", "clean.tif.msk", "clean.tif.aux.xml"] {
      #expect(mkfifo(scratch.file(name).path, 0o600) == 0)
    }
    let facts = try Ingest.scene(
      RasterFixtures.url("overview_file.tif"), cleanCopy: scratch.file("clean.tif"))
    #expect(facts.noDataShare == 0)
    let dataset = try Dataset(trusted: scratch.file("clean.tif"))
    let clean: Window<UInt8> = try dataset.readAll()
    let raw = try RasterFixtures.bytes("rgb.raw")
    #expect(clean.samples == raw)
  }

  @Test func aPlaceBesideTheFileIsNotBelieved() throws {
    let scratch = try ScratchFolder()
    let url = try scratch.file("in.tif", RasterFixtures.bytes("no_place.tif"))
    for name in ["in.tfw", "in.tifw", "in.wld", "clean.tfw"] {
      _ = try scratch.file(name, Array("10\n0\n0\n-10\n640135\n5330405\n".utf8))
    }
    let error = #expect(throws: RasterError.self) {
      _ = try Ingest.scene(url, cleanCopy: scratch.file("clean.tif"))
    }
    #expect(error?.kind == "raster-georeference")
    #expect(throws: RasterError.self) { _ = try Dataset(trusted: url).layout }
  }

  @Test func messagesAreShortAndPlain() throws {
    var bytes = try RasterFixtures.bytes("rgb.tif")
    for position in bytes.count - 1500..<bytes.count - 100 { bytes[position] = 0x1B }
    let scratch = try ScratchFolder()
    let url = try scratch.file("in.tif", bytes)
    let error = #expect(throws: RasterError.self) {
      _ = try Ingest.scene(url, cleanCopy: scratch.file("clean.tif"))
    }
    let text = error?.description ?? ""
    #expect(text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
    #expect(!text.contains(".part"), "our own name for the file is not for people")
    #expect(text.count < 17 * 220)
  }
}
