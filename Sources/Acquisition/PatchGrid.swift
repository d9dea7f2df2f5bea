// SPDX-License-Identifier: Apache-2.0

/// How a chip is cut into patches: `side` by `side`, row-major, index = row * side + column
/// (PatchDrop, section 3; P = 16 in the paper).
///
/// ```swift
/// let grid = PatchGrid.paper          // 4 x 4
/// grid.row(of: 6)                     // 1
/// ```
public struct PatchGrid: Hashable, Sendable, Codable {
  /// Patches along one side of a chip: 2, 4 or 8.
  public let side: Int

  /// The paper's grid of 16 patches.
  public static let paper = PatchGrid(uncheckedSide: 4)

  /// Nil unless `side` is 2, 4 or 8 (4, 16 or 64 patches).
  public init?(side: Int) {
    guard [2, 4, 8].contains(side) else { return nil }
    self.side = side
  }

  private init(uncheckedSide: Int) { side = uncheckedSide }

  /// The number of patches, P.
  public var patchCount: Int { side * side }

  /// The row of a patch, from the north.
  public func row(of patch: Int) -> Int { patch / side }

  /// The column of a patch, from the west.
  public func column(of patch: Int) -> Int { patch % side }

  /// The index of the patch in a row and a column.
  public func patch(row: Int, column: Int) -> Int { row * side + column }

  /// Reads the side and refuses one that is not 2, 4 or 8.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let grid = PatchGrid(side: try container.decode(Int.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "a patch grid has a side of 2, 4 or 8")
    }
    self = grid
  }

  /// Writes the side.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(side)
  }
}
