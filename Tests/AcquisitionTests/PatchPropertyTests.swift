// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Platform
import Testing

/// Patches, masks and their places, for chips of 4, 16 and 64 patches.
@Suite struct PatchPropertyTests {
  private static let sides = [2, 4, 8]

  @Test(arguments: sides)
  func `patches are counted row by row`(side: Int) throws {
    let grid = try #require(PatchGrid(side: side))
    #expect(grid.patchCount == side * side)
    var patch = 0
    for row in 0..<side {
      for column in 0..<side {
        #expect(grid.patch(row: row, column: column) == patch)
        #expect(grid.row(of: patch) == row && grid.column(of: patch) == column)
        patch += 1
      }
    }
    let text = try JSONEncoder().encode(grid)
    #expect(try JSONDecoder().decode(PatchGrid.self, from: text) == grid)
  }

  @Test func `no other grid exists`() {
    for side in -1...100 where !Self.sides.contains(side) {
      #expect(PatchGrid(side: side) == nil)
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(PatchGrid.self, from: Data("\(side)".utf8))
      }
    }
  }

  @Test(arguments: sides)
  func `masks are sets of patches`(side: Int) throws {
    let grid = try #require(PatchGrid(side: side))
    var generator = SeededGenerator(seed: UInt64(side))
    func someSet() -> Set<Int> {
      let share = Double.random(in: 0...1, using: &generator)
      return Set(
        (0..<grid.patchCount).filter { _ in Double.random(in: 0..<1, using: &generator) < share })
    }
    for _ in 0..<2000 {
      let (a, b) = (someSet(), someSet())
      let (one, other) = (PatchMask(a), PatchMask(b))
      #expect(one.patches == a.sorted() && one.count == a.count && one.isEmpty == a.isEmpty)
      #expect(one.union(other) == PatchMask(a.union(b)))
      #expect(one.subtracting(other).patches == a.subtracting(b).sorted())
      #expect((one == other) == (a == b))
      var grown = one
      let patch = Int.random(in: 0..<grid.patchCount, using: &generator)
      grown.insert(patch)
      #expect(grown.patches == a.union([patch]).sorted())
      for patch in 0..<grid.patchCount { #expect(one.contains(patch) == a.contains(patch)) }
      let text = one.hexadecimal(of: grid)
      #expect(text.count == max(1, grid.patchCount / 4))
      #expect(UInt64(text, radix: 16) == one.bits)
    }
    #expect(PatchMask.all(of: grid) == PatchMask(0..<grid.patchCount))
    #expect(PatchMask.none == PatchMask([]))
  }

  @Test(arguments: sides)
  func `a place on the lattice is one patch of one chip, on every side of the origin`(
    side: Int
  ) throws {
    let grid = try #require(PatchGrid(side: side))
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<2000 {
      let chip = ChipIndex(
        column: Int.random(in: -50...50, using: &generator),
        row: Int.random(in: -50...50, using: &generator))
      let patch = Int.random(in: 0..<grid.patchCount, using: &generator)
      let position = PatchPosition(chip: chip, patch: patch, in: grid)
      // By counting: as many columns east of the chip's first one as the patch's own column.
      #expect(position.column - chip.column * side == patch % side)
      #expect(position.row - chip.row * side == patch / side)
      let back = position.chipAndPatch(in: grid)
      #expect(back.chip == chip && back.patch == patch)
    }
  }
}
