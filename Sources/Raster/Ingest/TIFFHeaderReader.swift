// SPDX-License-Identifier: Apache-2.0

/// Reads and judges the picture of a TIFF file, and its mask, before GDAL decodes a byte of them.
struct TIFFHeaderReader: ~Copyable {
  typealias Directory = TIFFStructure.Directory

  /// What an image is for: a mask has a pixel type of its own, and no colours.
  private enum Role {
    case picture
    case mask
  }

  let file: ReadOnlyFile
  let structure: TIFFStructure
  private let limits: IngestLimits

  /// Walks the directories of the file at `path`, which is a copy of ours.
  ///
  /// - Throws: `RasterError`: `notTIFF`, `tooLarge`, `malformed`.
  init(path: String, limits: IngestLimits) throws(RasterError) {
    let file = try ReadOnlyFile(path: path)
    structure = try TIFFStructure(of: file, limits: limits)
    self.file = file
    self.limits = limits
  }

  /// The directory of the picture.
  var picture: Directory { structure.directories[0] }

  /// Judges the picture and its mask; overviews and further pages are walked but never decoded.
  ///
  /// - Throws: `RasterError`: `tooLarge`, `malformed`, `unsupported`.
  func header() throws(RasterError) -> TIFFHeader {
    let shape = try check(picture, as: .picture)
    var hasMask = false
    for directory in structure.directories.dropFirst()
    where try number(.subfileType, of: directory, else: 0) & 5 == 4 {
      let mask = try check(directory, as: .mask)
      guard mask.width == shape.width, mask.height == shape.height, mask.samples == 1 else {
        throw .malformed(
          reason: "the mask in the directory at byte \(directory.offset) is \(mask.width) x "
            + "\(mask.height), and the picture \(shape.width) x \(shape.height)")
      }
      hasMask = true
    }
    return TIFFHeader(
      shape: shape, sampleType: try sampleType(of: picture),
      alphaSample: try alphaSample(of: picture, samples: shape.samples), hasMask: hasMask,
      noData: try noData().map(NoDataValue.init), place: try geoTags(),
      acquiredAt: acquisitionDate())
  }

  private func check(_ directory: Directory, as role: Role) throws(RasterError) -> TIFFShape {
    let sampleBytes: Int
    switch role {
    case .picture: sampleBytes = try sampleType(of: directory).byteCount
    case .mask:
      let bits = try common(.bitsPerSample, of: directory, else: 1)
      guard bits == 1 || bits == 8, try common(.sampleFormat, of: directory, else: 1) == 1 else {
        throw .unsupported(
          reason: "the mask in the directory at byte \(directory.offset) has \(bits) bits",
          remedy: "Rewrite it with gdal_translate.")
      }
      sampleBytes = 1
    }
    try checkCoding(of: directory, as: role)
    let shape = try shape(of: directory, sampleBytes: sampleBytes)
    try shape.checkAmounts(limits)
    try checkTables(of: directory, shape)
    return shape
  }

  // MARK: Numbers of tags

  /// The tag as messages name it: with its place, or with the directory that lacks it.
  func words(_ tag: TIFFTag, of directory: Directory) -> String {
    directory.entry(tag)?.words
      ?? "tag \(tag.rawValue) (\(tag)), which the directory at byte \(directory.offset) lacks"
  }

  /// A tag's first value; one that no `Int` holds is as good as the largest.
  private func number(
    _ tag: TIFFTag, of directory: Directory, else fallback: Int?
  ) throws(RasterError) -> Int {
    if let value = try structure.integer(tag, of: directory, in: file) {
      return Int(clamping: value)
    }
    guard let fallback else {
      throw .malformed(
        reason: "tag \(tag.rawValue) (\(tag)) is missing in the directory at byte "
          + "\(directory.offset)")
    }
    return fallback
  }

  /// A tag's number within `1...limit`.
  private func number(
    _ tag: TIFFTag, of directory: Directory, else fallback: Int?, limit: Int, key: String
  ) throws(RasterError) -> Int {
    let value = try number(tag, of: directory, else: fallback)
    guard value > 0 else { throw .malformed(reason: "\(words(tag, of: directory)) is \(value)") }
    guard value <= limit else {
      throw .tooLarge(
        reason: "\(words(tag, of: directory)) is \(value), and the limit is \(limit)", key: key)
    }
    return value
  }

  /// The value that a tag gives to every sample.
  private func common(
    _ tag: TIFFTag, of directory: Directory, else fallback: UInt64
  ) throws(RasterError) -> UInt64 {
    guard let entry = directory.entry(tag) else { return fallback }
    let values = try structure.integers(of: entry, in: file)
    guard Set(values).count <= 1 else {
      throw .unsupported(
        reason: "its bands have different types: \(entry.words) holds "
          + values.prefix(4).map(String.init).joined(separator: ", "),
        remedy: TIFFSampleType.remedy)
    }
    return values.first ?? fallback
  }

  // MARK: Samples and their coding

