// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Platform
import Testing

/// Lattices and the chips over regions, against arithmetic on whole micrometres and against
/// counting points.
@Suite struct LatticePropertyTests {
  private func grid(
    side: Double, pixels: Int = 64, zoom: Int = 8, patches: Int = 4, x: Double = 0, y: Double = 0
  ) throws -> ChipGrid {
    ChipGrid(
      crs: "EPSG:32632", chipPixels: pixels, groundSampleDistanceMetres: side / Double(pixels),
      zoom: zoom, patchGrid: try #require(PatchGrid(side: patches)),
      origin: .point(ProjectedPoint(x: x, y: y)))
  }

  @Test func `lattices are equal exactly where their origins differ by whole chips`() {
    var generator = SeededGenerator(seed: 201)
    for _ in 0..<3000 {
      let side = Int64.random(in: 1...10_000_000_000, using: &generator)
      let x = Int64.random(in: -1_000_000_000_000_000...1_000_000_000_000_000, using: &generator)
      let (across, down) = (
        Int64.random(in: -90_000...90_000, using: &generator),
        Int64.random(in: -90_000...90_000, using: &generator)
      )
      let off = Bool.random(using: &generator) ? 0 : Int64.random(in: 0..<side, using: &generator)
      func lattice(_ x: Int64, _ y: Int64) -> ChipLattice {
        ChipLattice(
          crs: "EPSG:32632", chipSideMicrometres: side, originXMicrometres: x, originYMicrometres: y
        )
      }
      let one = lattice(x, -x)
      #expect((0..<side).contains(one.originXMicrometres))
      #expect((0..<side).contains(one.originYMicrometres))
      #expect((one == lattice(x + across * side + off, -x + down * side)) == (off == 0))
      #expect((one == lattice(x, -x + down * side - off)) == (off == 0))
    }
  }

  @Test func `origins given in metres at, above and below a corner are the same lattice`() throws {
    let lattice = try grid(side: 640).lattice
    for (x, y) in [(640.0, -640.0), (0, 5_400_320 - 320), (-1280, 1280), (6.4e8, -6.4e8)] {
      #expect(try grid(side: 640, x: x, y: (y / 640).rounded() * 640).lattice == lattice)
    }
    // A micrometre is the least that parts two lattices.
    #expect(try grid(side: 640, x: 1e-6).lattice != lattice)
    #expect(try grid(side: 640, x: -1e-6).lattice.originXMicrometres == 639_999_999)
    #expect(try grid(side: 640, x: 4e-7).lattice == lattice)
  }

  @Test func `chips and their patches tile the plane to the micrometre`() throws {
    var generator = SeededGenerator(seed: 202)
    func micrometres(_ metres: Double) -> Int64 { Int64((metres * 1e6).rounded()) }
    for _ in 0..<1000 {
      let patches = [2, 4, 8].randomElement(using: &generator) ?? 4
      let grid = try grid(
        side: Double.random(in: 1...5000, using: &generator), patches: patches,
        x: Double.random(in: -1e7...1e7, using: &generator),
        y: Double.random(in: -1e7...1e7, using: &generator))
      let chip = ChipIndex(
        column: Int.random(in: -3000...3000, using: &generator),
        row: Int.random(in: -3000...3000, using: &generator))
      let here = grid.lattice.rectangle(of: chip)
      let east = grid.lattice.rectangle(of: ChipIndex(column: chip.column + 1, row: chip.row))
      let south = grid.lattice.rectangle(of: ChipIndex(column: chip.column, row: chip.row + 1))
      #expect(here.east == east.west && here.south == south.north)
      #expect(here.north == east.north && here.west == south.west)
      #expect(micrometres(here.east) - micrometres(here.west) == grid.lattice.chipSideMicrometres)
      #expect(micrometres(here.north) - micrometres(here.south) == grid.lattice.chipSideMicrometres)
      // Its patches, side by side, are the chip, and none is a micrometre off its share.
      var x = here.west
      for column in 0..<patches {
        let patch = PatchRectangle(
          column: chip.column * patches + column, row: chip.row * patches, columnCount: 1,
          rowCount: patches
        ).ground(on: grid)
        #expect(patch.west == x && patch.north == here.north && patch.south == here.south)
        let width = micrometres(patch.east) - micrometres(patch.west)
        let share = Double(grid.lattice.chipSideMicrometres) / Double(patches)
        #expect(abs(Double(width) - share) < 1)
        x = patch.east
      }
      #expect(x == here.east)
    }
  }

