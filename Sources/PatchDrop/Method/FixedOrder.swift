// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// The same patches for every chip, middle rows or middle columns first: the comparison systems
/// Fixed-H and Fixed-V.
public enum FixedOrder: String, Sendable, CaseIterable, Codable {
  /// Rows, from the middle outwards.
  case horizontal = "fixed_h"
  /// Columns, from the middle outwards.
  case vertical = "fixed_v"

  /// The mask of the first `count` patches.
  public func mask(count: Int, of grid: PatchGrid) -> PatchMask {
    PatchMask(order(of: grid).prefix(count))
  }

  /// All patches, first to last: as the paper numbers them for its 4 by 4 patches, and whole lines
  /// from the middle outwards for other grids.
  public func order(of grid: PatchGrid) -> [Int] {
    if grid == .paper {
      // The paper's lists, transposed: its figure counts patches down the columns.
      switch self {
      case .horizontal: return [5, 9, 6, 10, 7, 11, 4, 8, 0, 12, 1, 13, 2, 14, 3, 15]
      case .vertical: return [1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, 0, 4, 8, 12]
      }
    }
    let middle = grid.side - 1
    let lines = (0..<grid.side).sorted { left, right in
      (abs(2 * left - middle), left) < (abs(2 * right - middle), right)
    }
    return lines.flatMap { line in
      lines.map { cell in
        switch self {
        case .horizontal: grid.patch(row: line, column: cell)
        case .vertical: grid.patch(row: cell, column: line)
        }
      }
    }
  }
}
