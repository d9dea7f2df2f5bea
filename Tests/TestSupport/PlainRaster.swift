// SPDX-License-Identifier: Apache-2.0

package import Platform

/// A small GeoTIFF of any of the common layouts, drawn by chance: valid, and the victim of changes.
package struct PlainRaster: Sendable {
  /// What a sample is.
  package enum Sample: CaseIterable, Sendable {
    case uint8, uint16, int16, float32, float64

    var bits: UInt64 {
      switch self {
      case .uint8: 8
      case .uint16, .int16: 16
      case .float32: 32
      case .float64: 64
      }
    }

    var format: UInt64 {
      switch self {
      case .uint8, .uint16: 1
      case .int16: 2
      case .float32, .float64: 3
      }
    }
  }

  package var width = 45
  package var height = 33
  package var bandCount = 3
  package var sample = Sample.uint8
  package var codec = BlockCodec.none
  package var isPlanar = false
  package var isTiled = false
  package var isBig = false
  package var isLittleEndian = true
  package var hasAlpha = false
  package var hasMask = false
  package var hasOverview = false
  package var hasNoData = false
  package var hasMatrix = false

  /// A plain one: three bands of 45 x 33 bytes in strips.
  package init() {}

  /// Draws a raster.
  package init(using generator: inout SeededGenerator) {
    func coin(_ share: Int) -> Bool { Int.random(in: 0..<share, using: &generator) == 0 }
    width = Int.random(in: 1...60, using: &generator)
    height = Int.random(in: 1...60, using: &generator)
    bandCount = Int.random(in: 1...4, using: &generator)
    sample = coin(2) ? .uint8 : Sample.allCases[Int.random(in: 0..<5, using: &generator)]
    codec = BlockCodec.allCases[Int.random(in: 0..<5, using: &generator)]
    (isPlanar, isTiled, isBig, isLittleEndian) = (coin(2), coin(2), coin(3), !coin(3))
    (hasAlpha, hasMask, hasOverview) = (bandCount > 1 && coin(4), coin(5), coin(6))
    (hasNoData, hasMatrix) = (coin(4), coin(5))
  }

  private var blockWidth: Int { isTiled ? 32 : width }
  private var blockHeight: Int { isTiled ? 16 : min(height, 7) }

  /// The value of a sample; it fits all types.
  package func value(_ band: Int, _ column: Int, _ row: Int) -> Int {
    hasAlpha && band == bandCount - 1 ? 255 : (column * 3 + row * 5 + band * 17) % 120 + 1
  }

  /// The file.
  package func file() -> TIFFFile {
    var file = TIFFFile()
    (file.isBig, file.isLittleEndian) = (isBig, isLittleEndian)
    file.blocks = blocks(of: file)
    let pictureBlockCount = file.blocks.count
    if hasMask { file.blocks.append([UInt8](repeating: 0xFF, count: (width + 7) / 8 * height)) }
    if hasOverview { file.blocks.append([1]) }
    let offsets = file.blockOffsets
    let pictureOffsets = Array(offsets.prefix(pictureBlockCount))
    var entries = picture(pictureOffsets, file.blocks.prefix(pictureBlockCount).map(\.count))
    entries += place()
    if hasNoData { entries.append(.init(42113, 2, .bytes(Array("200\0".utf8)))) }
    if hasOverview {
      entries.append(.init(330, isBig ? 16 : 4, .directory(hasMask ? 2 : 1)))
    }
    file.directories = [.init(entries.sorted { $0.tag < $1.tag })]
    if hasMask {
      let block = UInt64(file.blocks[pictureBlockCount].count)
      file.directories.append(
        .init(part(width, height, bits: 1, kind: 4, offsets[pictureBlockCount], block)))
    }
    if hasOverview {
      var overview = TIFFFile.Directory(
        part(1, 1, bits: 8, kind: 1, offsets[file.blocks.count - 1], 1))
      overview.isChained = false
      file.directories.append(overview)
    }
    return file
  }

  private func picture(_ offsets: [UInt64], _ counts: [Int]) -> [TIFFFile.Entry] {
    let bandCount = UInt64(bandCount)
    let perBand = { (value: UInt64) in
      TIFFFile.Values.integers([UInt64](repeating: value, count: Int(bandCount)))
    }
    let isColour = bandCount >= 3
    var entries: [TIFFFile.Entry] = [
      .init(256, 3, .integers([UInt64(width)])), .init(257, 4, .integers([UInt64(height)])),
      .init(258, 3, perBand(sample.bits)), .init(259, 3, .integers([UInt64(codec.rawValue)])),
      .init(262, 3, .integers([isColour ? 2 : 1])), .init(277, 3, .integers([bandCount])),
      .init(284, 3, .integers([isPlanar ? 2 : 1])), .init(339, 3, perBand(sample.format)),
      .init(isTiled ? 324 : 273, isBig ? 16 : 4, .integers(offsets)),
      .init(isTiled ? 325 : 279, 4, .integers(counts.map(UInt64.init))),
    ]
    let extraCount = Int(bandCount) - (isColour ? 3 : 1)
    if extraCount > 0 {
      var extra = [UInt64](repeating: 0, count: extraCount)
      if hasAlpha { extra[extraCount - 1] = 2 }
      entries.append(.init(338, 3, .integers(extra)))
    }
    if isTiled {
      entries += [
        .init(322, 3, .integers([UInt64(blockWidth)])),
        .init(323, 3, .integers([UInt64(blockHeight)])),
      ]
    } else {
      entries.append(.init(278, 3, .integers([UInt64(blockHeight)])))
    }
    return entries
  }

  /// WGS 84 / UTM 32N, pixels of 10 m, by scale and tie point or by a matrix.
  private func place() -> [TIFFFile.Entry] {
    let keys: [UInt64] = [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32632]
    let (x, y) = (640_130.0, 5_330_410.0)
    let place: [TIFFFile.Entry] =
      hasMatrix
      ? [.init(34264, 12, .doubles([10, 0, 0, x, 0, -10, 0, y, 0, 0, 0, 0, 0, 0, 0, 1]))]
      : [
        .init(33550, 12, .doubles([10, 10, 0])), .init(33922, 12, .doubles([0, 0, 0, x, y, 0])),
      ]
    return place + [.init(34735, 3, .integers(keys))]
  }

  /// A mask or an overview of one strip.
  private func part(
    _ width: Int, _ height: Int, bits: UInt64, kind: UInt64, _ offset: UInt64, _ count: UInt64
  ) -> [TIFFFile.Entry] {
    let numbers: [(UInt16, UInt64)] = [
      (254, kind), (256, UInt64(width)), (257, UInt64(height)), (258, bits), (259, 1),
      (262, kind == 4 ? 4 : 1), (273, offset), (277, 1), (278, UInt64(height)), (279, count),
      (284, 1),
    ]
    return numbers.map { .init($0.0, 4, .integers([$0.1])) }
  }

  private func blocks(of file: TIFFFile) -> [[UInt8]] {
    var blocks: [[UInt8]] = []
    for plane in 0..<(isPlanar ? bandCount : 1) {
      let bands = isPlanar ? plane..<plane + 1 : 0..<bandCount
      for top in stride(from: 0, to: height, by: blockHeight) {
        for left in stride(from: 0, to: width, by: blockWidth) {
          var block: [UInt8] = []
          // The last strip is short, and tiles are whole.
          let bottom = isTiled ? top + blockHeight : min(top + blockHeight, height)
          for row in top..<bottom {
            for column in left..<left + blockWidth {
              for band in bands { block += encoded(value(band, column, row), in: file) }
            }
          }
          blocks.append(codec.encoded(block))
        }
      }
    }
    return blocks
  }

  private func encoded(_ value: Int, in file: TIFFFile) -> [UInt8] {
    switch sample {
    case .uint8: [UInt8(value)]
    case .uint16, .int16: file.number(UInt64(value), 2)
    case .float32: file.number(UInt64(Float(value).bitPattern), 4)
    case .float64: file.number(Double(value).bitPattern, 8)
    }
  }
}
