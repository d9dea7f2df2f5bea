// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Where the files of a tar archive lie, so that each can be read alone.
///
/// POSIX (ustar), with the long names of pax and of GNU tar; no links, no sparse files.
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
  /// The folders that have an entry of their own, empty ones too.
  let folders: [String]

  private static let blockSize = 512
  /// More than any file system lets a name have.
  private static let longestName: UInt64 = 1 << 20

  /// Reads the headers; the files themselves are not touched.
  ///
  /// - Throws: `RasterError`, `cannotRead` or `archive`.
  init(path: String) throws(RasterError) {
    let file = try ReadOnlyFile(path: path)
    var members: [Member] = []
    var folders: [String] = []
    var longName: String?
    var isWhole = false
    var offset: UInt64 = 0
    var header = [UInt8](repeating: 0, count: Self.blockSize)
    while offset + UInt64(Self.blockSize) <= file.byteCount {
      try file.read(into: &header, at: offset)
      isWhole = header.allSatisfy { $0 == 0 }
      if isWhole { break }
      guard Self.checksumAgrees(header), let size = Self.octal(header[124..<136]) else {
        throw .archive(path: path, reason: Self.noHeader(header, at: offset))
      }
      let start = offset + UInt64(Self.blockSize)
      guard size <= file.byteCount, start + size <= file.byteCount else {
        throw .archive(
          path: path, reason: "the member at byte \(offset) reaches past the end: it was cut off")
      }
      let name = Self.plain(longName ?? Self.name(header))
      switch header[156] {
      case 0, UInt8(ascii: "0"):
        members.append(Member(name: name, offset: start, byteCount: Int(size)))
        longName = nil
      case UInt8(ascii: "5"):
        folders.append(name)
        longName = nil
      case UInt8(ascii: "g"): break
      case UInt8(ascii: "L"), UInt8(ascii: "x"):
        guard size <= Self.longestName else {
          throw .archive(path: path, reason: "the name at byte \(offset) has \(size) bytes")
        }
        var bytes = [UInt8](repeating: 0, count: Int(size))
        try file.read(into: &bytes, at: start)
        longName =
          header[156] == UInt8(ascii: "L") ? Self.text(bytes[...]) : Self.paxPath(bytes) ?? longName
      case let other:
        throw .archive(
          path: path,
          reason: "\(name) is of type '\(Unicode.Scalar(other).escaped(asASCII: true))'")
      }
      let blocks = (size + UInt64(Self.blockSize) - 1) / UInt64(Self.blockSize)
      offset = start + blocks * UInt64(Self.blockSize)
    }
    // A download that stopped between two members looks whole but for this.
    guard isWhole else {
      throw .archive(path: path, reason: "it has no end mark: it was cut off")
    }
    self.path = path
    self.members = members
    self.folders = folders
  }

  /// What the bytes are where a header should stand.
  private static func noHeader(_ bytes: [UInt8], at offset: UInt64) -> String {
    guard offset == 0 else { return "no header at byte \(offset)" }
    if bytes.starts(with: [0x1F, 0x8B]) { return "it is compressed (gunzip unpacks it)" }
    if bytes.starts(with: [0x50, 0x4B]) {
      return "it is a zip archive (unzip makes a folder of it)"
    }
    return "it is no tar archive"
  }

  /// A name without the `./` in front and the `/` behind that tar writes of a folder's content.
  private static func plain(_ name: String) -> String {
    var name = name[...]
    while name.hasPrefix("./") { name = name.dropFirst(2) }
    while name.hasSuffix("/") { name = name.dropLast() }
    return String(name)
  }

  /// The path in a pax header, whose records are `LENGTH KEY=VALUE` and a newline each.
  private static func paxPath(_ bytes: [UInt8]) -> String? {
    var rest = bytes[...]
    while let space = rest.firstIndex(of: UInt8(ascii: " ")),
      let length = Int(String(decoding: rest[..<space], as: UTF8.self)),
      length > space - rest.startIndex + 1, length <= rest.count
    {
      let record = rest[(space + 1)..<(rest.startIndex + length - 1)]
      if record.starts(with: "path=".utf8) {
        return String(decoding: record.dropFirst("path=".utf8.count), as: UTF8.self)
      }
      rest = rest[(rest.startIndex + length)...]
    }
    return nil
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
