// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Planning
import Platform
import TestSupport
import Testing
import Vendors

@Suite struct CogVendorTests {
  private static let codings: [[String]] = [
    CogFixture.cog + ["-co", "COMPRESS=DEFLATE", "-co", "PREDICTOR=YES"],
    CogFixture.cog + ["-co", "COMPRESS=NONE", "-co", "BIGTIFF=YES"],
    CogFixture.cog + ["-co", "COMPRESS=JPEG", "-co", "QUALITY=90"],
    CogFixture.cog + ["-co", "COMPRESS=LZW", "-mask", "1"],
    ["-of", "COG", "-co", "BLOCKSIZE=256", "-co", "COMPRESS=ZSTD"],
    CogFixture.tiled + ["-co", "INTERLEAVE=BAND", "-co", "ENDIANNESS=BIG"],
  ]

  @Test(arguments: ["0", "9000000"]) func conforms(_ rate: String) async throws {
    let fixture = try await CogFixture(prices: CogFixture.perGigabyte(rate))
    try await VendorConformance(vendor: fixture.vendor, draft: fixture.draft()).check()
  }

  @Test(arguments: codings) func deliversThePixelsThatGDALWouldCut(_ options: [String]) async throws
  {
    let fixture = try await CogFixture(options)
    let (order, deliveries) = try await ordered(fixture)
    #expect(deliveries.map(\.itemNumber) == [0, 1, 2])
    for (delivery, rectangle) in zip(deliveries, CogFixture.rectangles) {
      let target = fixture.folder.url.appending(path: "\(order)-\(delivery.itemNumber).tif")
      try await fixture.vendor.download(delivery, to: target) { _ in }
      let (content, expected) = (
        try await CogFixture.content(target), try await fixture.expected(rectangle)
      )
      #expect(content == expected)
      #expect(content.transform.count == 6 && !content.system.isEmpty)
      #expect(!FileManager.default.fileExists(atPath: target.path + ".part"))
    }
  }

  @Test func fetchesNoMoreThanTheTilesAndTheirNeighbours() async throws {
    let fixture = try await CogFixture()
    let grid = fixture.grid()
    let draft = fixture.draft([PatchRectangle(column: 0, row: 0, columnCount: 4, rowCount: 4)])
    let quantity = try await fixture.vendor.measure(on: grid)(draft)
    let whole = try Data(contentsOf: fixture.file).count
    let bytes = try #require(quantity.byteCount)
    // One tile of 36.
    #expect(bytes > 0 && bytes < Int64(whole) / 18)
    #expect(quantity.requestCount == 1)
    let (_, deliveries) = try await ordered(fixture, draft)
    let before = fixture.server.ranges.count
    try await fixture.vendor.download(
      deliveries[0], to: fixture.folder.url.appending(path: "x.tif")
    ) { _ in }
    let ranges = fixture.server.ranges[before...]
    #expect(ranges.map { Int64($0.count) } == [bytes], "the bytes that were priced")
    #expect(fixture.server.conditions.last == "\"one\"")
  }

