// SPDX-License-Identifier: Apache-2.0

/// Judges the picture of a TIFF file, and its mask, before GDAL decodes a byte of them.
struct TIFFImageCheck: ~Copyable {
  private typealias Directory = TIFFStructure.Directory

  /// What an image is for: a mask has a pixel type of its own, and no colours.
  private enum Role {
    case picture
    case mask
  }

  private let file: ReadOnlyFile
  private let structure: TIFFStructure
  private let limits: IngestLimits

  /// Checks the file at `path`, which is a copy of ours.
  ///
  /// - Throws: `RasterError`: `notTIFF`, `tooLarge`, `malformed`, `unsupported`.
  static func check(path: String, limits: IngestLimits) throws(RasterError) {
    let file = try ReadOnlyFile(path: path)
    let structure = try TIFFStructure(of: file, limits: limits)
    let check = TIFFImageCheck(file: file, structure: structure, limits: limits)
    try check.check(structure.directories[0], as: .picture)
    for directory in structure.directories.dropFirst() {
      // Bit 2 says mask, bit 0 says of an overview; overviews are never decoded.
      let kind = try check.number(.subfileType, of: directory, else: 0)
      if kind & 5 == 4 { try check.check(directory, as: .mask) }
    }
  }

  private init(file: consuming ReadOnlyFile, structure: TIFFStructure, limits: IngestLimits) {
    self.file = file
    self.structure = structure
    self.limits = limits
  }

  private func check(_ directory: Directory, as role: Role) throws(RasterError) {
    try checkPixels(of: directory, as: role)
    try checkCoding(of: directory, as: role)
    let shape = try shape(of: directory)
    try shape.checkAmounts(limits)
    try checkTables(of: directory, shape)
    if role == .picture { try checkGeoKeys(of: directory) }
  }

  /// A tag's first value; one that no `Int` holds is as good as the largest.
  private func number(
    _ tag: TIFFTag, of directory: Directory, else fallback: Int?
  ) throws(RasterError) -> Int {
    if let value = try structure.integer(tag, of: directory, in: file) {
      return Int(clamping: value)
    }
    guard let fallback else {
      throw .malformed(reason: "tag \(tag.rawValue) (\(tag)) is missing")
    }
    return fallback
  }

  /// A tag's number within `1...limit`.
  private func number(
    _ tag: TIFFTag, of directory: Directory, else fallback: Int?, limit: Int, key: String
  ) throws(RasterError) -> Int {
    let value = try number(tag, of: directory, else: fallback)
    guard value > 0 else { throw .malformed(reason: "tag \(tag.rawValue) (\(tag)) is \(value)") }
    guard value <= limit else {
      throw .tooLarge(
        reason: "tag \(tag.rawValue) (\(tag)) is \(value), and the limit is \(limit)", key: key)
    }
    return value
  }

  private func checkPixels(of directory: Directory, as role: Role) throws(RasterError) {
    let bits = try common(.bitsPerSample, of: directory, else: 1)
    let format = try common(.sampleFormat, of: directory, else: 1)
    let isTaken =
      switch role {
      case .picture: [8, 16].contains(bits) && format == 1 || (bits, format) == (32, 3)
      case .mask: (bits == 1 || bits == 8) && format == 1
      }
    guard isTaken else {
      let names: [UInt64: String] = [
        1: "unsigned integers", 2: "signed integers", 3: "floating-point numbers",
        5: "complex integers", 6: "complex numbers",
      ]
      throw .unsupported(
        reason: "its samples are \(names[format] ?? "of format \(format),") of \(bits) bits",
        remedy: RasterLayout.pixelTypeRemedy)
    }
  }

  /// The value that a tag gives to every sample.
  private func common(
    _ tag: TIFFTag, of directory: Directory, else fallback: UInt64
  ) throws(RasterError) -> UInt64 {
    guard let entry = directory.entry(tag) else { return fallback }
    let values = try structure.integers(of: entry, in: file)
    guard Set(values).count <= 1 else {
      throw .unsupported(
        reason: "its bands have different types", remedy: RasterLayout.pixelTypeRemedy)
    }
    return values.first ?? fallback
  }

  private func checkCoding(of directory: Directory, as role: Role) throws(RasterError) {
    let compression = try number(.compression, of: directory, else: 1)
    // None, LZW, JPEG, Deflate, PackBits, Deflate's old number, LERC, LZMA, ZSTD, WebP.
    guard [1, 5, 7, 8, 32773, 32946, 34887, 34925, 50000, 50001].contains(compression) else {
      throw .unsupported(
        reason: "its compression is number \(compression)",
        remedy: "Rewrite it with gdal_translate -co COMPRESS=DEFLATE.")
    }
    let predictor = try number(.predictor, of: directory, else: 1)
    guard (1...3).contains(predictor) else {
      throw .malformed(reason: "its predictor is number \(predictor)")
    }
    guard role == .picture else { return }
    switch (try number(.photometric, of: directory, else: 1), compression) {
    // Grey, RGB, and the YCbCr that JPEG decodes to RGB.
    case (1, _), (2, _), (6, 7): break
    case (3, _):
      throw .unsupported(
        reason: "its values are indices into a palette of colours, not measurements",
        remedy: "Expand it with gdal_translate -expand rgb.")
    case (let photometric, _):
      throw .unsupported(
        reason: "its photometric interpretation is number \(photometric)",
        remedy: "Rewrite it as grey or RGB with gdal_translate -co PHOTOMETRIC=RGB.")
    }
  }

