// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Where the bytes of a file come from, piece by piece.
protocol CogSource {
  /// The length of the file.
  var byteCount: UInt64 { get }
  /// Exactly so many bytes, which lie within the file.
  mutating func bytes(_ range: Range<UInt64>) async throws -> [UInt8]
}

/// The tags that are read here (TIFF 6.0, the GeoTIFF standard, GDAL's driver).
enum CogTag: UInt16, CaseIterable {
  case subfileType = 254
  case width = 256
  case height = 257
  case bitsPerSample = 258
  case compression = 259
  case photometric = 262
  case samplesPerPixel = 277
  case planarConfiguration = 284
  case predictor = 317
  case colourMap = 320
  case tileWidth = 322
  case tileHeight = 323
  case tileOffsets = 324
  case tileByteCounts = 325
  case extraSamples = 338
  case sampleFormat = 339
  case jpegTables = 347
  case chromaSubsampling = 530
  case chromaPositioning = 531
  case referenceBlackWhite = 532
  case pixelScale = 33550
  case tiePoint = 33922
  case geoKeys = 34735
  case geoDoubles = 34736
  case geoTexts = 34737
  case noData = 42113
  /// Parameters of the LERC codec.
  case lercParameters = 50674
}

/// One image of a TIFF file: its tags, and where the values of its tables are.
struct CogDirectory {
  /// A tag with its bytes, as they are in the file.
  struct Field {
    let type: UInt16
    let count: Int
    let bytes: [UInt8]
  }

  /// A table that is read only where it is needed.
  struct Table {
    let type: UInt16
    let count: Int
    let place: Range<UInt64>
  }

  var fields: [CogTag: Field] = [:]
  var tables: [CogTag: Table] = [:]
}

/// Reads the structure of a TIFF or BigTIFF file that nobody vouches for.
///
/// Every offset and count is checked against the length of the file with arithmetic that cannot
/// overflow, no directory is read twice, and no memory is asked for beyond fixed limits.
struct CogReader<Source: CogSource> {
  private static var mostDirectories: Int { 64 }
  private static var mostTags: UInt64 { 512 }
  private static var mostTagBytes: UInt64 { 1 << 16 }
  /// Eight million tiles.
  private static var mostTableBytes: UInt64 { 1 << 26 }
  /// Bytes of one value, by the number of its type.
  private static var sizes: [UInt16: UInt64] {
    [
      1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8,
      17: 8, 18: 8,
    ]
  }

  private var source: Source
  private(set) var order = CogByteOrder.little
  private var isBig = false

  init(_ source: Source) { self.source = source }

  /// The directories in the order of the file.
  ///
  /// - Throws: ``CogProblem``, or what the source throws.
  mutating func directories() async throws -> [CogDirectory] {
    var next = try await firstDirectory()
    var visited: Set<UInt64> = []
    var directories: [CogDirectory] = []
    while next != 0 {
      guard visited.insert(next).inserted else {
        throw CogProblem("its directories form a loop at byte \(next)")
      }
      guard visited.count <= Self.mostDirectories else {
        throw CogProblem("it has more than \(Self.mostDirectories) directories")
      }
      let (directory, following) = try await directory(at: next)
      directories.append(directory)
      next = following
    }
    return directories
  }

  /// The whole numbers of a table.
  mutating func integers(_ table: CogDirectory.Table) async throws -> [UInt64] {
    guard let size = CogByteOrder.integerSize(table.type) else {
      throw CogProblem("a table of tiles is of type \(table.type), not a whole number")
    }
    let bytes = try await source.bytes(table.place)
    return order.integers(bytes[...], size: size)
  }

