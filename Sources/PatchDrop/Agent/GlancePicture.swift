// SPDX-License-Identifier: Apache-2.0

import Acquisition
public import Raster

/// Chips as a person looks at them, one below the other: the LR pixels, the chip with what is
/// bought framed and the rest veiled, and what the HR classifier sees.
public struct GlancePicture {
  private static let shortestPanel = 256
  private static let gap = 8
  private static let frameWidth = 2
  private static let frameColour: [UInt8] = [255, 176, 0]
  /// The share of white over what is not bought: dark ground stays recognisable under it.
  private static let veil = 0.6

  private let card: ModelCard
  /// Picture pixels along an HR pixel.
  private let scale: Int
  /// The bands that are shown as red, green and blue.
  private let shown: [Int]
  private var rows: [[UInt8]] = []
  private let panel: Int

  /// An empty picture for chips of a model.
  public init(card: ModelCard) {
    self.card = card
    scale = (Self.shortestPanel + card.design.chipPixels - 1) / card.design.chipPixels
    panel = scale * card.design.chipPixels
    let bands = card.design.bands
    let named = ["red", "green", "blue"].compactMap { bands.firstIndex(of: $0) }
    shown = named.count == 3 ? named : bands.count < 3 ? [0, 0, 0] : [0, 1, 2]
  }

  /// Adds a chip below the others.
  public mutating func add(_ chip: Window<UInt8>, _ glance: Glance) {
    let grid = card.design.patchGrid
    let patchSide = panel / grid.side
    let zoom = card.design.zoom
    let width = 3 * panel + 2 * Self.gap
    var row = [UInt8](repeating: 255, count: 3 * panel * width)
    for band in 0..<3 {
      let source = shown[band]
      let hole = UInt8(max(0, min(255, (card.normalisation.mean[source] * 255).rounded())))
      for y in 0..<panel {
        let start = (band * panel + y) * width
        for x in 0..<panel {
          let (column, line) = (x / scale, y / scale)
          let high = chip.samples[source * chip.pixelCount + line * chip.width + column]
          let low = glance.low.samples[
            source * glance.low.pixelCount + line / zoom * glance.low.width + column / zoom]
          let isBought = glance.mask.contains(
            grid.patch(row: y / patchSide, column: x / patchSide))
          let isFrame = [x % patchSide, y % patchSide].contains {
            $0 < Self.frameWidth || $0 >= patchSide - Self.frameWidth
          }
          row[start + x] = low
          row[start + panel + Self.gap + x] =
            isBought
            ? (isFrame ? Self.frameColour[band] : high)
            : UInt8(Double(high) * (1 - Self.veil) + 255 * Self.veil)
          row[start + 2 * (panel + Self.gap) + x] = isBought ? high : hole
        }
      }
    }
    rows.append(row)
  }

  /// The picture, red, green and blue; nil where no chip was added.
  public var window: Window<UInt8>? {
    guard !rows.isEmpty else { return nil }
    let width = 3 * panel + 2 * Self.gap
    let height = rows.count * panel + (rows.count - 1) * Self.gap
    var picture = Window<UInt8>(
      bandCount: 3, height: height, width: width,
      samples: [UInt8](repeating: 255, count: 3 * height * width))
    for (index, row) in rows.enumerated() {
      picture.place(
        Window(bandCount: 3, height: panel, width: width, samples: row), column: 0,
        row: index * (panel + Self.gap))
    }
    return picture
  }
}
