// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// The same patches for every chip, middle rows or middle columns first: the comparison systems
/// Fixed-H and Fixed-V.
public enum FixedOrder: String, Sendable, CaseIterable, Codable {
  /// Whole rows, from the middle outwards.
  case horizontal = "fixed_h"
  /// Whole columns, from the middle outwards.
  case vertical = "fixed_v"

  /// The mask of the first `count` patches.
  public func mask(count: Int, of grid: PatchGrid) -> PatchMask {
    // From the middle outwards: side 4 gives 1, 2, 0, 3.
    let lines = (0..<grid.side).sorted { left, right in
      let middle = grid.side - 1
      return (abs(2 * left - middle), left) < (abs(2 * right - middle), right)
    }
    let order = lines.flatMap { line in
      lines.map { cell in
        switch self {
        case .horizontal: grid.patch(row: line, column: cell)
        case .vertical: grid.patch(row: cell, column: line)
        }
      }
    }
    return PatchMask(order.prefix(count))
  }
}