  @Test func `chips over a region are those in which points of it are found`() throws {
    var generator = SeededGenerator(seed: 203)
    for _ in 0..<40 {
      let side = Double.random(in: 150...600, using: &generator)
      let grid = try grid(
        side: side, x: Double.random(in: -500...500, using: &generator),
        y: Double.random(in: -500...500, using: &generator))
      let region = Star(using: &generator)
      let chips = Set(try grid.chips(covering: region.projected))
      // Every chip within reach, and some beyond it, by counting points on a fine grid.
      let reach = Int(1200 / side) + 2
      for row in -reach...reach {
        for column in -reach...reach {
          let chip = ChipIndex(column: column, row: row)
          let share = region.share(of: grid.lattice.rectangle(of: chip))
          if share == 0 {
            // Less than the points can see; its exact area must then be small as well.
            guard chips.contains(chip) else { continue }
            let area = region.projected.areaSquareMetres(within: grid.lattice.rectangle(of: chip))
            #expect(area < 0.05 * side * side)
          } else {
            #expect(chips.contains(chip), "\(chip) has a share of \(share)")
          }
        }
      }
    }
  }

  @Test func `a chip belongs to a region exactly where clipping it says so`() throws {
    var generator = SeededGenerator(seed: 207)
    var judged = 0
    for _ in 0..<200 {
      let side = Double.random(in: 50...900, using: &generator)
      let grid = try grid(
        side: side, x: Double.random(in: -500...500, using: &generator),
        y: Double.random(in: -500...500, using: &generator))
      // Two parts, the second of which may lie beside the first one.
      let parts = [Star(using: &generator), Star(using: &generator)]
      let far = 2000 + Double.random(in: 0...100, using: &generator)
      let region = ProjectedRegion(
        polygons: parts[0].projected.polygons
          + parts[1].projected.polygons.map { rings in
            rings.map { $0.reversed().map { ProjectedPoint(x: $0.x + far, y: $0.y - 700) } }
          })
      let chips = Set(try grid.chips(covering: region))
      let bounds = try #require(region.boundingRectangle)
      for row in Int(-bounds.north / side) - 3...Int(-bounds.south / side) + 3 {
        for column in Int(bounds.west / side) - 3...Int(bounds.east / side) + 3 {
          let chip = ChipIndex(column: column, row: row)
          let ground = grid.lattice.rectangle(of: chip)
          let share = region.areaSquareMetres(within: ground) / (side * side)
          // Rounding may decide for a share of a thousandth itself.
          guard abs(share - ChipGrid.leastShareInside) > 1e-9 else { continue }
          #expect(chips.contains(chip) == (share > ChipGrid.leastShareInside), "\(chip) \(share)")
          judged += 1
        }
      }
    }
    #expect(judged > 50_000)
  }

  @Test func `areas of a region within chips add up to its area`() throws {
    var generator = SeededGenerator(seed: 204)
    for _ in 0..<300 {
      let region = Star(using: &generator).projected
      let grid = try grid(side: Double.random(in: 40...300, using: &generator))
      let whole = try #require(region.boundingRectangle)
      let sum = try grid.chips(covering: region).reduce(0.0) {
        $0 + region.areaSquareMetres(within: grid.lattice.rectangle(of: $1))
      }
      let area = region.areaSquareMetres(within: whole)
      // What is missing are chips with less than a thousandth inside.
      #expect(sum <= area * (1 + 1e-9) && sum > area * 0.99, "\(sum) of \(area)")
    }
  }

  @Test func `two regions over one place share the chips between them`() throws {
    var generator = SeededGenerator(seed: 205)
    for _ in 0..<200 {
      let side = Double.random(in: 50...150, using: &generator)
      // One job names another corner of the same lattice, and a larger region.
      let one = try grid(side: side)
      let other = try grid(
        side: side, x: side * Double(Int.random(in: -9...9, using: &generator)),
        y: side * Double(Int.random(in: -9...9, using: &generator)))
      guard one.lattice == other.lattice else { continue }
      let star = Star(using: &generator)
      let small = Set(try one.chips(covering: star.projected))
      let large = Set(
        try other.chips(
          covering: ProjectedRegion(
            ProjectedRectangle(west: -1500, south: -1500, east: 1500, north: 1500))))
      #expect(small.isSubset(of: large))
      #expect(!small.isEmpty)
    }
  }

