// SPDX-License-Identifier: Apache-2.0

/// Chips over the ground: a lattice, the pixels of a chip and its patches.
///
/// ```swift
/// let grid = ChipGrid(
///   crs: "EPSG:32632", chipPixels: 64, groundSampleDistanceMetres: 10, zoom: 8,
///   patchGrid: .paper, origin: .scene, sceneCorner: ProjectedPoint(x: 600_000, y: 5_400_000))
/// let chips = try grid.chips(covering: region)
/// ```
public struct ChipGrid: Hashable, Sendable, Codable {
  /// The share of a chip that must lie inside a region for the chip to belong to it.
  public static let leastShareInside = 0.001
  /// The largest number of chips of one region.
  public static let largestChipCount = 1_000_000

  /// Where the corners lie.
  public let lattice: ChipLattice
  /// The side of a chip in HR pixels, H.
  public let chipPixels: Int
  /// HR pixels along one LR pixel, z.
  public let zoom: Int
  /// How a chip is cut.
  public let patchGrid: PatchGrid

  /// Creates a grid.
  ///
  /// - Parameters:
  ///   - crs: a system in metres, the scene's or another one.
  ///   - chipPixels: a multiple of `zoom` and of the patch grid's side.
  ///   - sceneCorner: the scene's north-west corner in `crs`, which the origin `scene` needs.
  public init(
    crs: String, chipPixels: Int, groundSampleDistanceMetres: Double, zoom: Int,
    patchGrid: PatchGrid, origin: GridOrigin, sceneCorner: ProjectedPoint? = nil
  ) {
    precondition(chipPixels % zoom == 0, "a chip has whole LR pixels")
    precondition(chipPixels % patchGrid.side == 0, "a patch has whole pixels")
    precondition(origin != .scene || sceneCorner != nil, "the scene has a corner in this system")
    let zero = ProjectedPoint(x: 0, y: 0)
    let corner =
      switch origin {
      case .crs: zero
      case .scene: sceneCorner ?? zero
      case .point(let point): point
      }
    lattice = ChipLattice(
      crs: crs, chipSideMetres: groundSampleDistanceMetres * Double(chipPixels),
      originXMetres: corner.x, originYMetres: corner.y)
    self.chipPixels = chipPixels
    self.zoom = zoom
    self.patchGrid = patchGrid
  }

  /// The side of a chip in LR pixels.
  public var lowResolutionPixels: Int { chipPixels / zoom }
  /// The side of a patch in HR pixels.
  public var patchPixels: Int { chipPixels / patchGrid.side }
  /// The side of an HR pixel on the ground.
  public var groundSampleDistanceMetres: Double { lattice.chipSideMetres / Double(chipPixels) }

  /// The area of one patch in square millimetres, rounded once, half to even.
  public var patchAreaSquareMillimetres: Int64 {
    let side = Double(lattice.chipSideMicrometres) / Double(patchGrid.side) / 1000
    return Int64((side * side).rounded(.toNearestOrEven))
  }

  /// The chips of which more than ``leastShareInside`` lies inside the region, by row and column.
  ///
  /// - Throws: `RegionError.tooLarge` when there would be more than ``largestChipCount``.
  public func chips(covering region: ProjectedRegion) throws(RegionError) -> [ChipIndex] {
    let (columns, rows) = try cells(around: region)
    var coverage = CellCoverage(columnCount: columns.count, rowCount: rows.count)
    for polygon in region.polygons {
      for (index, ring) in polygon.enumerated() {
        let points = ring.map { point in
          let cell = cellPosition(of: point)
          return (x: cell.x - Double(columns.lowerBound), y: cell.y - Double(rows.lowerBound))
        }
        coverage.add(points, weight: index == 0 ? 1 : -1)
      }
    }
    return coverage.cells(over: Self.leastShareInside).map { column, row in
      ChipIndex(column: columns.lowerBound + column, row: rows.lowerBound + row)
    }
  }

  /// Checks that a region has no more than ``largestChipCount`` chips, at no cost to speak of.
  ///
  /// - Throws: `RegionError.tooLarge`.
  public func checkSize(of region: ProjectedRegion) throws(RegionError) {
    _ = try cells(around: region)
  }

  private func cells(
    around region: ProjectedRegion
  ) throws(RegionError) -> (columns: Range<Int>, rows: Range<Int>) {
    guard let bounds = region.boundingRectangle else { return (0..<0, 0..<0) }
    let northWest = cellPosition(of: ProjectedPoint(x: bounds.west, y: bounds.north))
    let southEast = cellPosition(of: ProjectedPoint(x: bounds.east, y: bounds.south))
    // A border on a chip's edge may fall on either side by rounding; the share decides.
    let columns = Int(northWest.x.rounded(.down))..<Int(southEast.x.rounded(.up))
    let rows = Int(northWest.y.rounded(.down))..<Int(southEast.y.rounded(.up))
    let count = Double(columns.count) * Double(rows.count)
    guard count <= Double(Self.largestChipCount) else {
      throw .tooLarge(chipCount: Int(min(count, 1e18)), limit: Self.largestChipCount)
    }
    return (columns, rows)
  }

  /// No place on the Earth is farther from a system's origin, in metres; and so far whole
  /// micrometres do not overflow.
  private static let farthestMetres = 1e9

  /// A point in columns and rows, whose whole numbers are the corners of chips.
  private func cellPosition(of point: ProjectedPoint) -> CellCoverage.Point {
    func held(_ metres: Double) -> Double {
      min(max(metres, -Self.farthestMetres), Self.farthestMetres)
    }
    let (originX, originY) = (lattice.originXMicrometres, lattice.originYMicrometres)
    return (
      (held(point.x) - Double(originX) / 1e6) / lattice.chipSideMetres,
      (Double(originY) / 1e6 - held(point.y)) / lattice.chipSideMetres
    )
  }
}
