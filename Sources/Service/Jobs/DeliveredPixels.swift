// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Raster

/// Reads HR pixels of chips from the clean copies of what was bought.
///
/// It keeps files open, so it belongs to the thread that made it.
final class DeliveredPixels {
  /// Files that are open at one time; all are closed when there would be one more.
  private static let mostOpenFiles = 64

  private final class OpenFile {
    let dataset: Dataset
    init(_ url: URL) throws(RasterError) { dataset = try Dataset(trusted: url) }
  }

  private let grid: ChipGrid
  private let bandCount: Int
  private let owned: [PatchPosition: OwnedPatch]
  private let root: URL
  private var open: [String: OpenFile] = [:]

  /// Reads patches that are owned; their paths start at `root`.
  init(
    grid: ChipGrid, bandCount: Int, owned: [PatchPosition: OwnedPatch], root: URL
  ) {
    self.grid = grid
    self.bandCount = bandCount
    self.owned = owned
    self.root = root
  }

  /// The pixels of a chip, `[bands, H, H]`, row by row from the north-west; zero outside of
  /// `patches`.
  func pixels(of chip: ChipIndex, _ patches: PatchMask) throws -> [UInt8] {
    let (side, patchSide) = (grid.chipPixels, grid.patchPixels)
    var pixels = [UInt8](repeating: 0, count: bandCount * side * side)
    for patch in patches.patches {
      let position = PatchPosition(chip: chip, patch: patch, in: grid.patchGrid)
      guard let source = owned[position] else {
        throw RasterError.cannotRead(
          path: root.path, reason: "patch \(position) is in the plan, and no order has bought it")
      }
      let window: Window<UInt8> = try file(source).dataset.read(
        PixelRect(
          column: (position.column - source.rectangle.column) * patchSide,
          row: (position.row - source.rectangle.row) * patchSide, width: patchSide,
          height: patchSide))
      let left = grid.patchGrid.column(of: patch) * patchSide
      let top = grid.patchGrid.row(of: patch) * patchSide
      for band in 0..<bandCount {
        for row in 0..<patchSide {
          let from = (band * patchSide + row) * patchSide
          let to = (band * side + top + row) * side + left
          pixels.replaceSubrange(
            to..<to + patchSide, with: window.samples[from..<from + patchSide])
        }
      }
    }
    return pixels
  }

  private func file(_ patch: OwnedPatch) throws(RasterError) -> OpenFile {
    if let file = open[patch.path] { return file }
    if open.count >= Self.mostOpenFiles { open.removeAll(keepingCapacity: true) }
    let file = try OpenFile(root.appending(path: patch.path))
    open[patch.path] = file
    return file
  }
}
