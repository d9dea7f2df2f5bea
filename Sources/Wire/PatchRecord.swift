// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation

/// A patch that is owned: later jobs use it and pay nothing.
public struct PatchRecord: Hashable, Sendable, Codable {
  /// The file that the patch is in, with the others of its item.
  public struct File: Hashable, Sendable, Codable {
    /// Where it is, relative to the state directory.
    public let name: String
    /// The SHA-256, hexadecimal.
    public let sha256: String
    /// The number of bytes.
    public let byteCount: Int64

    /// Creates a description.
    public init(name: String, sha256: String, byteCount: Int64) {
      self.name = name
      self.sha256 = sha256
      self.byteCount = byteCount
    }
  }

  /// The vendor's name.
  public let vendor: String
  /// The product.
  public let product: String
  /// The acquisition, or `mosaic`.
  public let acquisition: String
  /// The coordinate reference system of the lattice.
  public let crs: String
  /// The column on the lattice of patches, growing east.
  public let column: Int
  /// The row, growing south.
  public let row: Int
  /// The ground that it covers, in metres of ``crs``.
  public let bounds: ProjectedRectangle
  /// What was paid: its share of the item's price.
  public let price: Money
  /// When it was paid.
  public let boughtAt: Date
  /// The order that bought it.
  public let order: String
  /// The item of that order.
  public let item: Int
  /// Where its pixels are.
  public let file: File
  /// What the vendor's licence asks; nil where the price list names none.
  public let licence: Licence?
  /// The notice that goes with the imagery.
  public let attribution: String?

  /// Creates a record.
  public init(
    vendor: String, product: String, acquisition: String, crs: String, column: Int, row: Int,
    bounds: ProjectedRectangle, price: Money, boughtAt: Date, order: String, item: Int, file: File,
    licence: Licence?, attribution: String?
  ) {
    self.vendor = vendor
    self.product = product
    self.acquisition = acquisition
    self.crs = crs
    self.column = column
    self.row = row
    self.bounds = bounds
    self.price = price
    self.boughtAt = boughtAt
    self.order = order
    self.item = item
    self.file = file
    self.licence = licence
    self.attribution = attribution
  }
}
