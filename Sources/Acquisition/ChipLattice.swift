// SPDX-License-Identifier: Apache-2.0

/// The place of a chip on a lattice: columns grow east, rows grow south.
public struct ChipIndex: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
  /// The column, from the lattice's origin eastwards.
  public let column: Int
  /// The row, from the lattice's origin southwards.
  public let row: Int

  /// Creates an index.
  public init(column: Int, row: Int) {
    self.column = column
    self.row = row
  }

  /// By row, then by column: the order of every list of chips.
  public static func < (left: ChipIndex, right: ChipIndex) -> Bool {
    (left.row, left.column) < (right.row, right.column)
  }

  /// The place in words: `r3c4`.
  public var description: String { "r\(row)c\(column)" }
}

/// Where the corners of chips lie: a coordinate reference system, the side of a chip and an origin.
///
/// Two jobs whose lattices are equal share chips and patches. Lengths are integer micrometres, so
/// that equality is exact; the origin is reduced modulo the side.
public struct ChipLattice: Hashable, Sendable, Codable {
  /// The coordinate reference system: `EPSG:32632`, or `sha256:` and the hash of its WKT.
  public let crs: String
  /// The side of a chip, in micrometres.
  public let chipSideMicrometres: Int64
  /// The x of a corner, 0 ..< side, in micrometres.
  public let originXMicrometres: Int64
  /// The y of a corner, 0 ..< side, in micrometres.
  public let originYMicrometres: Int64

  /// Creates a lattice with a corner at the given origin.
  public init(
    crs: String, chipSideMicrometres: Int64, originXMicrometres: Int64, originYMicrometres: Int64
  ) {
    precondition(chipSideMicrometres > 0, "a chip has a side")
    self.crs = crs
    self.chipSideMicrometres = chipSideMicrometres
    self.originXMicrometres = Self.remainder(originXMicrometres, chipSideMicrometres)
    self.originYMicrometres = Self.remainder(originYMicrometres, chipSideMicrometres)
  }

  /// Creates a lattice from metres, rounded to whole micrometres.
  public init(
    crs: String, chipSideMetres: Double, originXMetres: Double, originYMetres: Double
  ) {
    func micrometres(_ metres: Double) -> Int64 { Int64((metres * 1e6).rounded()) }
    self.init(
      crs: crs, chipSideMicrometres: micrometres(chipSideMetres),
      originXMicrometres: micrometres(originXMetres),
      originYMicrometres: micrometres(originYMetres))
  }

  /// The side of a chip, in metres.
  public var chipSideMetres: Double { Double(chipSideMicrometres) / 1e6 }

  /// The ground that a chip covers.
  public func rectangle(of chip: ChipIndex) -> ProjectedRectangle {
    rectangle(column: chip.column, row: chip.row, columns: 1, rows: 1, dividedBy: 1)
  }

  /// The ground of a rectangle of cells, each a chip's side divided by `divisor`; cell (0, 0) has
  /// its north-west corner at the origin.
  func rectangle(
    column: Int, row: Int, columns: Int, rows: Int, dividedBy divisor: Int64
  ) -> ProjectedRectangle {
    func x(_ cell: Int) -> Double {
      Double(originXMicrometres + Int64(cell) * chipSideMicrometres / divisor) / 1e6
    }
    func y(_ cell: Int) -> Double {
      Double(originYMicrometres - Int64(cell) * chipSideMicrometres / divisor) / 1e6
    }
    return ProjectedRectangle(
      west: x(column), south: y(row + rows), east: x(column + columns), north: y(row))
  }

  private static func remainder(_ value: Int64, _ modulus: Int64) -> Int64 {
    let rest = value % modulus
    return rest < 0 ? rest + modulus : rest
  }
}