  @Test func pricesBytesBeforeItBuys() async throws {
    let fixture = try await CogFixture(prices: CogFixture.perGigabyte("1000000"))
    let draft = fixture.draft()
    let quantity = try await fixture.vendor.measure(on: draft.grid)(draft)
    let quote = try await fixture.vendor.quote(draft)
    // 1000 minor units a byte and a thousandth of it: 10^6 / 10^9.
    let expected = (Double(try #require(quantity.byteCount)) / 1000).rounded(.up)
    #expect(quote.price.minorUnits == Int64(expected))
    let key = newKey()
    let submission = try fixture.vendor.submission(for: draft, quote: quote, key: key)
    let receipt = try await fixture.vendor.submit(submission)
    let report = try await fixture.vendor.status(receipt.vendorOrderID)
    let charges = report.items.compactMap { $0.charge?.minorUnits }
    #expect(charges.count == 3 && charges.reduce(0, +) == quote.price.minorUnits)
  }

  @Test func remembersItsOrdersAfterARestart() async throws {
    let fixture = try await CogFixture()
    let (order, _) = try await ordered(fixture)
    let again = try CogFixture.vendor(
      fixture.server.url, prices: CogFixture.perGigabyte("9"), orders: fixture.orders)
    let key = try #require(UUID(uuidString: order))
    #expect(try await again.lookUp(key).map(\.vendorOrderID) == [order])
    let target = fixture.folder.url.appending(path: "again.tif")
    try await again.download(again.deliveries(order)[0], to: target) { _ in }
    #expect(FileManager.default.fileExists(atPath: target.path))
    // Another order under the same key is none.
    let other = fixture.draft([CogFixture.rectangles[0]])
    let submission = try await again.submission(for: other, quote: again.quote(other), key: key)
    await #expect(throws: SubmitError.self) { try await again.submit(submission) }
    await #expect(throws: VendorError.self) { try await again.status("../../etc/passwd") }
  }

  @Test func worksWithoutTags() async throws {
    let fixture = try await CogFixture(tag: nil)
    try await VendorConformance(vendor: fixture.vendor, draft: fixture.draft()).check()
  }

  @Test func noticesAFileThatChanges() async throws {
    let fixture = try await CogFixture()
    let (_, deliveries) = try await ordered(fixture)
    let target = fixture.folder.url.appending(path: "x.tif")
    // The file is another one before the download begins, and in the midst of it.
    fixture.server.replace(tag: "\"two\"")
    let error = await #expect(throws: VendorError.self) {
      try await fixture.vendor.download(deliveries[0], to: target) { _ in }
    }
    #expect(error?.description.contains("has changed since it was ordered") == true)
    #expect(!FileManager.default.fileExists(atPath: target.path))
    fixture.server.replace(tag: "\"one\"")
    try await fixture.vendor.download(deliveries[0], to: target) { _ in }
  }

  private struct Failure: Sendable, CustomTestStringConvertible {
    let fault: CogServer.Fault
    let says: [String]
    var isTransient = false
    var testDescription: String { "\(fault)" }
  }

  private static let failures = [
    Failure(fault: .wholeFile, says: ["does not serve ranges"]),
    Failure(fault: .endlessBody, says: ["does not serve ranges"]),
    Failure(fault: .page, says: ["the whole file where a range"]),
    Failure(fault: .forbidden, says: ["refused (403)", "/data/file.tif"]),
    Failure(fault: .missing, says: ["refused (404)"]),
    Failure(fault: .busy, says: ["in 7 s"], isTransient: true),
    Failure(fault: .tooMany, says: ["in 9 s"], isTransient: true),
    Failure(fault: .broken, says: ["answered 500"], isTransient: true),
    Failure(fault: .redirect, says: ["redirects (302)", "not followed"]),
    Failure(fault: .otherRange, says: ["another range"]),
    Failure(fault: .noContentRange, says: ["its Content-Range is \"\""]),
    Failure(fault: .hangUp, says: ["cannot be reached"], isTransient: true),
    Failure(fault: .shortBody, says: ["cannot be reached"], isTransient: true),
    Failure(fault: .otherBytes, says: ["it is no TIFF file"]),
  ]

  @Test(arguments: failures) private func namesWhatIsWrong(_ failure: Failure) async throws {
    let fixture = try await CogFixture()
    let draft = fixture.draft()
    fixture.server.misbehave([failure.fault])
    let error = await #expect(throws: VendorError.self) { try await fixture.vendor.quote(draft) }
    for text in failure.says {
      #expect(error?.description.contains(text) == true, "\(String(describing: error))")
    }
    #expect(error?.isTransient == failure.isTransient)
    // Nothing stays broken.
    _ = try await fixture.vendor.quote(draft)
  }

  @Test func leavesNoFileBehindAFailedDownload() async throws {
    let fixture = try await CogFixture()
    let (_, deliveries) = try await ordered(fixture)
    let whole = fixture.folder.url.appending(path: "whole.tif")
    try await fixture.vendor.download(deliveries[1], to: whole) { _ in }
    for fault in CogServer.Fault.allCases {
      let target = fixture.folder.url.appending(path: "\(fault).tif")
      fixture.server.misbehave([fault])
      do {
        try await fixture.vendor.download(deliveries[1], to: target) { _ in }
        let passes: [CogServer.Fault] = [.broken, .hangUp, .shortBody]
        #expect(passes.contains(fault), "\(fault) passes only by another try")
      } catch {
        #expect(!FileManager.default.fileExists(atPath: target.path), "\(fault)")
        guard fault == .otherBytes || fault == .otherTag else { continue }
        try await fixture.vendor.download(deliveries[1], to: target) { _ in }
      }
      #expect(try Data(contentsOf: target) == Data(contentsOf: whole), "\(fault)")
    }
  }

  @Test func refusesWhatIsNotOnItsPixels() async throws {
    let fixture = try await CogFixture()
    func refusal(_ draft: OrderDraft) async -> String {
      let error = await #expect(throws: VendorError.self) { try await fixture.vendor.quote(draft) }
      return error?.description ?? ""
    }
    func draft(_ grid: ChipGrid, _ rectangle: PatchRectangle) -> OrderDraft {
      fixture.draft([rectangle], on: grid)
    }
    let inside = CogFixture.rectangles[1]
    #expect(
      await refusal(draft(fixture.grid(shiftedBy: 3), inside)).contains("do not begin on"))
    #expect(await refusal(draft(fixture.grid(pixelSize: 5), inside)).contains("10.0 m wide"))
    let outside = PatchRectangle(column: 47, row: 0, columnCount: 2, rowCount: 1)
    #expect(await refusal(draft(fixture.grid(), outside)).contains("outside of it"))
    let far = ChipGrid(
      crs: "EPSG:32633", chipPixels: 64, groundSampleDistanceMetres: 10, zoom: 8,
      patchGrid: .paper, origin: .crs, sceneCorner: ProjectedPoint(x: 0, y: 0))
    #expect(await refusal(draft(far, inside)).contains("EPSG:32633"))
    await #expect(throws: VendorError.self) { try await fixture.vendor.measure(on: far) }
  }

