// SPDX-License-Identifier: Apache-2.0

/// The bare structure of a TIFF or BigTIFF file: its directories and their entries.
///
/// It is read before GDAL sees the file. Every offset and count is checked against the file's length
/// with arithmetic that cannot overflow, and no memory is asked for by a number from the file.
struct TIFFStructure {
  /// One tag; its values lie inside the file.
  struct Entry {
    let tag: UInt16
    let type: UInt16
    let count: UInt64
    /// Where the values begin.
    let offset: UInt64
    /// Where the entry itself stands.
    let place: UInt64

    /// The tag as messages name it, such as `tag 258 (bitsPerSample) at byte 34`.
    var words: String {
      let name = TIFFTag(rawValue: tag).map { " (\($0))" } ?? ""
      return "tag \(tag)\(name) at byte \(place)"
    }
  }

  /// One image.
  struct Directory {
    let entries: [Entry]
    /// Where it stands.
    let offset: UInt64

    func entry(_ tag: TIFFTag) -> Entry? { entries.first { $0.tag == tag.rawValue } }
  }

  /// The images in the order of the file, the first of them the picture; then those that the first
  /// names as its own overviews.
  let directories: [Directory]
  private let isLittleEndian: Bool

  /// Reads the structure.
  ///
  /// - Throws: `RasterError`: `notTIFF`, `tooLarge`, `malformed`.
  init(of file: borrowing ReadOnlyFile, limits: IngestLimits) throws(RasterError) {
    var walker = try TIFFWalker(of: file, limits: limits)
    var next = walker.firstDirectory
    var directories: [Directory] = []
    while next != 0 {
      let (directory, following) = try walker.directory(at: next, of: file)
      directories.append(directory)
      next = following
    }
    isLittleEndian = walker.isLittleEndian
    guard let first = directories.first else {
      throw .malformed(reason: "its header names no directory")
    }
    if let entry = first.entry(.subDirectories) {
      // The limit holds before the offsets are kept.
      guard entry.count <= limits.directories else {
        throw .tooLarge(
          reason: "\(entry.words) names \(entry.count) directories of overviews, and the limit is "
            + "\(limits.directories)", key: "directories")
      }
      for offset in try Self.integers(of: entry, in: file, walker.isLittleEndian) {
        directories.append(try walker.directory(at: offset, of: file).0)
      }
    }
    self.directories = directories
  }

  /// The values of an entry of whole numbers; as many as the walker's limits let pass.
  func integers(
    of entry: Entry, in file: borrowing ReadOnlyFile
  ) throws(RasterError) -> [UInt64] {
    try Self.integers(of: entry, in: file, isLittleEndian)
  }

  /// The first value of a tag of whole numbers, or nil where the tag is missing or empty.
  func integer(
    _ tag: TIFFTag, of directory: Directory, in file: borrowing ReadOnlyFile
  ) throws(RasterError) -> UInt64? {
    guard let entry = directory.entry(tag), entry.count > 0 else { return nil }
    let first = Entry(
      tag: entry.tag, type: entry.type, count: 1, offset: entry.offset, place: entry.place)
    return try integers(of: first, in: file).first
  }

  /// The values of an entry of 64-bit floating-point numbers.
  func doubles(
    of entry: Entry, in file: borrowing ReadOnlyFile
  ) throws(RasterError) -> [Double] {
    guard entry.type == 12 else {
      throw .malformed(reason: "\(entry.words) is of type \(entry.type), not of 64-bit numbers")
    }
    let bytes = try Self.bytes(of: entry, 8, in: file)
    return stride(from: 0, to: bytes.count, by: 8).map {
      Double(bitPattern: Self.integer(bytes[$0..<$0 + 8], isLittleEndian))
    }
  }

  /// The bytes of an entry of text, the zeros at its end among them.
  func text(
    of entry: Entry, in file: borrowing ReadOnlyFile
  ) throws(RasterError) -> [UInt8] {
    guard entry.type == 2 || entry.type == 1 else {
      throw .malformed(reason: "\(entry.words) is of type \(entry.type), not a text")
    }
    return try Self.bytes(of: entry, 1, in: file)
  }

  private static func integers(
    of entry: Entry, in file: borrowing ReadOnlyFile, _ isLittleEndian: Bool
  ) throws(RasterError) -> [UInt64] {
    let size: Int =
      switch entry.type {
      case 1: 1
      case 3: 2
      case 4, 13: 4
      case 16, 18: 8
      default:
        throw .malformed(reason: "\(entry.words) is of type \(entry.type), not a whole number")
      }
    let bytes = try bytes(of: entry, size, in: file)
    return stride(from: 0, to: bytes.count, by: size).map {
      integer(bytes[$0..<$0 + size], isLittleEndian)
    }
  }

  private static func bytes(
    of entry: Entry, _ size: Int, in file: borrowing ReadOnlyFile
  ) throws(RasterError) -> [UInt8] {
    // The walker has held the count to the limit for the tag and to the bytes of the file.
    var bytes = [UInt8](repeating: 0, count: Int(entry.count) * size)
    try file.read(into: &bytes, at: entry.offset)
    return bytes
  }

  /// A whole number of up to eight bytes.
  static func integer(_ bytes: ArraySlice<UInt8>, _ isLittleEndian: Bool) -> UInt64 {
    isLittleEndian
      ? bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
      : bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }
}
