// SPDX-License-Identifier: Apache-2.0

/// The place of a patch on the whole lattice: chip and patch in one pair of numbers,
/// column = chip column * grid side + patch column, rows alike.
public struct PatchPosition: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
  /// The column, growing east.
  public let column: Int
  /// The row, growing south.
  public let row: Int

  /// Creates a position.
  public init(column: Int, row: Int) {
    self.column = column
    self.row = row
  }

  /// The position of patch `patch` of a chip.
  public init(chip: ChipIndex, patch: Int, in grid: PatchGrid) {
    column = chip.column * grid.side + grid.column(of: patch)
    row = chip.row * grid.side + grid.row(of: patch)
  }

  /// The chip that the patch belongs to, and its index there.
  public func chipAndPatch(in grid: PatchGrid) -> (chip: ChipIndex, patch: Int) {
    func floorDivision(_ value: Int) -> Int {
      value >= 0 ? value / grid.side : -((-value + grid.side - 1) / grid.side)
    }
    let chip = ChipIndex(column: floorDivision(column), row: floorDivision(row))
    return (
      chip,
      grid.patch(row: row - chip.row * grid.side, column: column - chip.column * grid.side)
    )
  }

  /// By row, then by column.
  public static func < (left: PatchPosition, right: PatchPosition) -> Bool {
    (left.row, left.column) < (right.row, right.column)
  }

  /// The place in words: `r12c7`.
  public var description: String { "r\(row)c\(column)" }
}

/// An axis-aligned rectangle of whole patches on a lattice: what one item of an order delivers.
public struct PatchRectangle: Hashable, Sendable, Codable {
  /// The column of the western patches.
  public let column: Int
  /// The row of the northern patches.
  public let row: Int
  /// The number of columns.
  public let columnCount: Int
  /// The number of rows.
  public let rowCount: Int

  /// Creates a rectangle of at least one patch.
  public init(column: Int, row: Int, columnCount: Int, rowCount: Int) {
    precondition(columnCount > 0 && rowCount > 0, "a rectangle has at least one patch")
    self.column = column
    self.row = row
    self.columnCount = columnCount
    self.rowCount = rowCount
  }

  /// The number of patches.
  public var patchCount: Int { columnCount * rowCount }

  /// The patches, by row and column.
  public var positions: [PatchPosition] {
    (row..<row + rowCount).flatMap { row in
      (column..<column + columnCount).map { PatchPosition(column: $0, row: row) }
    }
  }

  /// The ground that the rectangle covers.
  public func ground(on grid: ChipGrid) -> ProjectedRectangle {
    grid.lattice.rectangle(
      column: column, row: row, columns: columnCount, rows: rowCount,
      dividedBy: Int64(grid.patchGrid.side))
  }
}
