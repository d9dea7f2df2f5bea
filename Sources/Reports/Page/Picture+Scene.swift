// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Raster

extension Picture {
  /// The LR scene as the model saw it: its bands, stretched where the job said how.
  ///
  /// Pixels are enlarged as squares, or averaged where the picture's are larger. A scene that lies
  /// otherwise than the chips is brought onto the picture's grid.
  ///
  /// Three bands are red, green and blue; fewer are shown grey.
  ///
  /// - Returns: the picture, and the contrast that HR pixels beside it need.
  static func scene(
    _ scene: borrowing Dataset, _ inputs: ReportInputs, in frame: ChipFrame, paper: Colour
  ) throws -> (picture: Picture, contrast: Contrast) {
    var picture = Picture(of: frame, colour: paper)
    let bandCount = scene.layout.bandCount
    let own = inputs.survey.reading?.bands ?? Array(1...bandCount)
    let seen = own.count >= 3 ? Array(own.prefix(3)) : [own[0], own[0], own[0]]
    var values = try sampled(scene, inputs, picture: picture, bands: Set(seen).sorted())
    if let stretch = inputs.survey.reading?.stretch {
      for (band, number) in own.enumerated() where band < 3 {
        let range = stretch.range(ofBand: band)
        // A scene band that is shown in several colours has the stretch of the first.
        guard own.firstIndex(of: number) == band else { continue }
        values[number] = values[number]?.map { $0.isNaN ? $0 : Float(range.value($0)) }
      }
    }
    let contrast = Contrast(of: values.sorted { $0.key < $1.key }.lazy.flatMap(\.value))
    for pixel in 0..<picture.width * picture.height {
      let levels = seen.compactMap { values[$0]?[pixel] }
      guard levels.count == 3, !levels[0].isNaN else { continue }
      picture[pixel % picture.width, pixel / picture.width] = Colour(
        red: contrast.level(levels[0]), green: contrast.level(levels[1]),
        blue: contrast.level(levels[2]))
    }
    // HR pixels are bytes; where the scene's are too, or are stretched to be, both are of one scale.
    let isOfBytes = scene.layout.pixelType == .uint8 || inputs.survey.reading?.stretch != nil
    return (picture, isOfBytes ? contrast : .bytes)
  }

  /// The values of some bands, from 1, for each pixel of a picture; NaN where the scene has none.
  private static func sampled(
    _ scene: borrowing Dataset, _ inputs: ReportInputs, picture: Picture, bands: [Int]
  ) throws -> [Int: [Float]] {
    let frame = picture.frame
    let transform = scene.layout.transform
    if scene.layout.crs == inputs.crs, transform.isNorthUp, transform.isSquare {
      let values = try SceneSampling(
        of: scene, frame: frame, width: picture.width, height: picture.height,
        bands: bands.map { $0 - 1 }
      ).read(scene)
      return Dictionary(uniqueKeysWithValues: zip(bands, values))
    }
    let ground = frame.ground
    let pixelMetres = (ground.east - ground.west) / Double(picture.width)
    let window: Window<Float> = try scene.read(
      onto: ground, crs: inputs.crs, width: picture.width, height: picture.height,
      bands: .numbers(bands),
      resampling: inputs.scene.pixelSizeMetres < pixelMetres ? .average : .nearest)
    var values: [Int: [Float]] = [:]
    for (place, band) in bands.enumerated() {
      values[band] = (0..<window.pixelCount).map { pixel in
        window.validity[pixel] ? window.samples[place * window.pixelCount + pixel] : .nan
      }
    }
    return values
  }
}

/// Which values are shown black and which white; those between in proportion, the bands alike, so
/// that colours keep their hue.
struct Contrast: Hashable, Sendable {
  let black: Float
  let white: Float

  /// Bytes as they are.
  static let bytes = Contrast(black: 0, white: 255)

  private init(black: Float, white: Float) {
    self.black = black
    self.white = white
  }

