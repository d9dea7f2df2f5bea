// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// How a vendor counts an order.
public typealias OrderMeasure = @Sendable (OrderDraft) -> OrderQuantity

/// What an order comes to, in everything that a vendor may count.
///
/// A price rule asks for what it needs; what nobody knows is nil, and a rule that needs it says so.
public struct OrderQuantity: Hashable, Sendable {
  /// The area of the union of all items, in square millimetres.
  public var areaSquareMillimetres: Int64?
  /// The width and height of the box around all items, in millimetres of the lattice's CRS.
  public var boundingBox: Box?
  /// The part of the area that is owned already, in square millimetres.
  public var ownedSquareMillimetres: Int64 = 0
  /// The area of the whole scene that the order is cut from, in square millimetres.
  public var sceneSquareMillimetres: Int64?
  /// The number of patches.
  public var patchCount: Int64?
  /// How many of them are owned already.
  public var ownedPatchCount: Int64 = 0
  /// The number of requests that it takes.
  public var requestCount: Int64?
  /// The number of scenes that are touched.
  public var sceneCount: Int64?
  /// The number of bytes that are transferred.
  public var byteCount: Int64?

  /// The sides of a box, in millimetres.
  public struct Box: Hashable, Sendable {
    /// From west to east.
    public let width: Int64
    /// From north to south.
    public let height: Int64

    /// Creates a box.
    public init(width: Int64, height: Int64) {
      self.width = width
      self.height = height
    }
  }

  /// Creates a quantity of which nothing is known.
  public init() {}

  /// What can be told from the geometry of an order: each item is a request, and there is one scene.
  public init(_ draft: OrderDraft) {
    // An order has at least one item.
    let extents = draft.rectangles.map { PatchExtent($0) }
    self.init(extents.dropFirst().reduce(extents[0]) { $0.united(with: $1) }, on: draft.grid)
  }

  init(_ extent: PatchExtent, on grid: ChipGrid) {
    let side = grid.lattice.chipSideMicrometres
    func millimetres(_ count: Int) -> Int64 {
      Int64(count) * side / Int64(grid.patchGrid.side) / 1000
    }
    areaSquareMillimetres = Int64(extent.patchCount) * grid.patchAreaSquareMillimetres
    boundingBox = Box(
      width: millimetres(extent.columns.count), height: millimetres(extent.rows.count))
    patchCount = Int64(extent.patchCount)
    requestCount = Int64(extent.itemCount)
    sceneCount = 1
  }
}

/// The box around some rectangles, and how much of it they fill.
struct PatchExtent: Hashable {
  var columns: Range<Int>
  var rows: Range<Int>
  var patchCount: Int
  var itemCount: Int

  init(_ rectangle: PatchRectangle) {
    columns = rectangle.column..<rectangle.column + rectangle.columnCount
    rows = rectangle.row..<rectangle.row + rectangle.rowCount
    patchCount = rectangle.patchCount
    itemCount = 1
  }

  func united(with other: PatchExtent) -> PatchExtent {
    var extent = self
    extent.columns =
      min(
        columns.lowerBound, other.columns.lowerBound)..<max(
        columns.upperBound, other.columns.upperBound)
    extent.rows =
      min(rows.lowerBound, other.rows.lowerBound)..<max(rows.upperBound, other.rows.upperBound)
    extent.patchCount += other.patchCount
    extent.itemCount += other.itemCount
    return extent
  }
}
