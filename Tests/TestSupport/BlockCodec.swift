// SPDX-License-Identifier: Apache-2.0

/// Ways to store a strip or tile that need no library: each is valid, none makes it smaller.
package enum BlockCodec: UInt16, CaseIterable, Sendable {
  case none = 1
  case lzw = 5
  case deflate = 8
  case packBits = 32773
  case zstandard = 50000

  /// The stored form of a block.
  package func encoded(_ block: [UInt8]) -> [UInt8] {
    switch self {
    case .none: block
    case .lzw: Self.lzw(block)
    case .deflate: Self.deflate(block)
    case .packBits: Self.packBits(block)
    case .zstandard: Self.zstandard(block)
    }
  }

  /// Literals of 9 bits; the table is cleared before it needs codes of 10.
  private static func lzw(_ block: [UInt8]) -> [UInt8] {
    var (bits, bitCount, bytes) = (0, 0, [] as [UInt8])
    func put(_ code: Int) {
      bits = bits << 9 | code
      bitCount += 9
      while bitCount >= 8 {
        bitCount -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
      }
      bits &= 1 << bitCount - 1
    }
    for (index, byte) in block.enumerated() {
      if index % 200 == 0 { put(256) }
      put(Int(byte))
    }
    put(257)
    if bitCount > 0 { bytes.append(UInt8(truncatingIfNeeded: bits << (8 - bitCount))) }
    return bytes
  }

  /// Stored blocks (RFC 1951, 3.2.4) between a zlib header and its checksum.
  private static func deflate(_ block: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = [0x78, 0x01]
    for start in stride(from: 0, to: max(1, block.count), by: 65_535) {
      let piece = block[start..<min(start + 65_535, block.count)]
      let (low, high) = (UInt8(piece.count & 255), UInt8(piece.count >> 8))
      bytes += [start + 65_535 >= block.count ? 1 : 0, low, high, ~low, ~high] + piece
    }
    var (a, b) = (1, 0)
    for byte in block {
      a = (a + Int(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return bytes + [UInt8(b >> 8), UInt8(b & 255), UInt8(a >> 8), UInt8(a & 255)]
  }

  private static func packBits(_ block: [UInt8]) -> [UInt8] {
    stride(from: 0, to: block.count, by: 128).flatMap { start in
      let piece = block[start..<min(start + 128, block.count)]
      return [UInt8(piece.count - 1)] + piece
    }
  }

  /// Raw blocks in one frame (RFC 8878, 3.1.1).
  private static func zstandard(_ block: [UInt8]) -> [UInt8] {
    var bytes = frameHead(block.count)
    for start in stride(from: 0, to: max(1, block.count), by: 131_072) {
      let piece = block[start..<min(start + 131_072, block.count)]
      let isLast = start + 131_072 >= block.count
      bytes += number(piece.count << 3 | (isLast ? 1 : 0), 3) + piece
    }
    return bytes
  }

  /// A Zstandard frame of so many equal bytes, 32,768 to one.
  package static func bomb(_ byteCount: Int) -> [UInt8] {
    var bytes = frameHead(byteCount)
    for start in stride(from: 0, to: byteCount, by: 131_072) {
      let count = min(131_072, byteCount - start)
      bytes += number(count << 3 | 2 | (start + count == byteCount ? 1 : 0), 3) + [7]
    }
    return bytes
  }

  private static func frameHead(_ byteCount: Int) -> [UInt8] {
    [0x28, 0xB5, 0x2F, 0xFD, 0xE0] + number(byteCount, 8)
  }

  private static func number(_ value: Int, _ byteCount: Int) -> [UInt8] {
    (0..<byteCount).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
