// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Raster

extension Picture {
  /// Paints the HR pixels of a chip's patches, averaged where they are smaller than the picture's.
  mutating func paint(_ chip: ReportChip, samples: [UInt8], bandCount: Int, contrast: Contrast) {
    let side = frame.grid.chipPixels
    let patchSide = frame.grid.patchPixels
    let place = frame.offset(of: chip.chip)
    let (columns, rows) = (columns(ofChip: place.column), rows(ofChip: place.row))
    let bands = bandCount >= 3 ? [0, 1, 2] : [0, 0, 0]
    for row in rows {
      let ys = Self.cells(of: row - rows.lowerBound, count: side, over: rows.count)
      for column in columns {
        let xs = Self.cells(of: column - columns.lowerBound, count: side, over: columns.count)
        let patch = frame.grid.patchGrid.patch(
          row: ys.lowerBound / patchSide, column: xs.lowerBound / patchSide)
        guard chip.used.contains(patch) else { continue }
        var sums = [0, 0, 0]
        for y in ys {
          for x in xs {
            for index in 0..<3 { sums[index] += Int(samples[(bands[index] * side + y) * side + x]) }
          }
        }
        let count = Float(ys.count * xs.count)
        let levels = sums.map { contrast.level(Float($0) / count) }
        self[column, row] = Colour(red: levels[0], green: levels[1], blue: levels[2])
      }
    }
  }

  /// Marks the patches that `mask` names: a veil of `colour`, and a line around each connected
  /// part.
  mutating func mark(
    _ chips: [ReportChip], colour: Colour, veil: Double, mask: (ReportChip) -> PatchMask
  ) {
    let grid = frame.grid.patchGrid
    var isMarked = [Bool](
      repeating: false, count: frame.columnCount * frame.rowCount * grid.patchCount)
    let patchColumns = frame.columnCount * grid.side
    let patchRows = frame.rowCount * grid.side
    for chip in chips {
      let place = frame.offset(of: chip.chip)
      for patch in mask(chip).patches {
        let row = place.row * grid.side + grid.row(of: patch)
        isMarked[row * patchColumns + place.column * grid.side + grid.column(of: patch)] = true
      }
    }
    // A line as wide as an eighth of a patch; patches of few pixels get a denser veil instead.
    let line = pixelsPerPatch >= 8 ? min(4, max(2, pixelsPerPatch / 8)) : 0
    let veil = line == 0 ? max(veil, 0.7) : pixelsPerPatch < 16 ? max(veil, 0.4) : veil
    func isMarkedAt(_ column: Int, _ row: Int) -> Bool {
      guard (0..<width).contains(column), (0..<height).contains(row) else { return false }
      return isMarked[row * patchRows / height * patchColumns + column * patchColumns / width]
    }
    for row in 0..<height {
      for column in 0..<width where isMarkedAt(column, row) {
        let isEdge =
          line > 0
          && [(-line, 0), (line, 0), (0, -line), (0, line)].contains { dx, dy in
            !isMarkedAt(column + dx, row + dy)
          }
        self[column, row] = isEdge ? colour : self[column, row].mixed(with: colour, share: veil)
      }
    }
  }

  /// Fills each chip that has an answer with the colour of its class, a hair apart where there is
  /// room; `missing` shows the other chips of the job.
  mutating func fill(_ chips: [ReportChip], classes: ClassTable, missing: Colour) {
    for chip in chips {
      let place = frame.offset(of: chip.chip)
      var (columns, rows) = (columns(ofChip: place.column), rows(ofChip: place.row))
      if min(columns.count, rows.count) >= 12 {
        columns = columns.dropFirst().dropLast()
        rows = rows.dropFirst().dropLast()
      }
      let colour = chip.answer.map { classes.colours[$0.classIndex] } ?? missing
      for row in rows { for column in columns { self[column, row] = colour } }
    }
  }
}
