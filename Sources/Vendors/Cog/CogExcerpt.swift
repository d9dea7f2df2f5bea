// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A small TIFF file of the tiles under a rectangle: a head of our own, and the tiles' bytes as they
/// are in the large one.
///
/// Nothing is decoded here. What the large file says of itself goes no further than the tags that say
/// how a tile is decoded; all sizes and offsets are our own.
struct CogExcerpt {
  /// A piece of the large file and where its bytes go.
  struct Piece: Hashable {
    let source: Range<UInt64>
    let target: Int
  }

  /// The head, up to the first tile.
  let head: [UInt8]
  /// The tiles that have bytes.
  let pieces: [Piece]
  /// The length of the small file.
  let byteCount: Int
  /// Where the rectangle is in the small picture.
  let pixels: CogPixels

  /// The largest excerpt.
  static let mostBytes = 1 << 30

  /// Lays an excerpt out.
  ///
  /// - Throws: ``CogProblem`` when it would be too large.
  init(_ index: CogIndex, under pixels: CogPixels) throws(CogProblem) {
    let picture = index.picture
    // The mask's tiles may be of another size: its excerpt begins where the picture's does.
    let left = pixels.columns(dividedBy: picture.tileWidth).lowerBound * picture.tileWidth
    let top = pixels.rows(dividedBy: picture.tileHeight).lowerBound * picture.tileHeight
    let right = min(
      pixels.columns(dividedBy: picture.tileWidth).upperBound * picture.tileWidth, index.width)
    let bottom = min(
      pixels.rows(dividedBy: picture.tileHeight).upperBound * picture.tileHeight, index.height)
    let whole = CogPixels(column: left, row: top, width: right - left, height: bottom - top)
    var directories: [TIFFLayout.Directory] = []
    for image in index.images {
      guard left % image.tileWidth == 0, top % image.tileHeight == 0 else {
        throw CogProblem("its mask has other tiles than the picture, which is not read")
      }
      directories.append(TIFFLayout.Directory(image, under: whole, of: index))
    }
    let layout = TIFFLayout(directories, index.order)
    guard layout.byteCount <= Self.mostBytes else {
      throw CogProblem("the tiles under one item have over \(Self.mostBytes) bytes")
    }
    head = layout.head
    pieces = layout.pieces
    byteCount = layout.byteCount
    self.pixels = CogPixels(
      column: pixels.column - left, row: pixels.row - top, width: pixels.width,
      height: pixels.height)
  }
}

/// The head of a TIFF file with one or two images, tile after tile behind it.
private struct TIFFLayout {
  struct Directory {
    var entries: [(tag: UInt16, type: UInt16, count: Int, bytes: [UInt8])]
    let tiles: [Range<UInt64>]

    init(_ image: CogIndex.Image, under pixels: CogPixels, of index: CogIndex) {
      let order = index.order
      tiles = image.tiles(under: pixels).map { tile in
        image.offsets[tile]..<image.offsets[tile] + image.byteCounts[tile]
      }
      entries = image.coding.map { ($0.tag.rawValue, $0.type, $0.count, $0.bytes) }
      func add(_ tag: CogTag, _ value: Int) {
        entries.append((tag.rawValue, 4, 1, order.bytes(UInt64(value), size: 4)))
      }
      add(.width, pixels.width)
      add(.height, pixels.height)
      add(.tileWidth, image.tileWidth)
      add(.tileHeight, image.tileHeight)
      func add(_ tag: CogTag, _ values: [Double]) {
        let bytes = values.flatMap { order.bytes($0.bitPattern, size: 8) }
        entries.append((tag.rawValue, 12, values.count, bytes))
      }
      let (place, half) = (index.place, index.place.isOfCentres ? 0.5 : 0)
      add(.pixelScale, [place.pixelSize, place.pixelSize, 0])
      add(
        .tiePoint,
        [
          0, 0, 0, place.west + (Double(pixels.column) + half) * place.pixelSize,
          place.north - (Double(pixels.row) + half) * place.pixelSize, 0,
        ])
    }
  }

  let head: [UInt8]
  let pieces: [CogExcerpt.Piece]
  let byteCount: Int

  init(_ directories: [Directory], _ order: CogByteOrder) {
    // A first pass with tiles from 0 on tells how long the head is: it does not depend on where they
    // are.
    let length = Self.head(directories, order, tilesAt: 0).bytes.count
    let (bytes, pieces, end) = Self.head(directories, order, tilesAt: length)
    (head, self.pieces, byteCount) = (bytes, pieces, end)
  }

  private static func head(
    _ directories: [Directory], _ order: CogByteOrder, tilesAt start: Int
  ) -> (bytes: [UInt8], pieces: [CogExcerpt.Piece], end: Int) {
    var bytes: [UInt8] = order == .little ? [0x49, 0x49, 42, 0] : [0x4D, 0x4D, 0, 42]
    bytes += order.bytes(8, size: 4)
    var pieces: [CogExcerpt.Piece] = []
    var next = start
    for (place, directory) in directories.enumerated() {
      var offsets: [UInt64] = []
      for tile in directory.tiles {
        // A tile without bytes stays one: it is blank.
        offsets.append(tile.isEmpty ? 0 : UInt64(next))
        if !tile.isEmpty { pieces.append(CogExcerpt.Piece(source: tile, target: next)) }
        next += tile.count
      }
      var entries = directory.entries
      for (tag, values) in [
        (CogTag.tileOffsets, offsets), (.tileByteCounts, directory.tiles.map { UInt64($0.count) }),
      ] {
        entries.append(
          (tag.rawValue, 4, values.count, values.flatMap { order.bytes($0, size: 4) }))
      }
      append(entries, order, isLast: place == directories.count - 1, to: &bytes)
    }
    return (bytes, pieces, next)
  }

  private static func append(
    _ entries: [(tag: UInt16, type: UInt16, count: Int, bytes: [UInt8])], _ order: CogByteOrder,
    isLast: Bool, to bytes: inout [UInt8]
  ) {
    let entries = entries.sorted { $0.tag < $1.tag }
    var valuesAt = bytes.count + 2 + 12 * entries.count + 4
    var values: [UInt8] = []
    bytes += order.bytes(UInt64(entries.count), size: 2)
    for entry in entries {
      bytes += order.bytes(UInt64(entry.tag), size: 2) + order.bytes(UInt64(entry.type), size: 2)
      bytes += order.bytes(UInt64(entry.count), size: 4)
      if entry.bytes.count <= 4 {
        bytes += entry.bytes + [UInt8](repeating: 0, count: 4 - entry.bytes.count)
      } else {
        bytes += order.bytes(UInt64(valuesAt), size: 4)
        // Values begin at even offsets.
        let padded = entry.bytes + (entry.bytes.count % 2 == 1 ? [0] : [])
        values += padded
        valuesAt += padded.count
      }
    }
    bytes += order.bytes(isLast ? 0 : UInt64(valuesAt), size: 4)
    bytes += values
  }
}