  @Test func `bounds beyond the Earth are refused or empty, and never overflow`() throws {
    let grid = try grid(side: 640)
    for far in [1e10, 1e18, 1e300, .greatestFiniteMagnitude] {
      let beyond = ProjectedRectangle(west: far, south: far, east: far * 1.5, north: far * 1.5)
      #expect((try? grid.chips(covering: ProjectedRegion(beyond)))?.isEmpty != false)
      let around = ProjectedRectangle(west: -far, south: -far, east: far, north: far)
      #expect(throws: RegionError.self) { try grid.chips(covering: ProjectedRegion(around)) }
    }
  }

  @Test func `many points over many chips take no longer than they must`() throws {
    var generator = SeededGenerator(seed: 206)
    let star = Star(using: &generator, count: 10_000, radius: 60_000)
    let grid = try grid(side: 200)
    let clock = ContinuousClock()
    var count = 0
    let time = try clock.measure { count = try grid.chips(covering: star.projected).count }
    #expect(count > 50_000)
    #expect(time < .seconds(20))
  }

  @Test func `the scene's corner has no meaning in another system`() {
    #expect(GridOrigin.scene.obstacle(latticeCRS: "EPSG:32632", sceneCRS: "EPSG:32632") == nil)
    #expect(GridOrigin.crs.obstacle(latticeCRS: "EPSG:32632", sceneCRS: "EPSG:4326") == nil)
    let obstacle = GridOrigin.scene.obstacle(latticeCRS: "EPSG:32632", sceneCRS: "EPSG:4326")
    #expect(obstacle?.reason.contains("EPSG:4326") == true)
    #expect(obstacle?.remedy == "Use crs, or X,Y in metres of EPSG:32632.")
  }
}

/// A star-shaped region around the origin, which may be far from convex, with a hole in its middle.
private struct Star {
  let outline: [ProjectedPoint]
  let hole: [ProjectedPoint]

  init(using generator: inout SeededGenerator, count: Int? = nil, radius: Double = 1000) {
    let count = count ?? Int.random(in: 8...24, using: &generator)
    let turns = (0..<count).map { (Double($0) + 0.5) / Double(count) }
    func ring(_ radii: ClosedRange<Double>) -> [ProjectedPoint] {
      let points = turns.map { turn in
        let (x, y) = Self.direction(turn)
        let length = Double.random(in: radii, using: &generator)
        return ProjectedPoint(x: x * length, y: y * length)
      }
      return points + points.prefix(1)
    }
    outline = ring(0.4 * radius...radius)
    hole = ring(0.05 * radius...0.1 * radius)
  }

  // A point on a diamond: all that matters is that directions go round once.
  private static func direction(_ turn: Double) -> (x: Double, y: Double) {
    let side = turn * 4
    let along = side - side.rounded(.down)
    return switch Int(side) {
    case 0: (1 - along, along)
    case 1: (-along, 1 - along)
    case 2: (along - 1, -along)
    default: (along, along - 1)
    }
  }

  var projected: ProjectedRegion { ProjectedRegion(polygons: [[outline, hole]]) }

  /// The share of 12 x 12 points of a rectangle that lie in the region, by crossing edges.
  func share(of rectangle: ProjectedRectangle) -> Double {
    let count = 12
    var hits = 0
    for row in 0..<count {
      for column in 0..<count {
        let x =
          rectangle.west
          + (rectangle.east - rectangle.west) * (Double(column) + 0.5) / Double(count)
        let y =
          rectangle.south
          + (rectangle.north - rectangle.south) * (Double(row) + 0.5) / Double(count)
        if Self.holds(outline, x, y) != Self.holds(hole, x, y) { hits += 1 }
      }
    }
    return Double(hits) / Double(count * count)
  }

  private static func holds(_ ring: [ProjectedPoint], _ x: Double, _ y: Double) -> Bool {
    var isInside = false
    for (a, b) in zip(ring, ring.dropFirst()) where (a.y > y) != (b.y > y) {
      if x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x { isInside.toggle() }
    }
    return isInside
  }
}