  @Test func refusesAFileThatIsNoCOG() async throws {
    let fixture = try await CogFixture()
    let scene = TestPaths.root.appending(path: "etc/demo/eurosat_hr.tif")
    let strips = fixture.folder.url.appending(path: "strips.tif")
    try await CogFixture.pool.run {
      _ = try GDALTools.run(
        "gdal_translate", ["-q", "-co", "TILED=NO", scene.path, strips.path])
    }
    fixture.server.replace(try Data(contentsOf: strips), tag: "\"strips\"")
    let draft = fixture.draft()
    let error = await #expect(throws: VendorError.self) { try await fixture.vendor.quote(draft) }
    #expect(error?.description.contains("it is not tiled") == true)
  }

  /// Whatever the head says, there is an answer or an error that names the vendor.
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func survivesADamagedHead(_ seed: UInt64) async throws {
    var generator = SeededGenerator(seed: seed)
    let options = seed % 2 == 0 ? CogFixture.tiled : CogFixture.cog + ["-co", "BIGTIFF=YES"]
    let fixture = try await CogFixture(options)
    let whole = try Data(contentsOf: fixture.file)
    let draft = fixture.draft()
    // The directory of a plain GeoTIFF may be at its end.
    let first = Int(whole[4...7].reversed().reduce(0) { $0 << 8 | UInt32($1) })
    let head = seed % 2 == 0 ? first..<whole.count : 0..<1200
    for round in 0..<40 {
      var file = whole
      for _ in 0...Int.random(in: 0..<3, using: &generator) {
        let place = Int.random(in: head, using: &generator)
        file[place] = [0, 0xFF, UInt8.random(in: 0...255, using: &generator)][round % 3]
      }
      if round % 5 == 0 { file = file.prefix(Int.random(in: 1..<4000, using: &generator)) }
      fixture.server.replace(file, tag: "\"\(round)\"")
      do {
        _ = try await fixture.vendor.quote(draft)
      } catch {
        #expect(error.description.contains("open"))
      }
    }
  }

  @Test(arguments: ["https://example.com", "unix:/run/x.sock", "ftp://example.com/x.tif", "x.tif"])
  func refusesAnAddress(_ url: String) throws {
    let folder = try TemporaryFolder()
    #expect(throws: VendorError.self) {
      try CogFixture.vendor(url, prices: CogFixture.perGigabyte("0"), orders: folder.url)
    }
  }

  private func ordered(
    _ fixture: CogFixture, _ draft: OrderDraft? = nil
  ) async throws -> (VendorOrderID, [Delivery]) {
    let draft = draft ?? fixture.draft()
    let submission = try await fixture.vendor.submission(
      for: draft, quote: fixture.vendor.quote(draft), key: newKey())
    let order = try await fixture.vendor.submit(submission).vendorOrderID
    return (order, try await fixture.vendor.deliveries(order))
  }
}