  /// Leaves a hundredth of the values at each end, as map programs do; NaN does not count.
  init(of values: some Sequence<Float>) {
    let sorted = values.filter { !$0.isNaN }.sorted()
    let cut = sorted.count / 100
    guard let first = sorted.first, let last = sorted.last, first < last else {
      self.init(black: 0, white: max(255, sorted.first ?? 0))
      return
    }
    let (low, high) = (sorted[cut], sorted[sorted.count - 1 - cut])
    self = low < high ? Contrast(black: low, white: high) : Contrast(black: first, white: last)
  }

  /// The level of a value, 0 to 255.
  func level(_ value: Float) -> UInt8 {
    UInt8(max(0, min(255, ((value - black) / (white - black) * 255).rounded())))
  }
}

/// Which pixels of a scene each pixel of a picture shows.
private struct SceneSampling {
  let columns: [Range<Int>]
  let rows: [Range<Int>]
  let bands: [Int]

  init(of scene: borrowing Dataset, frame: ChipFrame, width: Int, height: Int, bands: [Int]) {
    let ground = frame.ground
    let transform = scene.layout.transform
    let corner = transform.pixel(of: ProjectedPoint(x: ground.west, y: ground.north))
    let pixelSize = transform.pixelSize
    columns = Self.ranges(
      from: corner.column, length: (ground.east - ground.west) / pixelSize, count: width,
      limit: scene.layout.width)
    rows = Self.ranges(
      from: corner.row, length: (ground.north - ground.south) / pixelSize, count: height,
      limit: scene.layout.height)
    self.bands = bands
  }

  // An edge that rounding puts a hair before a pixel's edge counts as on it.
  private static func ranges(
    from start: Double, length: Double, count: Int, limit: Int
  ) -> [Range<Int>] {
    func edge(_ index: Int) -> Int {
      Int((start + length * Double(index) / Double(count) + 1e-6).rounded(.down))
    }
    return (0..<count).map { index in
      let first = edge(index)
      let range = first..<max(first + 1, edge(index + 1))
      return range.clamped(to: 0..<limit)
    }
  }

  /// The values of each band, `[height, width]`, NaN where the scene has none.
  func read(_ scene: borrowing Dataset) throws(RasterError) -> [[Float]] {
    var values = bands.map { _ in [Float](repeating: .nan, count: columns.count * rows.count) }
    let inside = columns.filter { !$0.isEmpty }
    guard let left = inside.first?.lowerBound, let right = inside.last?.upperBound else {
      return values
    }
    var next = 0
    while next < rows.count {
      guard !rows[next].isEmpty else {
        next += 1
        continue
      }
      // A strip of rows at a time: as many as its pixels allow, and at least one row's.
      let top = rows[next].lowerBound
      let most = max(rows[next].count, Self.largestStripPixelCount / (right - left))
      let strip = rows[next...].prefix { !$0.isEmpty && $0.upperBound - top <= most }
      let rect = PixelRect(
        column: left, row: top, width: right - left,
        height: (strip.last?.upperBound ?? top + 1) - top)
      let window: Window<Float> = try scene.read(rect)
      for row in strip.indices { fill(&values, row: row, from: window, of: rect) }
      next = strip.endIndex
    }
    return values
  }

  private static let largestStripPixelCount = 2 << 20

  private func fill(
    _ values: inout [[Float]], row: Int, from window: Window<Float>, of rect: PixelRect
  ) {
    for (column, range) in columns.enumerated() where !range.isEmpty {
      var sums = [Float](repeating: 0, count: bands.count)
      var count: Float = 0
      for y in rows[row] {
        for x in range {
          let pixel = (y - rect.row) * rect.width + x - rect.column
          guard window.validity[pixel] else { continue }
          count += 1
          for (index, band) in bands.enumerated() {
            sums[index] += window.samples[band * window.pixelCount + pixel]
          }
        }
      }
      guard count > 0 else { continue }
      for index in sums.indices {
        values[index][row * columns.count + column] = sums[index] / count
      }
    }
  }
}
