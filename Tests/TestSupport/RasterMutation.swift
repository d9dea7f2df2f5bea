// SPDX-License-Identifier: Apache-2.0

package import Platform

/// Changes a good TIFF byte by byte: half of the changes are in the entries of its directories, the
/// rest in its header, its tables, its pixels, its length, and in what is joined to it.
package enum RasterMutation {
  /// A changed file, and what was done to it.
  ///
  /// - Parameter other: a file whose parts may be joined to this one's.
  package static func mutate(
    _ good: [UInt8], with other: [UInt8], using generator: inout SeededGenerator
  ) -> (bytes: [UInt8], changes: [String]) {
    var bytes = good
    let places = EntryPlaces(of: good)
    var changes: [String] = []
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let inEntries = Bool.random(using: &generator)
      if inEntries, let entry = places.entries.randomElement(using: &generator) {
        changes.append(changeEntry(entry, places, &bytes, &generator))
      } else {
        changes.append(changeElsewhere(&bytes, other, &generator))
      }
    }
    return (bytes, changes)
  }

  private static func changeEntry(
    _ entry: Int, _ places: EntryPlaces, _ bytes: inout [UInt8],
    _ generator: inout SeededGenerator
  ) -> String {
    let fieldSize = places.isBig ? 8 : 4
    let fields = [(0, 2), (2, 2), (4, fieldSize), (4 + fieldSize, fieldSize)]
    let (offset, size) = fields[Int.random(in: 0..<4, using: &generator)]
    let start = entry + offset
    guard start + size <= bytes.count else { return "an entry that has gone" }
    let bounds: [UInt64] = [
      0, 1, 2, 3, 4, 5, 8, 12, 16, 255, 256, 32_767, 65_535, 1 << 31, 1 << 32 - 1, 1 << 61, .max,
      UInt64(bytes.count), UInt64(bytes.count - 1), generator.next(),
    ]
    switch Int.random(in: 0..<3, using: &generator) {
    case 0:
      let place = start + Int.random(in: 0..<size, using: &generator)
      bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 1:
      bytes[start + Int.random(in: 0..<size, using: &generator)] = UInt8.random(
        in: 0...255, using: &generator)
    default:
      let value = bounds[Int.random(in: 0..<bounds.count, using: &generator)]
      for index in 0..<size {
        let shift = 8 * (places.isLittleEndian ? index : size - 1 - index)
        bytes[start + index] = UInt8(truncatingIfNeeded: value >> shift)
      }
    }
    return "entry at \(entry), field at \(start)"
  }

  private static func changeElsewhere(
    _ bytes: inout [UInt8], _ other: [UInt8], _ generator: inout SeededGenerator
  ) -> String {
    guard bytes.count > 16 else { return "too short" }
    let place = Int.random(in: 0..<bytes.count, using: &generator)
    let count = Int.random(in: 1...64, using: &generator)
    switch Int.random(in: 0..<12, using: &generator) {
    case 0:
      let index = Int.random(in: 0..<16, using: &generator)
      bytes[index] = UInt8.random(in: 0...255, using: &generator)
      return "header byte \(index)"
    case 1:
      bytes.removeLast(bytes.count - place)
      return "cut at \(place)"
    case 2:
      let noise = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      bytes.insert(contentsOf: noise, at: place)
      return "\(count) bytes put in at \(place)"
    case 3:
      bytes.removeSubrange(place..<min(place + count, bytes.count))
      return "\(count) bytes taken out at \(place)"
    case 4:
      let split = Int.random(in: 0...other.count, using: &generator)
      bytes = Array(bytes.prefix(place) + other.dropFirst(split))
      return "joined at \(place) with the other from \(split)"
    case 5:
      let start = Int.random(in: 0...max(0, other.count - count), using: &generator)
      let piece = other.dropFirst(start).prefix(min(count, bytes.count - place))
      bytes.replaceSubrange(place..<place + piece.count, with: piece)
      return "\(piece.count) bytes of the other at \(place)"
    default:
      bytes[place] = UInt8.random(in: 0...255, using: &generator)
      return "byte \(place)"
    }
  }
}

/// Where the entries of a good TIFF's directories are.
struct EntryPlaces {
  private(set) var entries: [Int] = []
  let isBig: Bool
  let isLittleEndian: Bool

  init(of bytes: [UInt8]) {
    isLittleEndian = bytes.first == 0x49
    let isLittle = isLittleEndian
    isBig = bytes.count > 16 && bytes[isLittle ? 2 : 3] == 43
    func number(_ offset: Int, _ size: Int) -> Int {
      guard offset >= 0, offset <= bytes.count - size else { return 0 }
      let piece = bytes[offset..<offset + size]
      let value = (isLittle ? piece.reversed() : Array(piece)).reduce(0 as UInt64) {
        $0 << 8 | UInt64($1)
      }
      return Int(truncatingIfNeeded: value)
    }
    let (countSize, entrySize, linkSize) = isBig ? (8, 20, 8) : (2, 12, 4)
    var next = number(isBig ? 8 : 4, linkSize)
    for _ in 0..<16 where next > 0 && next < bytes.count {
      let count = number(next, countSize)
      let start = next + countSize
      guard (1...1000).contains(count), start + count * entrySize <= bytes.count else { return }
      entries += (0..<count).map { start + $0 * entrySize }
      next = number(start + count * entrySize, linkSize)
    }
  }
}
