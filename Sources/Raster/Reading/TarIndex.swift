// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Where the files of a POSIX (ustar) archive lie, so that each can be read alone.
struct TarIndex: Sendable {
  /// A file in the archive: the place of its bytes.
  struct Member: Hashable, Sendable {
    let name: String
    let offset: UInt64
    let byteCount: Int
  }

  let path: String
  /// In the order of the archive.
  let members: [Member]

  private static let blockSize = 512

  /// Reads the headers; the files themselves are not touched.
  ///
  /// - Throws: `RasterError`, `cannotRead` or `archive`.
  init(path: String) throws(RasterError) {
    let file = try ReadOnlyFile(path: path)
    var members: [Member] = []
    var offset: UInt64 = 0
    var header = [UInt8](repeating: 0, count: Self.blockSize)
    while offset < file.byteCount {
      try file.read(into: &header, at: offset)
      if header.allSatisfy({ $0 == 0 }) { break }
      guard Self.checksumAgrees(header), let size = Self.octal(header[124..<136]) else {
        throw .archive(path: path, reason: "no header at byte \(offset)")
      }
      let start = offset + UInt64(Self.blockSize)
      guard size <= file.byteCount, start + size <= file.byteCount else {
        throw .archive(path: path, reason: "the member at byte \(offset) reaches past the end")
      }
      switch header[156] {
      case 0, UInt8(ascii: "0"):
        members.append(Member(name: Self.name(header), offset: start, byteCount: Int(size)))
      case UInt8(ascii: "5"), UInt8(ascii: "g"): break
      case let other:
        throw .archive(
          path: path,
          reason:
            "\(Self.name(header)) is of type '\(Unicode.Scalar(other).escaped(asASCII: true))'"
        )
      }
      let blocks = (size + UInt64(Self.blockSize) - 1) / UInt64(Self.blockSize)
      offset = start + blocks * UInt64(Self.blockSize)
    }
    self.path = path
    self.members = members
  }

  /// The name, after the prefix that ustar has for long ones.
  private static func name(_ header: [UInt8]) -> String {
    let name = text(header[0..<100])
    let prefix = text(header[345..<500])
    return prefix.isEmpty ? name : prefix + "/" + name
  }

  private static func text(_ field: ArraySlice<UInt8>) -> String {
    String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
  }

  private static func octal(_ field: ArraySlice<UInt8>) -> UInt64? {
    let digits = text(field).trimmingCharacters(in: .whitespaces)
    return UInt64(digits, radix: 8)
  }

  /// A header's checksum is the sum of its bytes with its own field as spaces.
  private static func checksumAgrees(_ header: [UInt8]) -> Bool {
    let field = 148..<156
    let sum = header.indices.reduce(UInt64(0)) { sum, index in
      sum + UInt64(field.contains(index) ? UInt8(ascii: " ") : header[index])
    }
    return octal(header[field]) == sum
  }
}
