// SPDX-License-Identifier: Apache-2.0

/// What is sold: one product of one vendor, of one acquisition or of a seamless mosaic.
public struct ProductID: Hashable, Sendable, Codable, CustomStringConvertible {
  /// The vendor's name in the configuration.
  public let vendor: String
  /// The vendor's name of the product.
  public let product: String
  /// The vendor's acquisition id, or `mosaic` where it sells one seamless layer.
  public let item: String

  /// Creates an identity.
  public init(vendor: String, product: String, item: String = "mosaic") {
    self.vendor = vendor
    self.product = product
    self.item = item
  }

  /// The three parts with slashes.
  public var description: String { "\(vendor)/\(product)/\(item)" }
}

/// An order before it has a price: disjoint rectangles of whole patches of one product.
///
/// Item n of the order is `rectangles[n]`; each is delivered as one GeoTIFF of exactly that ground.
public struct OrderDraft: Hashable, Sendable, Codable {
  /// What is ordered.
  public let product: ProductID
  /// The chips and patches that the rectangles refer to.
  public let grid: ChipGrid
  /// The items, disjoint.
  public let rectangles: [PatchRectangle]

  /// Creates a draft of at least one rectangle.
  public init(product: ProductID, grid: ChipGrid, rectangles: [PatchRectangle]) {
    precondition(!rectangles.isEmpty, "an order has at least one item")
    self.product = product
    self.grid = grid
    self.rectangles = rectangles
  }

  /// All patches of the order, by row and column.
  public var positions: [PatchPosition] { rectangles.flatMap(\.positions).sorted() }

  /// The number of patches.
  public var patchCount: Int { rectangles.reduce(0) { $0 + $1.patchCount } }

  /// The area of all items, in square millimetres: exact, since items are disjoint.
  public var areaSquareMillimetres: Int64 {
    Int64(patchCount) * grid.patchAreaSquareMillimetres
  }
}
