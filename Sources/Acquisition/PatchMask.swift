// SPDX-License-Identifier: Apache-2.0

/// A set of patches of one chip, as bits: patch p is bit p, so patch 0 is the lowest.
///
/// ```swift
/// var mask = PatchMask.none
/// mask.insert(5)
/// mask.count            // 1
/// mask.hexadecimal(of: .paper)  // "0020"
/// ```
public struct PatchMask: Hashable, Sendable, Codable {
  /// The bits.
  public var bits: UInt64

  /// Creates a mask from its bits.
  public init(bits: UInt64) { self.bits = bits }

  /// Creates a mask from the patches in it, each 0 to 63.
  public init(_ patches: some Sequence<Int>) {
    bits = 0
    for patch in patches { insert(patch) }
  }

  /// No patch.
  public static let none = PatchMask(bits: 0)

  /// Every patch of a grid.
  public static func all(of grid: PatchGrid) -> PatchMask {
    PatchMask(bits: grid.patchCount == 64 ? .max : (1 << UInt64(grid.patchCount)) - 1)
  }

  /// The number of patches, the paper's |a|.
  public var count: Int { bits.nonzeroBitCount }

  /// Whether no patch is in the mask.
  public var isEmpty: Bool { bits == 0 }

  /// Whether a patch is in the mask.
  public func contains(_ patch: Int) -> Bool { bits >> UInt64(patch) & 1 == 1 }

  /// Adds a patch, 0 to 63.
  public mutating func insert(_ patch: Int) {
    precondition((0..<64).contains(patch), "a patch index is 0 to 63")
    bits |= 1 << UInt64(patch)
  }

  /// The patches of both masks.
  public func union(_ other: PatchMask) -> PatchMask { PatchMask(bits: bits | other.bits) }

  /// The patches of this mask that are not in the other.
  public func subtracting(_ other: PatchMask) -> PatchMask { PatchMask(bits: bits & ~other.bits) }

  /// The patches, lowest first.
  public var patches: [Int] {
    var patches: [Int] = []
    patches.reserveCapacity(count)
    var rest = bits
    while rest != 0 {
      patches.append(rest.trailingZeroBitCount)
      rest &= rest - 1
    }
    return patches
  }

  /// The bits as hexadecimal digits, as many as a grid needs: four for 16 patches.
  public func hexadecimal(of grid: PatchGrid) -> String {
    let digits = String(bits, radix: 16)
    let width = max(1, grid.patchCount / 4)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
