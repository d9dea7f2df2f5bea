// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import PatchDrop
import Raster

/// A chip as three pictures, ready to stand in a page: what the agent sees, all of its imagery, and
/// what the classifier is given of it.
struct ChipPictures {
  private let evaluation: Evaluation
  private let bands: [Int]
  private let zoom: Int

  /// HR pictures are made smaller until a side has no more pixels.
  private static let longestSide = 128

  init(of evaluation: Evaluation) {
    self.evaluation = evaluation
    let design = evaluation.bundle.card.design
    let names = design.bands.map { $0.lowercased() }
    let colours = ["red", "green", "blue"].compactMap { names.firstIndex(of: $0) }
    bands =
      colours.count == 3 ? colours : Array(design.bands.indices.prefix(names.count < 3 ? 1 : 3))
    let side = design.chipPixels
    zoom =
      (1...side).first {
        side % ($0 * design.patchGrid.side) == 0 && side / $0 <= Self.longestSide
      } ?? 1
  }

  /// The LR image.
  func low(_ index: Int) throws -> String {
    try picture(Array(evaluation.chips.lowSamples(index)), of: index)
  }

  /// The HR image.
  func high(_ index: Int) throws -> String {
    try picture(Array(evaluation.chips.highSamples(index)), of: index, zoom: zoom)
  }

  /// The HR image with the mean colour where nothing was bought.
  func masked(_ index: Int, by mask: PatchMask) throws -> String {
    let card = evaluation.bundle.card
    let (side, grid) = (card.design.chipPixels, card.design.patchGrid)
    let patchSide = side / grid.side
    var samples = Array(evaluation.chips.highSamples(index))
    for band in card.design.bands.indices {
      let mean = UInt8(min(max((card.normalisation.mean[band] * 255).rounded(), 0), 255))
      for row in 0..<side {
        for column in 0..<side {
          let patch = grid.patch(row: row / patchSide, column: column / patchSide)
          if !mask.contains(patch) { samples[(band * side + row) * side + column] = mean }
        }
      }
    }
    return try picture(samples, of: index, zoom: zoom)
  }

  /// What each sample of a chip's pictures becomes: brighter and of more contrast, but not so much
  /// that colours are others or noise is shown.
  private func stretch(_ index: Int) -> [UInt8] {
    let plane = evaluation.chips.side * evaluation.chips.side
    let samples = evaluation.chips.highSamples(index)
    let sorted = bands.flatMap { band in
      samples.dropFirst(band * plane).prefix(plane)
    }.sorted()
    let low = 0.5 * Double(sorted[sorted.count / 100])
    let high = max(Double(sorted[sorted.count - 1 - sorted.count / 100]), low + 110)
    return (0..<256).map { sample in
      UInt8(min(max((Double(sample) - low) / (high - low) * 255, 0), 255))
    }
  }

  /// The wanted bands of `[bands, side, side]` as the address of a PNG that holds itself.
  private func picture(_ samples: [UInt8], of index: Int, zoom: Int = 1) throws -> String {
    let stretch = stretch(index)
    let plane = samples.count / evaluation.chips.bandCount
    let side = Int(Double(plane).squareRoot())
    let window = Window(
      bandCount: bands.count, height: side, width: side,
      samples: bands.flatMap { samples[$0 * plane..<($0 + 1) * plane].map { stretch[Int($0)] } })
    let data = try PNG.encode(zoom == 1 ? window : window.blockMean(zoom: zoom))
    return "data:image/png;base64,\(data.base64EncodedString())"
  }
}

/// Patches of a chip as SVG, one unit a patch.
enum PatchDrawing {
  /// A shade over what was not bought and a frame around what was.
  static func overlay(_ mask: PatchMask, of grid: PatchGrid) -> Markup {
    let veils = (0..<grid.patchCount).filter { !mask.contains($0) }.map { patch -> Markup in
      """
      <rect class="veil" x="\(grid.column(of: patch))" y="\(grid.row(of: patch))" width="1" \
      height="1"/>
      """
    }
    return #"\#(veils)<path class="frame" d="\#(outline(mask, of: grid))"/>"#
  }

  /// The edges between bought and unbought patches, and those of the chip that bought ones touch.
  static func outline(_ mask: PatchMask, of grid: PatchGrid) -> String {
    func isBought(_ row: Int, _ column: Int) -> Bool {
      (0..<grid.side).contains(row) && (0..<grid.side).contains(column)
        && mask.contains(grid.patch(row: row, column: column))
    }
    var path = ""
    for patch in mask.patches {
      let (row, column) = (grid.row(of: patch), grid.column(of: patch))
      if !isBought(row - 1, column) { path += "M\(column) \(row)h1" }
      if !isBought(row + 1, column) { path += "M\(column) \(row + 1)h1" }
      if !isBought(row, column - 1) { path += "M\(column) \(row)v1" }
      if !isBought(row, column + 1) { path += "M\(column + 1) \(row)v1" }
    }
    return path
  }

  /// A mask on its own.
  static func mask(_ mask: PatchMask, of grid: PatchGrid) -> Markup {
    cells(grid) { mask.contains($0) ? 1 : 0 }
  }

  /// Patches, each as dark as `share` says, 0 to 1.
  static func cells(
    _ grid: PatchGrid, titles: ((Int) -> String)? = nil, share: (Int) -> Double
  ) -> Markup {
    let cells = (0..<grid.patchCount).map { patch -> Markup in
      let title: Markup = titles.map { titles -> Markup in "<title>\(titles(patch))</title>" } ?? ""
      return """
        <g><rect class="cell" x="\(Double(grid.column(of: patch)) + 0.03)" \
        y="\(Double(grid.row(of: patch)) + 0.03)" width="0.94" height="0.94"/>\
        <rect class="fill" x="\(Double(grid.column(of: patch)) + 0.03)" \
        y="\(Double(grid.row(of: patch)) + 0.03)" width="0.94" height="0.94" \
        opacity="\(share(patch))"/>\(title)</g>
        """
    }
    return """
      <svg class="patches" viewBox="0 0 \(grid.side) \(grid.side)" aria-hidden="true">\(cells)</svg>
      """
  }
}
