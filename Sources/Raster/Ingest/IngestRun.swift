// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform

/// One file on its way in, and what was found of it so far.
struct IngestRun {
  private let source: URL
  private let limits: IngestLimits
  private let decoder: RasterDecoder

  /// The GeoTIFF to make; none where the file is only looked at.
  var cleanCopy: URL?
  /// What the file must be.
  var expected: RasterLayout?
  /// The pixels that are wanted; all where it is nil.
  var part: PixelRect?
  var wantsChecksums = false
  var found = Inspection()

  init(_ source: URL, limits: IngestLimits, decoder: RasterDecoder) {
    self.source = source
    self.limits = limits
    self.decoder = decoder
  }

  /// Takes the file in.
  ///
  /// - Throws: `RasterError`, with the kind, the reason and what to do.
  mutating func take() throws(RasterError) -> SceneFacts {
    let copy =
      cleanCopy.map { DurableFile.temporaryURL(for: $0) }
      ?? FileManager.default.temporaryDirectory.appending(path: "fovea-\(UUID().uuidString).part")
    defer { unlink(copy.path) }
    // From here on the sender can change nothing: neither the bytes nor their number.
    try bring(to: copy)
    let header = try readHeader(copy)
    let place = try GeoPlace(header.place)
    found.crs = place.crs
    found.transform = place.transform
    let ground = try GroundCheck(place, width: header.width, height: header.height)
    found.groundSampleDistanceMetres = ground.groundSampleDistance
    found.footprint = ground.footprint
    found.usesMetres = ground.usesMetres
    let layout = RasterLayout(
      width: header.width, height: header.height, bandCount: header.bandCount,
      pixelType: header.sampleType == .uint8 ? .uint8 : .float32, crs: place.crs,
      transform: place.transform)
    try check(layout)
    return try decode(copy, header, layout)
  }

  /// The checks that need no pixels.
  private func check(_ layout: RasterLayout) throws(RasterError) {
    if let expected { try layout.check(against: expected) }
    guard let part, !layout.bounds.contains(part) else { return }
    throw .mismatch(what: "extent", expected: "\(part)", found: "\(layout.bounds)")
  }

  // MARK: Bytes

  private mutating func bring(to copy: URL) throws(RasterError) {
    let file = try ReadOnlyFile(path: source.path, followsLinks: false)
    found.byteCount = file.byteCount
    guard file.byteCount <= limits.fileBytes else {
      throw .tooLarge(
        reason: "it has \(file.byteCount) bytes, and the limit is \(limits.fileBytes)",
        key: "file_bytes")
    }
    let output = open(copy.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard output >= 0 else {
      throw .cannotWrite(path: copy.path, reason: String(cString: strerror(errno)))
    }
    defer { close(output) }
    var offset: UInt64 = 0
    while offset < file.byteCount {
      var piece = [UInt8](repeating: 0, count: Int(min(file.byteCount - offset, 1 << 20)))
      try file.read(into: &piece, at: offset)
      guard write(output, piece, piece.count) == piece.count else {
        throw .cannotWrite(path: copy.path, reason: String(cString: strerror(errno)))
      }
      offset += UInt64(piece.count)
    }
    do throws(PlatformError) {
      found.sourceDigest = try Digest.sha256(ofFileAt: copy)
    } catch {
      throw .cannotRead(path: copy.path, reason: error.systemReason)
    }
  }

  private mutating func readHeader(_ copy: URL) throws(RasterError) -> TIFFHeader {
    let reader = try TIFFHeaderReader(path: copy.path, limits: limits)
    let outline = reader.outline
    found.width = outline.width
    found.height = outline.height
    found.bands = outline.bandTypes.map { InspectedBand(type: $0) }
    let header = try reader.header()
    found.acquiredAt = header.acquiredAt
    found.bands = Array(
      repeating: InspectedBand(type: header.sampleType.name, noData: header.noData),
      count: header.shape.samples)
    return header
  }

  // MARK: Pixels

  private mutating func decode(
    _ copy: URL, _ header: TIFFHeader, _ layout: RasterLayout
  ) throws(RasterError) -> SceneFacts {
    var layout = layout
    let rect = part ?? layout.bounds
    var copyOut = CleanCopy(url: cleanCopy)
    let decoded = try decoder.decode(
      copy,
      expecting: DecodeExpectation(
        width: layout.width, height: layout.height, bandCount: layout.bandCount,
        pixelType: layout.pixelType),
      part: part, wantsChecksums: wantsChecksums, seconds: limits.seconds
    ) { tile, pixels, decoded throws(RasterError) in
      // A scale makes numbers of bytes.
      layout.pixelType = decoded.pixelType
      try copyOut.write(pixels, at: tile, of: rect, in: layout)
    }
    found.bands = decoded.bands.map { InspectedBand($0, noData: header.noData) }
    if let expected { try layout.check(against: expected) }
    let pixelCount = rect.width * rect.height
    let emptyShare = Double(pixelCount - copyOut.validCount) / Double(pixelCount)
    found.noDataShare = emptyShare
    // A part may be empty: whether that is what was ordered is asked of the delivery.
    guard copyOut.validCount > 0 || part != nil else {
      throw .values(reason: "not one of its pixels has a value")
    }
    try copyOut.finish()
    guard let distance = found.groundSampleDistanceMetres, let footprint = found.footprint,
      let digest = found.sourceDigest
    else { preconditionFailure("what was judged is known") }
    return SceneFacts(
      layout: layout.part(rect), groundSampleDistanceMetres: distance, footprint: footprint,
      noDataShare: emptyShare, sourceDigest: digest,
      bands: measured(found.bands, header).map(\.facts),
      acquiredAt: header.acquiredAt, usesMetres: found.usesMetres ?? false)
  }

  /// The bands without the one that only says where there are values.
  private func measured(
    _ bands: [InspectedBand], _ header: TIFFHeader
  ) -> [InspectedBand] {
    guard let alpha = header.alphaSample, bands.count > header.bandCount else { return bands }
    return bands.enumerated().filter { $0.offset != alpha }.map(\.element)
  }
}

/// The clean copy as it grows, or only the count of its pixels where none is made.
private struct CleanCopy: ~Copyable {
  private let url: URL?
  /// Nil until the type of the pixels is known.
  private var writer: GeoTIFFWriter?
  private(set) var validCount = 0

  init(url: URL?) { self.url = url }

  /// Adds a window of the raster; `rect` is what the copy shows of it.
  mutating func write(
    _ pixels: DecodedPixels, at tile: PixelRect, of rect: PixelRect, in layout: RasterLayout
  ) throws(RasterError) {
    validCount += pixels.validCount
    guard let url else { return }
    if writer == nil { writer = try GeoTIFFWriter(url: url, layout: layout.part(rect)) }
    let (column, row) = (tile.column - rect.column, tile.row - rect.row)
    switch pixels {
    case .uint8(let window): try writer?.write(window, column: column, row: row)
    case .float32(let window): try writer?.write(window, column: column, row: row)
    }
  }

  /// Completes the copy, where one is made.
  consuming func finish() throws(RasterError) {
    if let writer { try writer.finish() }
  }
}
