// SPDX-License-Identifier: Apache-2.0

/// How large a raster from outside may be; what is over a limit is refused before it is decoded.
///
/// The defaults keep a decode, window by window, well under 1.5 GiB of memory.
public struct IngestLimits: Hashable, Sendable, Codable {
  /// Bytes of the file.
  public var fileBytes: UInt64
  /// Columns, and rows.
  public var sidePixels: Int
  /// Samples a pixel, an alpha band among them.
  public var bands: Int
  /// Images in the file: the picture, its mask, its overviews.
  public var directories: Int
  /// Tags of one image.
  public var tags: Int
  /// Bytes of one tag's values.
  public var tagBytes: UInt64
  /// Bytes of one table of strips or tiles.
  public var tableBytes: UInt64
  /// Bytes of one tag about the place on the ground, whose keys and texts GDAL and PROJ will read.
  public var placeBytes: UInt64
  /// Columns, and rows, of a tile.
  public var tileSidePixels: Int
  /// Bytes of one strip or tile when decoded.
  public var blockBytes: UInt64
  /// Strips or tiles.
  public var blocks: Int
  /// Bytes of all pixels when decoded.
  public var decodedBytes: UInt64
  /// Time to decode; asked between windows.
  public var seconds: Int

  /// For low-resolution scenes.
  public static let scene = IngestLimits(
    fileBytes: 256 << 20, sidePixels: 16_384, bands: 16, directories: 16, tags: 256,
    tagBytes: 1 << 20, tableBytes: 8 << 20, placeBytes: 64 << 10, tileSidePixels: 1024,
    blockBytes: 64 << 20, blocks: 65_536, decodedBytes: 1 << 30, seconds: 30)

  /// For what a vendor delivers.
  public static let delivery: IngestLimits = {
    var limits = scene
    limits.fileBytes = 1 << 30
    limits.seconds = 120
    return limits
  }()
}
