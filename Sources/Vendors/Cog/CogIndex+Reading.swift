// SPDX-License-Identifier: Apache-2.0

import Foundation

extension CogIndex {
  private static let longestSide: UInt64 = 10_000_000
  private static let mostTileBytes: UInt64 = 1 << 26

  /// Reads the head of a file.
  ///
  /// - Throws: ``CogProblem``, or what the source throws.
  init(_ source: some CogSource) async throws {
    var reader = CogReader(source)
    let directories = try await reader.directories()
    let order = reader.order
    func first(_ tag: CogTag, _ directory: CogDirectory) throws(CogProblem) -> UInt64? {
      guard let field = directory.fields[tag], field.count > 0 else { return nil }
      guard let size = CogByteOrder.integerSize(field.type) else {
        throw CogProblem("tag \(tag.rawValue) is of type \(field.type), not a whole number")
      }
      return order.integer(field.bytes[..<size])
    }
    // Of a COG the first image is the picture; overviews and masks follow.
    guard let main = directories.first, try first(.subfileType, main) ?? 0 == 0 else {
      throw CogProblem("its first image is not the picture")
    }
    let sides = (try first(.width, main) ?? 0, try first(.height, main) ?? 0)
    let range = 1...Self.longestSide
    guard range.contains(sides.0), range.contains(sides.1) else {
      throw CogProblem("it is \(sides.0) x \(sides.1) pixels large")
    }
    (width, height) = (Int(sides.0), Int(sides.1))
    self.order = order
    place = try Place(main, order)
    picture = try await Self.image(main, &reader, source.byteCount, width, height, first)
    var mask: Image?
    for other in directories.dropFirst() where try first(.subfileType, other) == 4 {
      guard try first(.width, other) == sides.0, try first(.height, other) == sides.1 else {
        continue
      }
      mask = try await Self.image(other, &reader, source.byteCount, width, height, first)
    }
    self.mask = mask
  }

  private static func image<Source: CogSource>(
    _ directory: CogDirectory, _ reader: inout CogReader<Source>, _ fileByteCount: UInt64,
    _ width: Int, _ height: Int,
    _ first: (CogTag, CogDirectory) throws(CogProblem) -> UInt64?
  ) async throws -> Image {
    guard let offsets = directory.tables[.tileOffsets],
      let counts = directory.tables[.tileByteCounts],
      let tileWidth = try first(.tileWidth, directory),
      let tileHeight = try first(.tileHeight, directory)
    else {
      throw CogProblem("it is not tiled, so no part of it can be had without the rest")
    }
    guard (1...16_384).contains(tileWidth), (1...16_384).contains(tileHeight) else {
      throw CogProblem("its tiles are \(tileWidth) x \(tileHeight) pixels large")
    }
    let isPlanar = try first(.planarConfiguration, directory) == 2
    let planes = isPlanar ? Int(min(try first(.samplesPerPixel, directory) ?? 1, 65_535)) : 1
    let columns = (width + Int(tileWidth) - 1) / Int(tileWidth)
    let rows = (height + Int(tileHeight) - 1) / Int(tileHeight)
    guard offsets.count == counts.count, offsets.count == columns * rows * planes else {
      throw CogProblem(
        "its tables are of \(offsets.count) tiles, and it has \(columns * rows * planes)")
    }
    let offsetValues = try await reader.integers(offsets)
    let countValues = try await reader.integers(counts)
    for (offset, count) in zip(offsetValues, countValues) where count > 0 {
      let (end, isOver) = offset.addingReportingOverflow(count)
      guard !isOver, end <= fileByteCount, count <= Self.mostTileBytes else {
        throw CogProblem("a tile of \(count) bytes at byte \(offset) is beyond what can be")
      }
    }
    return Image(
      tileWidth: Int(tileWidth), tileHeight: Int(tileHeight), columns: columns, rows: rows,
      planes: planes, offsets: offsetValues, byteCounts: countValues,
      coding: Self.coding.compactMap { tag in
        directory.fields[tag].map { (tag, $0.type, $0.count, $0.bytes) }
      })
  }

  /// What is copied into an excerpt as it is.
  private static let coding: [CogTag] = [
    .subfileType, .bitsPerSample, .compression, .photometric, .samplesPerPixel,
    .planarConfiguration, .predictor, .colourMap, .extraSamples, .sampleFormat, .jpegTables,
    .chromaSubsampling, .chromaPositioning, .referenceBlackWhite, .geoKeys, .geoDoubles, .geoTexts,
    .noData, .lercParameters,
  ]
}

extension CogIndex.Place {
  fileprivate init(_ directory: CogDirectory, _ order: CogByteOrder) throws(CogProblem) {
    func doubles(_ tag: CogTag) -> [Double] {
      guard let field = directory.fields[tag], field.type == 12 else { return [] }
      return order.integers(field.bytes[...], size: 8).map { Double(bitPattern: $0) }
    }
    let (scale, tie) = (doubles(.pixelScale), doubles(.tiePoint))
    guard scale.count >= 2, tie.count == 6, (scale + tie).allSatisfy(\.isFinite), scale[0] > 0,
      abs(scale[0] - scale[1]) <= 1e-9 * scale[0]
    else {
      throw CogProblem("it does not lie north up with square pixels, or does not say where")
    }
    var keys: [UInt64: UInt64] = [:]
    if let field = directory.fields[.geoKeys], field.type == 3 {
      let values = order.integers(field.bytes[...], size: 2)
      // A header of four, then four numbers a key; those with location 0 hold their value.
      for first in stride(from: 4, to: values.count - 3, by: 4) where values[first + 1] == 0 {
        keys[values[first]] = values[first + 3]
      }
    }
    isOfCentres = keys[1025] == 2
    crs = keys[3072].flatMap { (1..<32_767).contains($0) ? "EPSG:\($0)" : nil }
    let half = isOfCentres ? 0.5 : 0
    pixelSize = scale[0]
    west = tie[3] - (tie[0] + half) * scale[0]
    north = tie[4] + (tie[1] + half) * scale[0]
  }
}
