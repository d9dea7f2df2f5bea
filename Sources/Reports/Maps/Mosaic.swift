// SPDX-License-Identifier: Apache-2.0

public import Acquisition
import Foundation
import Raster

/// Reads the HR pixels of some patches of a chip.
///
/// The pixels are those of the whole chip, `[bands, H, H]`; what lies outside the patches is not
/// looked at.
public typealias ChipPixels = (_ chip: ChipIndex, _ patches: PatchMask) throws -> [UInt8]

/// `mosaic.tif`: the HR patches that the job used, masked elsewhere.
enum Mosaic {
  /// Writes the mosaic window by window and shows each chip's pixels to `paint` on the way, so
  /// that they are read once.
  static func write(
    _ chips: [ReportChip], in frame: ChipFrame, bandCount: Int, crs: String,
    copyright: String?, to url: URL, pixels: ChipPixels, paint: (ReportChip, [UInt8]) -> Void
  ) throws {
    let side = frame.grid.chipPixels
    let layout = frame.layout(pixelsPerChip: side, bandCount: bandCount, crs: crs)
    var writer = try GeoTIFFWriter(url: url, layout: layout, copyright: copyright)
    let windowChips = Self.chipsPerWindow(chipPixels: side)
    var rest = chips.filter { !$0.used.isEmpty }[...]
    while let first = rest.first {
      // Chips are in order, so those of one row of windows are the first of the rest.
      let top = frame.offset(of: first.chip).row / windowChips * windowChips
      let band = rest.prefix { frame.offset(of: $0.chip).row < top + windowChips }
      rest.removeFirst(band.count)
      let windows = Dictionary(grouping: band) {
        frame.offset(of: $0.chip).column / windowChips * windowChips
      }
      for (left, members) in windows.sorted(by: { $0.key < $1.key }) {
        var window = Window<UInt8>.empty(
          bandCount: bandCount, height: min(windowChips, frame.rowCount - top) * side,
          width: min(windowChips, frame.columnCount - left) * side)
        for chip in members {
          let samples = try pixels(chip.chip, chip.used)
          guard samples.count == bandCount * side * side else {
            throw ReportError.contradiction(
              what: "chip \(chip.chip) came with \(samples.count) samples, and \(bandCount) bands "
                + "of \(side) x \(side) pixels are \(bandCount * side * side)")
          }
          let place = frame.offset(of: chip.chip)
          window.copy(
            chip.used, of: samples, chipPixels: side, patchGrid: frame.grid.patchGrid,
            column: (place.column - left) * side, row: (place.row - top) * side)
          paint(chip, samples)
        }
        try writer.write(window, column: left * side, row: top * side)
      }
    }
    try writer.finish(as: .cloudOptimised)
  }

  // The writer's tiles have 256 pixels a side. A window of whole tiles writes each tile once, which
  // keeps the file small; where chips and tiles meet only far out, tiles are written twice instead.
  private static func chipsPerWindow(chipPixels: Int) -> Int {
    let whole = (1...256).first { $0 * chipPixels % 256 == 0 } ?? 256
    let repeats = max(1, 1024 / (whole * chipPixels))
    return whole * chipPixels <= 2048 ? whole * repeats : max(1, 1024 / chipPixels)
  }
}

extension Window<UInt8> {
  /// A window without a valid pixel.
  fileprivate static func empty(bandCount: Int, height: Int, width: Int) -> Window<UInt8> {
    Window(
      bandCount: bandCount, height: height, width: width,
      samples: [UInt8](repeating: 0, count: bandCount * height * width),
      validity: [Bool](repeating: false, count: height * width))
  }

  /// Copies patches of a chip whose north-west pixel lies at `column` and `row`.
  fileprivate mutating func copy(
    _ patches: PatchMask, of chip: [UInt8], chipPixels side: Int, patchGrid: PatchGrid, column: Int,
    row: Int
  ) {
    let patchSide = side / patchGrid.side
    for patch in patches.patches {
      let left = patchGrid.column(of: patch) * patchSide
      let top = patchGrid.row(of: patch) * patchSide
      for y in top..<top + patchSide {
        let target = (row + y) * width + column + left
        for x in 0..<patchSide { validity[target + x] = true }
        for band in 0..<bandCount {
          let source = (band * side + y) * side + left
          let place = band * pixelCount + target
          for x in 0..<patchSide { samples[place + x] = chip[source + x] }
        }
      }
    }
  }
}
