// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Platform
import Testing

@Suite struct ChipGridTests {
  private func grid(_ origin: GridOrigin, corner: ProjectedPoint? = nil) -> ChipGrid {
    ChipGrid(
      crs: "EPSG:32632", chipPixels: 64, groundSampleDistanceMetres: 10, zoom: 8,
      patchGrid: .paper, origin: origin,
      sceneCorner: corner ?? ProjectedPoint(x: 600_000, y: 5_400_000))
  }

  private func extent(_ west: Double, _ north: Double, chips: Double) -> ProjectedRegion {
    ProjectedRegion(
      ProjectedRectangle(
        west: west, south: north - 640 * chips, east: west + 640 * chips, north: north))
  }

  @Test func `the scene's corner gives exactly the scene's chips`() throws {
    let chips = try grid(.scene).chips(covering: extent(600_000, 5_400_000, chips: 30))
    #expect(chips.count == 900)
    let first = grid(.scene).lattice.rectangle(of: chips[0])
    #expect(first.west == 600_000 && first.north == 5_400_000)
    #expect(chips == chips.sorted())
  }

  @Test func `the CRS's origin lets two scenes share chips`() throws {
    let one = grid(.crs)
    let other = grid(.crs, corner: ProjectedPoint(x: 601_111, y: 5_399_999))
    #expect(one.lattice == other.lattice)
    #expect(one.lattice.originXMicrometres == 0 && one.lattice.originYMicrometres == 0)
    // 600000 is 937.5 sides from the origin: 31 columns touch a 30-chip scene.
    #expect(try one.chips(covering: extent(600_000, 5_400_000, chips: 30)).count == 31 * 31)
  }

  @Test func `a given origin is reduced modulo the side`() throws {
    let origin = try #require(GridOrigin("600000,5400000"))
    #expect(grid(origin).lattice == grid(.scene).lattice)
    #expect(GridOrigin("here") == nil)
    #expect(GridOrigin("1,nan") == nil)
    #expect(GridOrigin(origin.description) == origin)
  }

  @Test func `a chip belongs when more than a thousandth of it lies inside`() throws {
    let grid = grid(.scene)
    let west = 600_000.0
    let north = 5_400_000.0
    func chips(_ width: Double) throws -> Int {
      try grid.chips(
        covering: ProjectedRegion(
          ProjectedRectangle(west: west, south: north - 640, east: west + width, north: north))
      ).count
    }
    #expect(try chips(640) == 1)
    #expect(try chips(640.63) == 1)
    #expect(try chips(640.65) == 2)
    #expect(try chips(0.63) == 0)
  }

  @Test func `clipped areas agree with counting points`() {
    // A triangle with a hole against a Monte Carlo count of points inside.
    let outline = [(0.0, 0.0), (100.0, 10.0), (40.0, 90.0), (0.0, 0.0)]
    let hole = [(30.0, 20.0), (50.0, 20.0), (40.0, 40.0), (30.0, 20.0)]
    let region = ProjectedRegion(polygons: [
      [outline, hole].map { $0.map { ProjectedPoint(x: $0.0, y: $0.1) } }
    ])
    let window = ProjectedRectangle(west: 20, south: 5, east: 60, north: 50)
    func isInside(_ ring: [(Double, Double)], _ x: Double, _ y: Double) -> Bool {
      var inside = false
      for (a, b) in zip(ring, ring.dropFirst()) where (a.1 > y) != (b.1 > y) {
        if x < (b.0 - a.0) * (y - a.1) / (b.1 - a.1) + a.0 { inside.toggle() }
      }
      return inside
    }
    var generator = SeededGenerator(seed: 3)
    let count = 200_000
    var hits = 0
    for _ in 0..<count {
      let x = Double.random(in: 20..<60, using: &generator)
      let y = Double.random(in: 5..<50, using: &generator)
      if isInside(outline, x, y) && !isInside(hole, x, y) { hits += 1 }
    }
    let estimate = Double(hits) / Double(count) * window.areaSquareMetres
    let area = region.areaSquareMetres(within: window)
    #expect(abs(area - estimate) < 15, "\(area) against \(estimate)")
  }

  @Test func `a region beyond the limit is refused`() {
    #expect(throws: RegionError.self) {
      try grid(.scene).chips(covering: extent(0, 10_000_000, chips: 1001))
    }
  }

  @Test func `patches have a place on the whole lattice, west and north of the origin too`() {
    for column in [-3, -1, 0, 5] {
      for patch in 0..<16 {
        let chip = ChipIndex(column: column, row: column - 1)
        let position = PatchPosition(chip: chip, patch: patch, in: .paper)
        let back = position.chipAndPatch(in: .paper)
        #expect(back.chip == chip && back.patch == patch)
      }
    }
    let rectangle = PatchRectangle(column: 4 * 2 + 1, row: -4 + 2, columnCount: 2, rowCount: 1)
    let ground = rectangle.ground(on: grid(.scene))
    let chip = grid(.scene).lattice.rectangle(of: ChipIndex(column: 2, row: -1))
    #expect(ground.west == chip.west + 160 && ground.east == chip.west + 480)
    #expect(ground.north == chip.north - 320 && ground.south == chip.north - 480)
  }

  @Test func `areas are exact in square millimetres`() {
    #expect(grid(.scene).patchAreaSquareMillimetres == 25_600_000_000)
    let draft = OrderDraft(
      product: ProductID(vendor: "v", product: "p"), grid: grid(.scene),
      rectangles: [PatchRectangle(column: 0, row: 0, columnCount: 3, rowCount: 2)])
    #expect(draft.areaSquareMillimetres == 6 * 25_600_000_000)
  }

  @Test func `masks are bits, the lowest first`() {
    let mask = PatchMask([0, 5, 15])
    #expect(mask.bits == 0x8021)
    #expect(mask.hexadecimal(of: .paper) == "8021")
    #expect(PatchMask.none.hexadecimal(of: .paper) == "0000")
    #expect(mask.patches == [0, 5, 15])
    #expect(PatchMask.all(of: .paper).count == 16)
    #expect(mask.subtracting(PatchMask([5])).patches == [0, 15])
    #expect(PatchGrid(side: 3) == nil)
    #expect(PatchGrid(side: 8).map(PatchMask.all)?.count == 64)
  }
}
