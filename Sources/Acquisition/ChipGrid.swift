// SPDX-License-Identifier: Apache-2.0

/// Where the lattice of a job has its origin.
public enum GridOrigin: Hashable, Sendable, Codable, CustomStringConvertible {
  /// Corners at whole multiples of the side from the CRS's origin, so that jobs share patches.
  case crs
  /// A corner at the scene's north-west corner: LR pixels are then never resampled.
  case scene
  /// A corner at a given point, in metres of the scene's CRS.
  case point(ProjectedPoint)

  /// Reads `crs`, `scene` or `X,Y`; nil for anything else.
  public init?(_ text: String) {
    switch text {
    case "crs": self = .crs
    case "scene": self = .scene
    default:
      let numbers = text.split(separator: ",", omittingEmptySubsequences: false)
        .map { Double($0.drop { $0 == " " }) }
      guard numbers.count == 2, let x = numbers[0], let y = numbers[1], x.isFinite, y.isFinite,
        abs(x) < 1e9, abs(y) < 1e9
      else { return nil }
      self = .point(ProjectedPoint(x: x, y: y))
    }
  }

  /// What ``init(_:)`` reads.
  public var description: String {
    switch self {
    case .crs: "crs"
    case .scene: "scene"
    case .point(let point): "\(point.x),\(point.y)"
    }
  }

  /// Reads the text form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let origin = GridOrigin(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\"\(text)\" is no grid origin: crs, scene or X,Y")
    }
    self = origin
  }

  /// Writes the text form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

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

  /// Creates a grid; `chipPixels` is a multiple of `zoom` and of the patch grid's side.
  public init(
    crs: String, chipPixels: Int, groundSampleDistanceMetres: Double, zoom: Int,
    patchGrid: PatchGrid, origin: GridOrigin, sceneCorner: ProjectedPoint
  ) {
    precondition(chipPixels % zoom == 0, "a chip has whole LR pixels")
    precondition(chipPixels % patchGrid.side == 0, "a patch has whole pixels")
    let corner: ProjectedPoint =
      switch origin {
      case .crs: ProjectedPoint(x: 0, y: 0)
      case .scene: sceneCorner
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
    let side = lattice.chipSideMetres
    let chipArea = side * side
    var chips: [ChipIndex] = []
    for row in rows {
      for column in columns {
        let chip = ChipIndex(column: column, row: row)
        let inside = region.areaSquareMetres(within: lattice.rectangle(of: chip))
        if inside > Self.leastShareInside * chipArea { chips.append(chip) }
      }
    }
    return chips
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
    let side = lattice.chipSideMetres
    let originX = Double(lattice.originXMicrometres) / 1e6
    let originY = Double(lattice.originYMicrometres) / 1e6
    // A border on a chip's edge may fall on either side by rounding; the share decides.
    let columns = cells((bounds.west - originX) / side, (bounds.east - originX) / side)
    let rows = cells((originY - bounds.north) / side, (originY - bounds.south) / side)
    let count = Double(columns.count) * Double(rows.count)
    guard count <= Double(Self.largestChipCount) else {
      throw .tooLarge(chipCount: Int(min(count, 1e18)), limit: Self.largestChipCount)
    }
    return (columns, rows)
  }

  private func cells(_ first: Double, _ last: Double) -> Range<Int> {
    let lower = Int(max(-1e12, first.rounded(.down)))
    return lower..<max(lower, Int(min(1e12, last.rounded(.up))))
  }
}
