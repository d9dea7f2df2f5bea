// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform
import Raster
import Synchronization
import TestSupport
import Testing

/// The decoder as its callers see it: pixels, checksums, parts, refusals.
@Suite(.timeLimit(.minutes(10))) struct DecodingTests {
  private static let bytes = DecodeExpectation(
    width: 45, height: 33, bandCount: 3, pixelType: .uint8)

  @Test func `it decodes its own image, and says how it is confined`() throws {
    let decoder = RasterDecoder()
    let state = try decoder.check()
    #expect(state.program.lastPathComponent == "fovea-decode")
    #expect(state.landlockVersion != nil)
    let clock = ContinuousClock()
    let again = try clock.measure { for _ in 0..<20 { _ = try decoder.check() } }
    let started = try clock.measure { _ = try RasterDecoder().check() }
    print("a file: \(again / 20); the first one, with the start of a decoder: \(started)")
    #expect(again / 20 < .milliseconds(200))
  }

  @Test(arguments: ["rgb", "alpha", "mask", "collar"])
  func `bytes come as they are read here`(name: String) throws {
    let file = RasterFixtures.url("\(name).tif")
    let dataset = try Dataset(trusted: file)
    var windows: [Window<UInt8>] = []
    let facts = try RasterDecoder.shared.decode(
      file, expecting: DecodeExpectation(dataset.layout), wantsChecksums: true, seconds: 30
    ) { rect, pixels, facts in
      #expect(rect == dataset.layout.bounds)
      #expect(facts.pixelType == .uint8)
      if case .uint8(let window) = pixels { windows.append(window) }
    }
    let expected: Window<UInt8> = try dataset.readAll()
    #expect(windows.count == 1)
    #expect(windows.first?.samples == expected.samples)
    #expect(windows.first?.validity == expected.validity)
    #expect(facts.bands.allSatisfy { $0.type == "Byte" && $0.scale == 1 && $0.offset == 0 })
    #expect((facts.bands.last?.colour == "Alpha") == (name == "alpha"))
  }

  @Test func `numbers come as floating point`() throws {
    let file = RasterFixtures.url("float.tif")
    let dataset = try Dataset(trusted: file)
    let expected: Window<Float> = try dataset.readAll()
    try RasterDecoder.shared.decode(
      file, expecting: DecodeExpectation(dataset.layout), seconds: 30
    ) { _, pixels, facts in
      #expect(facts.bands.allSatisfy { $0.type == "Float32" })
      guard case .float32(let window) = pixels else {
        Issue.record("bytes")
        return
      }
      #expect(window.samples == expected.samples)
      #expect(window.validity == expected.validity)
    }
  }

  @Test(.enabled(if: GDALTool.isInstalled), arguments: ["rgb.tif", "alpha.tif", "uint16.tif"])
  func `checksums are those of GDAL's own tool`(name: String) throws {
    let file = RasterFixtures.url(name)
    let facts = try RasterDecoder.shared.decode(
      file, expecting: DecodeExpectation(try Dataset(trusted: file).layout), wantsChecksums: true,
      seconds: 30
    ) { _, _, _ in }
    #expect(facts.bands.map(\.checksum) == GDALTool.checksums(try GDALTool.info(file)))
  }

  @Test func `a large raster comes in windows, a part of it alone where asked for`() throws {
    let file = RasterFixtures.demo("eurosat_hr.tif")
    let dataset = try Dataset(trusted: file)
    let part = PixelRect(column: 37, row: 100, width: 300, height: 600)
    var rects: [PixelRect] = []
    try RasterDecoder.shared.decode(
      file, expecting: DecodeExpectation(dataset.layout), part: part, seconds: 60
    ) { rect, pixels, _ throws(RasterError) in
      rects.append(rect)
      guard case .uint8(let window) = pixels else { return }
      let expected: Window<UInt8> = try dataset.read(rect)
      #expect(window.samples == expected.samples)
    }
    #expect(rects.map(\.row) == [100, 356, 612])
    #expect(rects.map(\.height) == [256, 256, 88])
    #expect(rects.allSatisfy { $0.column == 37 && $0.width == 300 })
  }

  @Test func `what differs from the header is refused`() throws {
    for (width, bandCount, type) in [
      (44, 3, PixelType.uint8), (45, 2, .uint8), (45, 3, .float32),
    ] {
      let error = #expect(throws: RasterError.self) {
        try RasterDecoder.shared.decode(
          RasterFixtures.url("rgb.tif"),
          expecting: DecodeExpectation(
            width: width, height: 33, bandCount: bandCount, pixelType: type), seconds: 30
        ) { _, _, _ in }
      }
      #expect(error?.kind == "raster-decode-mismatch", "\(String(describing: error))")
    }
  }

  @Test func `an error of the caller ends it, and the next file is decoded`() throws {
    let decoder = RasterDecoder(processCount: 1)
    let error = #expect(throws: RasterError.self) {
      try decoder.decode(
        RasterFixtures.url("rgb.tif"), expecting: Self.bytes, seconds: 30
      ) { _, _, _ throws(RasterError) in throw .cannotWrite(path: "x", reason: "full") }
    }
    #expect(error == .cannotWrite(path: "x", reason: "full"))
    _ = try decoder.check()
  }

  @Test func `a program that is not there is named with where it was looked for`() throws {
    let error = #expect(throws: RasterError.self) {
      try RasterDecoder(program: URL(filePath: "/nowhere/fovea-decode")).check()
    }
    #expect(error?.kind == "decoder-unavailable")
    #expect(error?.reason.contains("/nowhere/fovea-decode") == true)
    // A program of another kind says nothing that we would understand.
    let other = #expect(throws: RasterError.self) {
      try RasterDecoder(program: URL(filePath: "/bin/true")).check()
    }
    #expect(other?.kind == "decoder-unavailable")
  }

  @Test func `more callers than processes wait for their turn`() throws {
    let decoder = RasterDecoder(processCount: 2)
    let failures = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      do {
        _ = try decoder.check()
      } catch {
        failures.withLock { $0 += 1 }
      }
    }
    #expect(failures.withLock { $0 } == 0)
  }

  // Without the check of the header that comes first: the filter must hold by itself, and must let
  // GDAL say what is wrong.
  @Test func `damaged files are refused under the filter, not killed by it`() throws {
    let incidents = Mutex<[DecodeIncident]>([])
    let decoder = RasterDecoder { incident in incidents.withLock { $0.append(incident) } }
    let scratch = try ScratchFolder()
    var generator = SeededGenerator(seed: 13)
    var decoded = 0
    let count = 240
    let names = ["rgb", "alpha", "mask", "collar"]
    for index in 0..<count {
      var bytes = try RasterFixtures.bytes("\(names[index % names.count]).tif")
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        // Half of the damage in the first part, where directories are.
        let end = Bool.random(using: &generator) ? bytes.count : min(600, bytes.count)
        bytes[Int.random(in: 0..<end, using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      let file = try scratch.file("bad.tif", bytes)
      do throws(RasterError) {
        try decoder.decode(file, expecting: Self.bytes, seconds: 20) { _, _, _ in }
        decoded += 1
      } catch {
        #expect(
          [
            "raster-malformed", "raster-decode-failed", "raster-decode-mismatch",
            "raster-unsupported",
          ].contains(error.kind), "\(error)")
      }
    }
    let ends = incidents.withLock { $0.map(\.end) }
    #expect(ends.count == count - decoded)
    #expect(!ends.contains(.signalled(31)))
    print("\(count) damaged files: \(decoded) decoded, \(ends.count) refused")
  }
}

extension DecodeExpectation {
  /// What the header of a raster of this layout promises.
  init(_ layout: RasterLayout) {
    self.init(
      width: layout.width, height: layout.height, bandCount: layout.bandCount,
      pixelType: layout.pixelType)
  }
}