  private mutating func firstDirectory() async throws -> UInt64 {
    guard source.byteCount >= 16 else {
      throw CogProblem("it has \(source.byteCount) bytes, and is no TIFF file")
    }
    let head = try await source.bytes(0..<16)
    switch Array(head[0..<4]) {
    case [0x49, 0x49, 42, 0]: (order, isBig) = (.little, false)
    case [0x4D, 0x4D, 0, 42]: (order, isBig) = (.big, false)
    case [0x49, 0x49, 43, 0]: (order, isBig) = (.little, true)
    case [0x4D, 0x4D, 0, 43]: (order, isBig) = (.big, true)
    default:
      let text = head.prefix(8).map { (32...126).contains($0) ? Character(UnicodeScalar($0)) : "." }
      throw CogProblem("it is no TIFF file: it begins with \"\(String(text))\"")
    }
    guard isBig else { return order.integer(head[4..<8]) }
    guard order.integer(head[4..<6]) == 8, order.integer(head[6..<8]) == 0 else {
      throw CogProblem("its BigTIFF header has offsets of another size than 8")
    }
    return order.integer(head[8..<16])
  }

  private mutating func directory(
    at offset: UInt64
  ) async throws -> (CogDirectory, next: UInt64) {
    let (countSize, entrySize, linkSize): (UInt64, UInt64, UInt64) =
      isBig ? (8, 20, 8) : (2, 12, 4)
    let countBytes = try await bytes(at: offset, count: countSize, "a directory")
    let count = order.integer(countBytes[...])
    guard (1...Self.mostTags).contains(count) else {
      throw CogProblem("the directory at byte \(offset) has \(count) tags")
    }
    let body = try await bytes(
      at: offset + countSize, count: count * entrySize + linkSize, "a directory")
    var directory = CogDirectory()
    for place in 0..<Int(count) {
      let first = place * Int(entrySize)
      try await read(
        body[first..<first + Int(entrySize)],
        at: offset + countSize + UInt64(first), into: &directory)
    }
    return (directory, order.integer(body[(body.count - Int(linkSize))...]))
  }

  private mutating func read(
    _ entry: ArraySlice<UInt8>, at offset: UInt64, into directory: inout CogDirectory
  ) async throws {
    let start = entry.startIndex
    let fieldSize = isBig ? 8 : 4
    guard let tag = CogTag(rawValue: UInt16(order.integer(entry[start..<start + 2]))) else {
      return
    }
    let type = UInt16(order.integer(entry[start + 2..<start + 4]))
    let count = order.integer(entry[start + 4..<start + 4 + fieldSize])
    guard let size = Self.sizes[type] else {
      throw CogProblem("tag \(tag.rawValue) is of the unknown type \(type)")
    }
    let isTable = tag == .tileOffsets || tag == .tileByteCounts
    let (byteCount, isOver) = count.multipliedReportingOverflow(by: size)
    guard !isOver, byteCount <= (isTable ? Self.mostTableBytes : Self.mostTagBytes) else {
      throw CogProblem("tag \(tag.rawValue) has \(count) values, which is too many")
    }
    guard directory.fields[tag] == nil, directory.tables[tag] == nil else {
      throw CogProblem("a directory has tag \(tag.rawValue) twice")
    }
    var place = offset + 4 + UInt64(fieldSize)
    if byteCount > fieldSize { place = order.integer(entry[(start + 4 + fieldSize)...]) }
    let (end, isBeyond) = place.addingReportingOverflow(byteCount)
    guard !isBeyond, end <= source.byteCount else {
      throw CogProblem(
        "tag \(tag.rawValue) has its values at byte \(place), beyond the end of the file")
    }
    if isTable {
      directory.tables[tag] = CogDirectory.Table(
        type: type, count: Int(count), place: place..<end)
    } else {
      directory.fields[tag] = CogDirectory.Field(
        type: type, count: Int(count), bytes: try await source.bytes(place..<end))
    }
  }

  private mutating func bytes(
    at offset: UInt64, count: UInt64, _ name: String
  ) async throws -> [UInt8] {
    let (end, isOver) = offset.addingReportingOverflow(count)
    guard !isOver, end <= source.byteCount else {
      throw CogProblem("\(name) at byte \(offset) reaches beyond the end of the file")
    }
    return try await source.bytes(offset..<end)
  }
}