  private func shape(of directory: Directory) throws(RasterError) -> TIFFShape {
    let side = limits.sidePixels
    let width = try number(
      .imageWidth, of: directory, else: nil, limit: side, key: "side_pixels")
    let height = try number(
      .imageLength, of: directory, else: nil, limit: side, key: "side_pixels")
    let planar = try number(.planarConfiguration, of: directory, else: 1)
    guard planar == 1 || planar == 2 else {
      throw .malformed(reason: "its planar configuration is number \(planar)")
    }
    var shape = TIFFShape(
      width: width, height: height,
      samples: try number(
        .samplesPerPixel, of: directory, else: 1, limit: limits.bands, key: "bands"),
      sampleBytes: Int(try common(.bitsPerSample, of: directory, else: 1) + 7) / 8,
      isPlanar: planar == 2,
      isTiled: directory.entry(.tileWidth) != nil || directory.entry(.tileOffsets) != nil,
      blockWidth: width, blockHeight: height)
    if shape.isTiled {
      let tileSide = limits.tileSidePixels
      shape.blockWidth = try number(
        .tileWidth, of: directory, else: nil, limit: tileSide, key: "tile_side_pixels")
      shape.blockHeight = try number(
        .tileLength, of: directory, else: nil, limit: tileSide, key: "tile_side_pixels")
      guard shape.blockWidth % 16 == 0, shape.blockHeight % 16 == 0 else {
        throw .malformed(
          reason: "its tiles are \(shape.blockWidth) x \(shape.blockHeight), and sides are "
            + "multiples of 16")
      }
    } else {
      // Writers say "all rows in one strip" by the largest number.
      let rows = min(height, try number(.rowsPerStrip, of: directory, else: height))
      guard rows > 0 else { throw .malformed(reason: "its strips have no rows") }
      shape.blockHeight = rows
    }
    return shape
  }

  /// Each strip or tile lies in the file, or is absent: offset and length 0.
  private func checkTables(of directory: Directory, _ shape: TIFFShape) throws(RasterError) {
    let what = shape.isTiled ? "tile" : "strip"
    guard let starts = directory.entry(shape.isTiled ? .tileOffsets : .stripOffsets),
      let lengths = directory.entry(shape.isTiled ? .tileByteCounts : .stripByteCounts),
      starts.count == shape.blockCount, lengths.count == shape.blockCount
    else {
      throw .malformed(reason: "it has \(shape.blockCount) \(what)s, and its tables do not")
    }
    let blocks = zip(
      try structure.integers(of: starts, in: file), try structure.integers(of: lengths, in: file))
    for (index, (start, length)) in blocks.enumerated() where start != 0 || length != 0 {
      let (end, isOver) = start.addingReportingOverflow(length)
      guard start >= 8, length > 0, !isOver else {
        throw .malformed(reason: "\(what) \(index) has \(length) bytes at byte \(start)")
      }
      guard end <= file.byteCount else {
        throw .malformed(
          reason: "\(what) \(index) ends at byte \(end), and the file has only "
            + "\(file.byteCount): it is cut short")
      }
    }
  }

  /// The keys of the coordinate system point into the tags that hold their values.
  private func checkGeoKeys(of directory: Directory) throws(RasterError) {
    guard let entry = directory.entry(.geoKeys) else { return }
    let numbers = try structure.integers(of: entry, in: file)
    guard numbers.count >= 4, numbers[0] == 1, numbers[3] <= (numbers.count - 4) / 4 else {
      throw .malformed(reason: "its directory of GeoKeys claims more keys than it has")
    }
    for key in 0..<Int(numbers[3]) {
      let (tag, count, offset) = (numbers[5 + 4 * key], numbers[6 + 4 * key], numbers[7 + 4 * key])
      // Tag 0 means that the value is in the key itself. A key's numbers have 16 bits in the file.
      guard tag != 0 else { continue }
      guard let values = directory.entries.first(where: { UInt64($0.tag) == tag }),
        entry.type == 3, offset + count <= values.count
      else {
        throw .malformed(reason: "GeoKey \(numbers[4 + 4 * key]) points outside tag \(tag)")
      }
    }
  }
}
