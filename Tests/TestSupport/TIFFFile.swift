// SPDX-License-Identifier: Apache-2.0

/// A TIFF or BigTIFF file as its author lays it out, tag by tag.
///
/// Nothing is checked, so that every wrong file can be written: blocks of pixels come first, then
/// the directories, each followed by the values that do not fit into its entries.
package struct TIFFFile: Sendable {
  /// The values of a tag.
  package enum Values: Sendable {
    case integers([UInt64])
    case doubles([Double])
    case bytes([UInt8])
    /// The place of one of the file's directories.
    case directory(Int)
  }

  /// One tag of a directory.
  package struct Entry: Sendable {
    package var tag: UInt16
    /// The number of the type: 2 text, 3 UInt16, 4 UInt32, 12 Float64, 16 UInt64.
    package var type: UInt16
    package var values: Values
    /// The number of values as it is written, where it is not the true one.
    package var count: UInt64?
    /// The last field as it is written, where it is neither the values nor their true place.
    package var field: UInt64?

    package init(_ tag: UInt16, _ type: UInt16, _ values: Values) {
      (self.tag, self.type, self.values) = (tag, type, values)
    }
  }

  /// One image.
  package struct Directory: Sendable {
    package var entries: [Entry]
    /// Whether the directory before it links to this one.
    package var isChained = true
    /// The number of entries as it is written, where it is not the true one.
    package var count: UInt64?
    /// The place of the next directory as it is written, where it is not the true one.
    package var link: UInt64?

    package init(_ entries: [Entry]) { self.entries = entries }
  }

  package var isBig = false
  package var isLittleEndian = true
  /// The number after the byte order, where it is not 42 or 43.
  package var version: UInt64?
  /// The size of offsets in a BigTIFF's header.
  package var offsetByteCount: UInt64 = 8
  /// The place of the first directory as it is written, where it is not the true one.
  package var firstDirectory: UInt64?
  /// Strips and tiles, as they are stored.
  package var blocks: [[UInt8]] = []
  package var directories: [Directory] = []

  package init() {}

  private var headerByteCount: Int { isBig ? 16 : 8 }
  private var fieldByteCount: Int { isBig ? 8 : 4 }

  /// Where each block begins.
  package var blockOffsets: [UInt64] {
    var offset = headerByteCount
    return blocks.map { block in
      defer { offset += block.count + block.count % 2 }
      return UInt64(offset)
    }
  }

  /// The file.
  package func bytes() -> [UInt8] {
    var places: [Int] = []
    var end = headerByteCount + blocks.reduce(0) { $0 + $1.count + $1.count % 2 }
    for directory in directories {
      places.append(end)
      end += byteCount(of: directory)
    }
    var bytes = isLittleEndian ? [0x49, 0x49] : [0x4D, 0x4D] as [UInt8]
    bytes += number(version ?? (isBig ? 43 : 42), 2)
    if isBig { bytes += number(offsetByteCount, 2) + number(0, 2) }
    bytes += number(firstDirectory ?? UInt64(places.first ?? 0), fieldByteCount)
    for block in blocks { bytes += block + [UInt8](repeating: 0, count: block.count % 2) }
    for (index, directory) in directories.enumerated() {
      let next = directories.indices.dropFirst(index + 1).first { directories[$0].isChained }
      let link = directory.isChained ? next.map { places[$0] } ?? 0 : 0
      bytes += self.bytes(of: directory, at: places[index], link: UInt64(link), places)
    }
    return bytes
  }

  private func byteCount(of directory: Directory) -> Int {
    let head = isBig ? 16 + 20 * directory.entries.count : 6 + 12 * directory.entries.count
    return directory.entries.reduce(head) { sum, entry in
      let count = encoded(entry, []).count
      return sum + (count > fieldByteCount ? count + count % 2 : 0)
    }
  }

  private func bytes(
    of directory: Directory, at place: Int, link: UInt64, _ places: [Int]
  ) -> [UInt8] {
    let entries = directory.entries
    var outside: [UInt8] = []
    let head = isBig ? 16 + 20 * entries.count : 6 + 12 * entries.count
    var bytes = number(directory.count ?? UInt64(entries.count), isBig ? 8 : 2)
    for entry in entries {
      var values = encoded(entry, places)
      let count = values.count / max(1, Self.byteCount(ofType: entry.type))
      bytes += number(UInt64(entry.tag), 2) + number(UInt64(entry.type), 2)
      bytes += number(entry.count ?? UInt64(count), fieldByteCount)
      if values.count > fieldByteCount {
        let offset = UInt64(place + head + outside.count)
        outside += values + [UInt8](repeating: 0, count: values.count % 2)
        values = number(offset, fieldByteCount)
      }
      values += [UInt8](repeating: 0, count: fieldByteCount - values.count)
      bytes += entry.field.map { number($0, fieldByteCount) } ?? values
    }
    return bytes + number(directory.link ?? link, fieldByteCount) + outside
  }

  private func encoded(_ entry: Entry, _ places: [Int]) -> [UInt8] {
    let size = Self.byteCount(ofType: entry.type)
    switch entry.values {
    case .bytes(let bytes): return bytes
    case .integers(let values): return values.flatMap { number($0, size) }
    case .doubles(let values): return values.flatMap { number($0.bitPattern, 8) }
    case .directory(let index):
      return number(places.indices.contains(index) ? UInt64(places[index]) : 0, size)
    }
  }

  /// A number in the file's byte order; the upper bytes of what does not fit are left out.
  package func number(_ value: UInt64, _ byteCount: Int) -> [UInt8] {
    let bytes = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 < 8 ? value >> (8 * $0) : 0) }
    return isLittleEndian ? bytes : bytes.reversed()
  }

  /// Bytes of one value; 1 for a type that does not exist.
  package static func byteCount(ofType type: UInt16) -> Int {
    switch type {
    case 3, 8: 2
    case 4, 9, 11, 13: 4
    case 5, 10, 12, 16, 17, 18: 8
    default: 1
    }
  }
}
