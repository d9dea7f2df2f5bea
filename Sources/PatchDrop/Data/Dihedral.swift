// SPDX-License-Identifier: Apache-2.0

/// One of the eight ways to turn and mirror a square; imagery from above has no upright side.
public struct Dihedral: Sendable, Equatable {
  /// Whether rows and columns change places; done first.
  public let isTransposed: Bool
  /// Whether rows are reversed.
  public let isFlippedVertically: Bool
  /// Whether columns are reversed.
  public let isFlippedHorizontally: Bool

  /// No change.
  public static let identity = Dihedral(index: 0)

  /// All eight.
  public static let all = (0..<8).map(Dihedral.init(index:))

  /// One of the eight, by a number whose three bits choose the flips and the transposition.
  public init(index: Int) {
    precondition((0..<8).contains(index), "there are eight ways")
    isTransposed = index & 4 != 0
    isFlippedVertically = index & 2 != 0
    isFlippedHorizontally = index & 1 != 0
  }

  /// Where a pixel of the result comes from: the row-major index in a square of `side`.
  func source(row: Int, column: Int, side: Int) -> Int {
    let row = isFlippedVertically ? side - 1 - row : row
    let column = isFlippedHorizontally ? side - 1 - column : column
    return isTransposed ? column * side + row : row * side + column
  }
}
