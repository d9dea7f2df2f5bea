// SPDX-License-Identifier: Apache-2.0

/// Goes through a TIFF file from directory to directory, and never twice to one.
struct TIFFWalker {
  let isLittleEndian: Bool
  /// The offset of the first directory, or 0.
  let firstDirectory: UInt64

  private let isBig: Bool
  private let limits: IngestLimits
  private var visited: Set<UInt64> = []

  /// Reads the header.
  ///
  /// - Throws: `RasterError`: `notTIFF`, `malformed`.
  init(of file: borrowing ReadOnlyFile, limits: IngestLimits) throws(RasterError) {
    guard file.byteCount >= 8 else {
      throw .notTIFF(reason: "it has \(file.byteCount) bytes, and a TIFF has at least 8")
    }
    var header = [UInt8](repeating: 0, count: 8)
    try file.read(into: &header, at: 0)
    switch header[0..<4] {
    case [0x49, 0x49, 42, 0]: (isLittleEndian, isBig) = (true, false)
    case [0x4D, 0x4D, 0, 42]: (isLittleEndian, isBig) = (false, false)
    case [0x49, 0x49, 43, 0]: (isLittleEndian, isBig) = (true, true)
    case [0x4D, 0x4D, 0, 43]: (isLittleEndian, isBig) = (false, true)
    default: throw .notTIFF(reason: "it does not begin as a TIFF file does")
    }
    self.limits = limits
    guard isBig else {
      firstDirectory = TIFFStructure.integer(header[4...], isLittleEndian)
      return
    }
    guard file.byteCount >= 16 else {
      throw .malformed(reason: "its BigTIFF header is cut short")
    }
    guard header[4...] == (isLittleEndian ? [8, 0, 0, 0] : [0, 8, 0, 0]) else {
      throw .malformed(reason: "its BigTIFF header has offsets of another size than 8")
    }
    try file.read(into: &header, at: 8)
    firstDirectory = TIFFStructure.integer(header[...], isLittleEndian)
  }

  /// Reads a directory; also returns the offset of the next, or 0.
  ///
  /// - Throws: `RasterError`: `tooLarge`, `malformed`.
  mutating func directory(
    at offset: UInt64, of file: borrowing ReadOnlyFile
  ) throws(RasterError) -> (TIFFStructure.Directory, next: UInt64) {
    guard visited.insert(offset).inserted else {
      throw .malformed(reason: "its directories form a loop at byte \(offset)")
    }
    guard visited.count <= limits.directories else {
      throw .tooLarge(
        reason: "it has more than \(limits.directories) directories", key: "directories")
    }
    let (countSize, entrySize, linkSize) = isBig ? (8, 20, 8) : (2, 12, 4)
    let place = "the directory at byte \(offset)"
    guard offset >= (isBig ? 16 : 8), Self.fits(offset, UInt64(countSize), file) else {
      throw .malformed(reason: "\(place) lies outside the file of \(file.byteCount) bytes")
    }
    var head = [UInt8](repeating: 0, count: countSize)
    try file.read(into: &head, at: offset)
    let count = TIFFStructure.integer(head[...], isLittleEndian)
    guard count > 0 else { throw .malformed(reason: "\(place) is empty") }
    guard count <= limits.tags else {
      throw .tooLarge(
        reason: "\(place) has \(count) tags, and the limit is \(limits.tags)", key: "tags")
    }
    let start = offset + UInt64(countSize)
    var body = [UInt8](repeating: 0, count: Int(count) * entrySize + linkSize)
    guard Self.fits(start, UInt64(body.count), file) else {
      throw .malformed(reason: "\(place) is cut short by the end of the file")
    }
    try file.read(into: &body, at: start)
    var entries: [TIFFStructure.Entry] = []
    for first in stride(from: 0, to: body.count - linkSize, by: entrySize) {
      entries.append(
        try entry(body[first..<first + entrySize], at: start + UInt64(first), of: file))
    }
    // Readers differ in which of two they believe.
    var seen: Set<UInt16> = []
    for entry in entries where !seen.insert(entry.tag).inserted {
      throw .malformed(reason: "\(place) has a tag twice: \(entry.words)")
    }
    let next = TIFFStructure.integer(body[(body.count - linkSize)...], isLittleEndian)
    return (TIFFStructure.Directory(entries: entries, offset: offset), next)
  }

  /// Bytes of one value, by the number of its type.
  private static let sizes: [UInt16: UInt64] = [
    1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8,
    17: 8, 18: 8,
  ]

  /// Reads one entry, `bytes` at `offset`, and finds its values, in the entry or elsewhere.
  private func entry(
    _ bytes: ArraySlice<UInt8>, at offset: UInt64, of file: borrowing ReadOnlyFile
  ) throws(RasterError) -> TIFFStructure.Entry {
    let start = bytes.startIndex
    let fieldSize = isBig ? 8 : 4
    let tag = UInt16(TIFFStructure.integer(bytes[start..<start + 2], isLittleEndian))
    let type = UInt16(TIFFStructure.integer(bytes[start + 2..<start + 4], isLittleEndian))
    let count = TIFFStructure.integer(bytes[start + 4..<start + 4 + fieldSize], isLittleEndian)
    let name = TIFFTag(rawValue: tag).map { " (\($0))" } ?? ""
    let place = "tag \(tag)\(name) at byte \(offset)"
    guard let size = Self.sizes[type] else {
      throw .malformed(reason: "\(place) is of the unknown type \(type)")
    }
    let (byteCount, isOver) = count.multipliedReportingOverflow(by: size)
    let (limit, key) =
      switch TIFFTag(rawValue: tag) {
      case .some(let known) where TIFFTag.tables.contains(known):
        (limits.tableBytes, "table_bytes")
      case .some(let known) where TIFFTag.places.contains(known):
        (limits.placeBytes, "place_bytes")
      default: (limits.tagBytes, "tag_bytes")
      }
    guard !isOver, byteCount <= limit else {
      throw .tooLarge(reason: "\(place) has \(count) values, over \(limit) bytes", key: key)
    }
    var valueOffset = offset + 4 + UInt64(fieldSize)
    if byteCount > fieldSize {
      valueOffset = TIFFStructure.integer(bytes[(start + 4 + fieldSize)...], isLittleEndian)
    }
    guard Self.fits(valueOffset, byteCount, file) else {
      throw .malformed(
        reason: "\(place) has its values at byte \(valueOffset), outside the file of "
          + "\(file.byteCount) bytes, which may be cut short")
    }
    return TIFFStructure.Entry(
      tag: tag, type: type, count: count, offset: valueOffset, place: offset)
  }

  private static func fits(
    _ offset: UInt64, _ count: UInt64, _ file: borrowing ReadOnlyFile
  ) -> Bool {
    let (end, isOver) = offset.addingReportingOverflow(count)
    return !isOver && end <= file.byteCount
  }
}
