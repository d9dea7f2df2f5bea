// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Raster

/// The smallest rectangle of whole chips around those of a job: what maps and pictures show.
struct ChipFrame: Hashable, Sendable {
  let grid: ChipGrid
  let column: Int
  let row: Int
  let columnCount: Int
  let rowCount: Int

  /// The frame of a grid's chips; nil when there is none.
  init?(grid: ChipGrid, chips: some Sequence<ChipIndex>) {
    var iterator = chips.makeIterator()
    guard let first = iterator.next() else { return nil }
    var (west, east, north, south) = (first.column, first.column, first.row, first.row)
    while let chip = iterator.next() {
      (west, east) = (min(west, chip.column), max(east, chip.column))
      (north, south) = (min(north, chip.row), max(south, chip.row))
    }
    self.grid = grid
    column = west
    row = north
    columnCount = east - west + 1
    rowCount = south - north + 1
  }

  /// The ground that the frame covers.
  var ground: ProjectedRectangle {
    let side = grid.patchGrid.side
    return PatchRectangle(
      column: column * side, row: row * side, columnCount: columnCount * side,
      rowCount: rowCount * side
    ).ground(on: grid)
  }

  /// The layout of a raster with `pixels` by `pixels` a chip.
  func layout(pixelsPerChip pixels: Int, bandCount: Int, crs: String) -> RasterLayout {
    RasterLayout(
      width: columnCount * pixels, height: rowCount * pixels, bandCount: bandCount,
      pixelType: .uint8, crs: crs,
      transform: GeoTransform(
        originX: ground.west, originY: ground.north,
        pixelSize: grid.lattice.chipSideMetres / Double(pixels)))
  }

  /// The place of a chip within the frame, from 0.
  func offset(of chip: ChipIndex) -> (column: Int, row: Int) {
    (chip.column - column, chip.row - row)
  }
}