  private func sampleType(of directory: Directory) throws(RasterError) -> TIFFSampleType {
    let bits = try common(.bitsPerSample, of: directory, else: 1)
    let format = try common(.sampleFormat, of: directory, else: 1)
    if let type = TIFFSampleType(bits: bits, format: format) { return type }
    let names: [UInt64: String] = [
      1: "unsigned integers", 2: "signed integers", 3: "floating-point numbers",
      5: "complex integers", 6: "complex numbers",
    ]
    throw .unsupported(
      reason: "its samples are \(names[format] ?? "of format \(format),") of \(bits) "
        + "\(bits == 1 ? "bit" : "bits"), say \(words(.bitsPerSample, of: directory)) and "
        + words(.sampleFormat, of: directory),
      remedy: names[format]?.hasPrefix("complex") == true
        ? TIFFSampleType.complexRemedy : TIFFSampleType.remedy)
  }

  /// The last sample beyond grey or red, green and blue that ExtraSamples calls an alpha value,
  /// associated or not.
  private func alphaSample(
    of directory: Directory, samples: Int
  ) throws(RasterError) -> Int? {
    guard let entry = directory.entry(.extraSamples) else { return nil }
    guard entry.count <= UInt64(samples) else {
      throw .malformed(reason: "\(entry.words) names \(entry.count) of \(samples) samples")
    }
    let extras = try structure.integers(of: entry, in: file)
    let colours = try number(.photometric, of: directory, else: 1) == 1 ? 1 : 3
    return extras.indices.last { (1...2).contains(extras[$0]) }.flatMap { index in
      let sample = samples - extras.count + index
      return sample >= colours ? sample : nil
    }
  }

  /// None, LZW, JPEG, Deflate, PackBits, Deflate's old number, LERC, LZMA, ZSTD, WebP.
  private static let compressions = [
    1, 5, 7, 8, 32773, 32946, 34887, 34925, 50000, 50001,
  ]

  private func checkCoding(of directory: Directory, as role: Role) throws(RasterError) {
    let compression = try number(.compression, of: directory, else: 1)
    guard Self.compressions.contains(compression) else {
      let names = [2: "CCITT", 3: "CCITT", 4: "CCITT", 6: "old-style JPEG", 50002: "JPEG XL"]
      throw .unsupported(
        reason: "its compression is \(names[compression].map { "\($0), " } ?? "")number "
          + "\(compression), says \(words(.compression, of: directory))",
        remedy: "Rewrite it with gdal_translate -co COMPRESS=DEFLATE.")
    }
    let predictor = try number(.predictor, of: directory, else: 1)
    guard (1...3).contains(predictor) else {
      throw .malformed(reason: "\(words(.predictor, of: directory)) is \(predictor), not 1 to 3")
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
        reason: "\(words(.photometric, of: directory)) is \(photometric), neither grey nor RGB",
        remedy: "Rewrite it as grey or RGB with gdal_translate -co PHOTOMETRIC=RGB.")
    }
  }

  // MARK: Sizes and tables

  private func shape(of directory: Directory, sampleBytes: Int) throws(RasterError) -> TIFFShape {
    let side = limits.sidePixels
    let width = try number(
      .imageWidth, of: directory, else: nil, limit: side, key: "side_pixels")
    let height = try number(
      .imageLength, of: directory, else: nil, limit: side, key: "side_pixels")
    let planar = try number(.planarConfiguration, of: directory, else: 1)
    guard planar == 1 || planar == 2 else {
      throw .malformed(reason: "\(words(.planarConfiguration, of: directory)) is \(planar)")
    }
    var shape = TIFFShape(
      width: width, height: height,
      samples: try number(
        .samplesPerPixel, of: directory, else: 1, limit: limits.bands, key: "bands"),
      sampleBytes: sampleBytes, isPlanar: planar == 2,
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
          reason: "\(words(.tileWidth, of: directory)) makes tiles of \(shape.blockWidth) x "
            + "\(shape.blockHeight), and sides are multiples of 16")
      }
    } else {
      // Writers say "all rows in one strip" by the largest number.
      let rows = min(height, try number(.rowsPerStrip, of: directory, else: height))
      guard rows > 0 else {
        throw .malformed(reason: "\(words(.rowsPerStrip, of: directory)) is 0")
      }
      shape.blockHeight = rows
    }
    return shape
  }

  /// Each strip or tile lies in the file, or is absent: offset and length 0.
  private func checkTables(of directory: Directory, _ shape: TIFFShape) throws(RasterError) {
    let what = shape.isTiled ? "tile" : "strip"
    let tags: (TIFFTag, TIFFTag) =
      shape.isTiled ? (.tileOffsets, .tileByteCounts) : (.stripOffsets, .stripByteCounts)
    guard let starts = directory.entry(tags.0), let lengths = directory.entry(tags.1),
      starts.count == shape.blockCount, lengths.count == shape.blockCount
    else {
      throw .malformed(
        reason: "it has \(shape.blockCount) \(what)s, and \(words(tags.0, of: directory)) or "
          + "\(words(tags.1, of: directory)) does not fit")
    }
    let blocks = zip(
      try structure.integers(of: starts, in: file), try structure.integers(of: lengths, in: file))
    for (index, (start, length)) in blocks.enumerated() where start != 0 || length != 0 {
      let (end, isOver) = start.addingReportingOverflow(length)
      guard start >= 8, length > 0, !isOver else {
        throw .malformed(
          reason: "\(what) \(index) of \(starts.words) has \(length) bytes at byte \(start)")
      }
      guard end <= file.byteCount else {
        throw .malformed(
          reason: "\(what) \(index) of \(starts.words) ends at byte \(end), and the file has only "
            + "\(file.byteCount): it is cut short")
      }
    }
  }
}
