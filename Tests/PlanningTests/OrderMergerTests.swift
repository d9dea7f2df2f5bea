// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Planning
import Platform
import Testing

@Suite struct OrderMergerTests {
  private let grid = ChipGrid(
    crs: "EPSG:32632", chipPixels: 64, groundSampleDistanceMetres: 10, zoom: 8, patchGrid: .paper,
    origin: .crs, sceneCorner: ProjectedPoint(x: 0, y: 0))
  private let product = ProductID(vendor: "v", product: "p")

  private static func randomPatches(_ seed: UInt64) -> Set<PatchPosition> {
    var generator = SeededGenerator(seed: seed)
    let density = generator.uniform()
    var patches: Set<PatchPosition> = []
    for row in -5..<5 {
      for column in -5..<6 where generator.uniform() < density {
        patches.insert(PatchPosition(column: column, row: row))
      }
    }
    return patches
  }

  @Test(arguments: 0..<60 as Range<UInt64>)
  func coversExactly(_ seed: UInt64) {
    let patches = Self.randomPatches(seed)
    let side = Int(seed % 4) * 3 + 1
    let rectangles = OrderMerger(largestSide: side).rectangles(covering: patches)
    let covered = rectangles.flatMap(\.positions)
    #expect(covered.count == patches.count, "two rectangles overlap, or a patch is missing")
    #expect(Set(covered) == patches)
    #expect(rectangles.allSatisfy { $0.columnCount <= side && $0.rowCount <= side })
    // The same patches in another order of insertion give the same rectangles.
    let again = OrderMerger(largestSide: side).rectangles(
      covering: Set(patches.sorted().reversed()))
    #expect(again == rectangles)
  }

  @Test func makesOneRectangleOfABlock() {
    let block = PatchRectangle(column: -3, row: 2, columnCount: 7, rowCount: 5)
    #expect(OrderMerger().rectangles(covering: Set(block.positions)) == [block])
  }

  @Test func joinsRunsOfTheSameColumnsOnly() {
    // ##.   the first two rows are one rectangle, the third is one patch wider
    // ##.
    // ###
    let patches = [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2), (2, 2)].map {
      PatchPosition(column: $0.0, row: $0.1)
    }
    #expect(
      OrderMerger().rectangles(covering: Set(patches)) == [
        PatchRectangle(column: 0, row: 0, columnCount: 2, rowCount: 2),
        PatchRectangle(column: 0, row: 2, columnCount: 3, rowCount: 1),
      ])
  }

  @Test func makesNothingOfNothing() {
    #expect(OrderMerger().rectangles(covering: []).isEmpty)
    #expect(OrderMerger().orders(for: [], of: product, on: grid).isEmpty)
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func fillsOrdersToTheLimit(_ seed: UInt64) {
    let patches = Self.randomPatches(seed)
    let merger = OrderMerger(largestItemCount: 7)
    let orders = merger.orders(for: patches, of: product, on: grid)
    #expect(orders.dropLast().allSatisfy { $0.rectangles.count == 7 })
    #expect(orders.flatMap(\.rectangles) == merger.rectangles(covering: patches))
  }
}
