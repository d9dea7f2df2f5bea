// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// A vendor of the daemon's configuration.
public struct VendorRecord: Hashable, Sendable, Codable {
  /// Whether orders go to it.
  public enum State: String, Hashable, Sendable, Codable, CaseIterable {
    /// It is asked and gets orders.
    case ok
    /// It gets no orders until a person says so.
    case frozen
    /// It has failed again and again, and is left alone for a while.
    case circuitOpen = "circuit_open"
  }

  /// What its price list says of the product.
  public struct Prices: Hashable, Sendable, Codable {
    /// A rate from a quantity on.
    public struct Tier: Hashable, Sendable, Codable {
      /// Where it begins, in ``Prices/per``; decimal text.
      public let from: String
      /// Minor units for each ``Prices/per``; decimal text, since rates are exact.
      public let rate: String

      /// Creates a tier.
      public init(from: String, rate: String) {
        self.from = from
        self.rate = rate
      }
    }

    /// The currency.
    public let currency: String
    /// What is counted: `km2`, `patch`, `request`, `scene` or `gigabyte`.
    public let per: String
    /// Which area is billed: `polygon`, `bbox`, `new_area` or `footprint`.
    public let billBy: String
    /// The rates, ascending; the first begins at 0.
    public let tiers: [Tier]
    /// What decides on the tier: `by_slice`, `by_order_size` or `by_past_use`.
    public let tierMode: String
    /// The least area that an order is billed for, in square metres.
    public let minimumAreaM2: Double
    /// The least that an order costs before fees.
    public let minimumCharge: Money
    /// What each order costs on top.
    public let feePerOrder: Money
    /// Where the figures come from, and when.
    public let source: String

    /// Creates a description.
    public init(
      currency: String, per: String, billBy: String, tiers: [Tier], tierMode: String,
      minimumAreaM2: Double, minimumCharge: Money, feePerOrder: Money, source: String
    ) {
      self.currency = currency
      self.per = per
      self.billBy = billBy
      self.tiers = tiers
      self.tierMode = tierMode
      self.minimumAreaM2 = minimumAreaM2
      self.minimumCharge = minimumCharge
      self.feePerOrder = feePerOrder
      self.source = source
    }
  }

  /// The name by which jobs choose it.
  public let name: String
  /// The protocol it speaks.
  public let kind: String
  /// Where it is, without user, query and fragment.
  public let url: String
  /// The product that is bought.
  public let product: String
  /// The acquisition, or `mosaic`.
  public let item: String
  /// The currency of its prices.
  public let currency: String
  /// What it costs.
  public let prices: Prices
  /// The most items that one order may have; nil without a limit.
  public let largestItemCount: Int?
  /// What its licence asks; nil where the price list names none.
  public let licence: Licence?
  /// Whether orders go to it.
  public var state = State.ok
  /// Why not.
  public var stateReason: String?

  /// Creates the record of a vendor that is asked.
  public init(
    name: String, kind: String, url: String, product: String, item: String, prices: Prices,
    largestItemCount: Int?, licence: Licence?
  ) {
    self.name = name
    self.kind = kind
    self.url = url
    self.product = product
    self.item = item
    currency = prices.currency
    self.prices = prices
    self.largestItemCount = largestItemCount
    self.licence = licence
  }
}
