// SPDX-License-Identifier: Apache-2.0

public import Foundation
import Platform

/// The only way in for rasters from outside: an untrusted file goes in, a clean one comes out.
///
/// The file is copied, checked by a reader of our own, opened by GDAL's GTiff driver alone, under a
/// name of ours and with nothing beside it looked at, read window by window at full size and
/// written anew without any metadata. Later work reads only the clean copy.
///
/// ```swift
/// let facts = try Ingest.scene(upload, cleanCopy: state.appending(path: "scenes/\(id).tif"))
/// ```
///
/// These calls block: run them on a `ComputePool`. Errors speak of the file as "it"; whoever knows
/// its name for people puts it in front.
public enum Ingest {
  /// Takes in a scene: north up, `UInt8` or `Float32`, square pixels, a projected system in metres.
  ///
  /// - Parameters:
  ///   - source: a regular file of unknown content; it is only read.
  ///   - cleanCopy: the tiled GeoTIFF to make; it appears when it is whole.
  ///   - limits: how large the raster may be.
  /// - Returns: what the scene is.
  /// - Throws: `RasterError`, with the kind, the reason and what to do.
  public static func scene(
    _ source: URL, cleanCopy: URL, limits: IngestLimits = .scene
  ) throws(RasterError) -> SceneFacts {
    try run(source, cleanCopy: cleanCopy, limits: limits, expected: nil)
  }

  /// Takes in a delivery and verifies that it is what was ordered, to the pixel.
  ///
  /// - Parameters:
  ///   - source: what the vendor sent.
  ///   - cleanCopy: the tiled GeoTIFF to make; it appears when it is whole.
  ///   - expected: what was ordered: size, bands, type, coordinate reference system and place.
  ///   - limits: how large the raster may be.
  /// - Returns: what the delivery is.
  /// - Throws: `RasterError`: `mismatch` where it is something else, `values` where it is empty.
  public static func delivery(
    _ source: URL, cleanCopy: URL, expected: RasterLayout, limits: IngestLimits = .delivery
  ) throws(RasterError) -> SceneFacts {
    try run(source, cleanCopy: cleanCopy, limits: limits, expected: expected)
  }

  private static func run(
    _ source: URL, cleanCopy: URL, limits: IngestLimits, expected: RasterLayout?
  ) throws(RasterError) -> SceneFacts {
    let copy = DurableFile.temporaryURL(for: cleanCopy)
    defer { unlink(copy.path) }
    // From here on the sender can change nothing: neither the bytes nor their number.
    try take(source, as: copy, limits: limits)
    try TIFFImageCheck.check(path: copy.path, limits: limits)
    let dataset = try open(copy)
    try dataset.layout.checkGrid()
    let footprint = try GroundCheck.footprint(of: dataset.layout)
    if let expected { try dataset.layout.check(against: expected) }
    let noDataShare = try rewrite(dataset, as: cleanCopy, limits: limits)
    do throws(PlatformError) {
      return SceneFacts(
        layout: dataset.layout, groundSampleDistanceMetres: dataset.layout.transform.pixelSize,
        footprint: footprint, noDataShare: noDataShare,
        sourceDigest: try Digest.sha256(ofFileAt: copy))
    } catch {
      throw .cannotRead(path: copy.path, reason: error.systemReason)
    }
  }

  private static func take(
    _ source: URL, as copy: URL, limits: IngestLimits
  ) throws(RasterError) {
    let file = try ReadOnlyFile(path: source.path, followsLinks: false)
    guard file.byteCount <= limits.fileBytes else {
      throw .tooLarge(
        reason: "it has \(file.byteCount) bytes, and the limit is \(limits.fileBytes)",
        key: "file_bytes")
    }
    let output = Foundation.open(copy.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
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
  }

  /// Opens our copy; what GDAL cannot open although it has a TIFF's structure is malformed.
  private static func open(_ copy: URL) throws(RasterError) -> Dataset {
    do throws(RasterError) {
      return try Dataset(path: copy.path, shownAs: "the file")
    } catch {
      guard case .cannotRead(_, let reason) = error else { throw error }
      throw .malformed(reason: "GDAL cannot open it: \(reason)")
    }
  }

  /// Reads every pixel and writes it anew; returns the share of pixels without values.
  private static func rewrite(
    _ dataset: borrowing Dataset, as cleanCopy: URL, limits: IngestLimits
  ) throws(RasterError) -> Double {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(limits.seconds)
    let layout = dataset.layout
    var writer = try GeoTIFFWriter(url: cleanCopy, layout: layout)
    var validCount = 0
    // Rows of tiles as wide as 16 MiB allow, so that most strips are decoded once.
    let columnBytes = 256 * layout.bandCount * layout.pixelType.byteCount
    let tileWidth = max(1, (16 << 20) / columnBytes / 256) * 256
    for tile in layout.bounds.tiles(width: tileWidth, height: 256) {
      guard clock.now < deadline else {
        throw .decodeFailed(reason: "decoding it takes more than \(limits.seconds) s")
      }
      switch layout.pixelType {
      case .uint8: validCount += try copyTile(tile, of: dataset, into: &writer, as: UInt8.self)
      case .float32: validCount += try copyTile(tile, of: dataset, into: &writer, as: Float.self)
      }
    }
    guard validCount > 0 else { throw .values(reason: "not one of its pixels has a value") }
    try writer.finish()
    let pixelCount = layout.width * layout.height
    return Double(pixelCount - validCount) / Double(pixelCount)
  }

  /// Copies a tile and returns how many of its pixels have values.
  private static func copyTile<Sample: RasterSample>(
    _ tile: PixelRect, of dataset: borrowing Dataset, into writer: inout GeoTIFFWriter,
    as: Sample.Type
  ) throws(RasterError) -> Int {
    let window: Window<Sample> = try dataset.read(tile)
    try writer.write(window, column: tile.column, row: tile.row)
    return window.validity.count(where: { $0 })
  }
}
