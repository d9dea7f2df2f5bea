// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Raster

/// An RGB picture of a job's chips: every chip has the same place in all pictures of a job.
struct Picture: Sendable {
  let frame: ChipFrame
  let width: Int
  let height: Int
  /// Red, green and blue of each pixel, `[height, width, 3]`.
  private(set) var samples: [UInt8]

  /// The longest side of a picture, in pixels.
  static let longestSide = 1600
  /// The side up to which pictures of few chips are enlarged.
  private static let enlargedSide = 1280

  /// A picture of one colour, as large as suits its chips.
  init(of frame: ChipFrame, colour: Colour) {
    let side = frame.grid.patchGrid.side
    let (columns, rows) = (frame.columnCount * side, frame.rowCount * side)
    self.frame = frame
    if max(columns, rows) <= Self.longestSide {
      let scale = Self.pixelsPerPatch(count: max(columns, rows), hrPixels: frame.grid.patchPixels)
      width = columns * scale
      height = rows * scale
    } else {
      let shrink = Double(Self.longestSide) / Double(max(columns, rows))
      width = max(1, Int(Double(columns) * shrink))
      height = max(1, Int(Double(rows) * shrink))
    }
    let row = (0..<width).flatMap { _ in [colour.red, colour.green, colour.blue] }
    samples = []
    samples.reserveCapacity(row.count * height)
    for _ in 0..<height { samples += row }
  }

  // Whole multiples or fractions of the HR pixels look even; others are taken where those would
  // make the picture much smaller.
  private static func pixelsPerPatch(count: Int, hrPixels: Int) -> Int {
    let most = max(1, longestSide / count)
    let wished = max(1, enlargedSide / count)
    if wished >= hrPixels { return min(most, (wished / hrPixels) * hrPixels) }
    let even = (1...most).last { hrPixels % $0 == 0 } ?? 1
    return Double(even) >= 0.6 * Double(most) ? even : most
  }

  /// Pixels of the picture along a patch; 0 where a patch is smaller than a pixel.
  var pixelsPerPatch: Int { width / (frame.columnCount * frame.grid.patchGrid.side) }

  /// The columns of the picture that show chip column `column` of the frame.
  func columns(ofChip column: Int) -> Range<Int> {
    Self.cell(column, of: frame.columnCount, over: width)
  }

  /// The rows of the picture that show chip row `row` of the frame.
  func rows(ofChip row: Int) -> Range<Int> { Self.cell(row, of: frame.rowCount, over: height) }

  /// The cells, of `count` that lie over `length` pixels, that pixel `pixel` shows; at least one.
  static func cells(of pixel: Int, count: Int, over length: Int) -> Range<Int> {
    let first = pixel * count / length
    return first..<max(first + 1, (pixel + 1) * count / length)
  }

  // The pixels whose first cell is the given one.
  private static func cell(_ cell: Int, of count: Int, over length: Int) -> Range<Int> {
    (cell * length + count - 1) / count..<((cell + 1) * length + count - 1) / count
  }

  /// The colour of a pixel.
  subscript(column: Int, row: Int) -> Colour {
    get {
      let place = (row * width + column) * 3
      return Colour(red: samples[place], green: samples[place + 1], blue: samples[place + 2])
    }
    set {
      let place = (row * width + column) * 3
      samples[place] = newValue.red
      samples[place + 1] = newValue.green
      samples[place + 2] = newValue.blue
    }
  }

  /// Changes every pixel.
  mutating func map(_ change: (Colour) -> Colour) {
    for row in 0..<height {
      for column in 0..<width { self[column, row] = change(self[column, row]) }
    }
  }

  /// The picture as a `data:` URI of a PNG.
  func dataURI() throws(RasterError) -> String {
    let count = width * height
    var planar = [UInt8](repeating: 0, count: count * 3)
    for pixel in 0..<count {
      for band in 0..<3 { planar[band * count + pixel] = samples[pixel * 3 + band] }
    }
    let png = try PNG.encode(
      Window(bandCount: 3, height: height, width: width, samples: planar))
    return "data:image/png;base64," + png.base64EncodedString()
  }
}

extension Colour {
  /// This colour with a share, 0 to 1, of another over it.
  func mixed(with other: Colour, share: Double) -> Colour {
    func mix(_ own: UInt8, _ other: UInt8) -> UInt8 {
      UInt8((Double(own) * (1 - share) + Double(other) * share).rounded())
    }
    return Colour(
      red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue))
  }

  /// The grey that is as bright (ITU-R BT.601).
  var grey: Colour {
    let value = 0.299 * Double(red) + 0.587 * Double(green) + 0.114 * Double(blue)
    let level = UInt8(value.rounded())
    return Colour(red: level, green: level, blue: level)
  }
}
