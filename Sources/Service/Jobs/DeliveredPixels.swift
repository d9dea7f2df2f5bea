// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Raster

/// Reads HR pixels of chips from the clean copies of what was bought.
///
/// What lies in one file is read in one go for all chips that are asked for together. It keeps
/// files open, so it belongs to the thread that made it.
final class DeliveredPixels {
  /// Files that are open at one time; all are closed when there would be one more.
  private static let mostOpenFiles = 64

  private final class OpenFile {
    let dataset: Dataset
    init(_ url: URL) throws(RasterError) { dataset = try Dataset(trusted: url) }
  }

  /// A patch of a chip that is asked for, and where it is in its file.
  private struct Piece {
    let chip: Int
    let patch: Int
    let source: PixelRect
  }

  private let grid: ChipGrid
  private let bandCount: Int
  private let owned: [PatchPosition: OwnedPatch]
  private let root: URL
  private let stretch: Stretch?
  private var open: [String: OpenFile] = [:]

  /// Reads patches that are owned; their paths start at `root`.
  ///
  /// - Parameter stretch: how files that are not 8-bit become so.
  init(
    grid: ChipGrid, bandCount: Int, owned: [PatchPosition: OwnedPatch], root: URL,
    stretch: Stretch?
  ) {
    self.grid = grid
    self.bandCount = bandCount
    self.owned = owned
    self.root = root
    self.stretch = stretch
  }

  /// The pixels of some chips, each `[bands, H, H]`, row by row from the north-west; zero outside
  /// of the chip's patches, and nothing for a chip without any.
  func pixels(of chips: [(chip: ChipIndex, patches: PatchMask)]) throws -> [[UInt8]] {
    let size = bandCount * grid.chipPixels * grid.chipPixels
    var pixels = chips.map { [UInt8](repeating: 0, count: $0.patches.isEmpty ? 0 : size) }
    for (path, pieces) in try pieces(of: chips).sorted(by: { $0.key < $1.key }) {
      let bounds = pieces.dropFirst().reduce(pieces[0].source) { $0.enclosing($1.source) }
      let window = try read(bounds, of: path)
      for piece in pieces { copy(piece, from: window, bounds, to: &pixels[piece.chip]) }
    }
    return pixels
  }

  /// The pixels of one chip, likewise.
  func pixels(of chip: ChipIndex, _ patches: PatchMask) throws -> [UInt8] {
    try pixels(of: [(chip, patches)]).first ?? []
  }

  /// A part of a file, in values from 0 to 255.
  private func read(_ rect: PixelRect, of path: String) throws(RasterError) -> Window<UInt8> {
    let file = try file(path)
    if file.dataset.layout.pixelType == .uint8 { return try file.dataset.read(rect) }
    guard let stretch else {
      throw .mismatch(
        what: "pixel type of \(path)", expected: "uint8, as the job has no stretch",
        found: file.dataset.layout.pixelType.rawValue)
    }
    let window: Window<Float> = try file.dataset.read(rect)
    return Window(
      bandCount: window.bandCount, height: window.height, width: window.width,
      samples: stretch.values(window.samples, bandCount: window.bandCount),
      validity: window.validity)
  }

  /// The patches that are asked for, by the file that has them.
  private func pieces(
    of chips: [(chip: ChipIndex, patches: PatchMask)]
  ) throws(RasterError) -> [String: [Piece]] {
    let side = grid.patchPixels
    var pieces: [String: [Piece]] = [:]
    for (index, wanted) in chips.enumerated() {
      for patch in wanted.patches.patches {
        let position = PatchPosition(chip: wanted.chip, patch: patch, in: grid.patchGrid)
        guard let source = owned[position] else {
          throw .cannotRead(
            path: root.path, reason: "patch \(position) is in the plan, and no order has bought it")
        }
        let rect = PixelRect(
          column: (position.column - source.rectangle.column) * side,
          row: (position.row - source.rectangle.row) * side, width: side, height: side)
        pieces[source.path, default: []].append(Piece(chip: index, patch: patch, source: rect))
      }
    }
    return pieces
  }

  private func copy(
    _ piece: Piece, from window: Window<UInt8>, _ bounds: PixelRect, to pixels: inout [UInt8]
  ) {
    let (side, patchSide) = (grid.chipPixels, grid.patchPixels)
    let left = grid.patchGrid.column(of: piece.patch) * patchSide
    let top = grid.patchGrid.row(of: piece.patch) * patchSide
    let (column, row) = (piece.source.column - bounds.column, piece.source.row - bounds.row)
    for band in 0..<bandCount {
      for line in 0..<patchSide {
        let from = (band * window.height + row + line) * window.width + column
        let to = (band * side + top + line) * side + left
        pixels.replaceSubrange(to..<to + patchSide, with: window.samples[from..<from + patchSide])
      }
    }
  }

  private func file(_ path: String) throws(RasterError) -> OpenFile {
    if let file = open[path] { return file }
    if open.count >= Self.mostOpenFiles { open.removeAll(keepingCapacity: true) }
    let file = try OpenFile(root.appending(path: path))
    open[path] = file
    return file
  }
}

extension PixelRect {
  /// The smallest rectangle that has both.
  fileprivate func enclosing(_ other: PixelRect) -> PixelRect {
    let (left, top) = (min(column, other.column), min(row, other.row))
    return PixelRect(
      column: left, row: top, width: max(column + width, other.column + other.width) - left,
      height: max(row + height, other.row + other.height) - top)
  }
}
