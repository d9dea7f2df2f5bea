// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// What a vendor's own books say of our account, for the comparison with ours.
public struct VendorStatement: Hashable, Sendable {
  /// An order.
  public struct Order: Hashable, Sendable {
    /// The vendor's name of it.
    public let id: VendorOrderID
    /// The reference that it came with: our key, for an order of ours.
    public let reference: String?
    /// Where it stands.
    public let state: VendorOrderState
    /// What it has cost so far, before refunds.
    public let charged: Money

    /// Creates an order.
    public init(
      id: VendorOrderID, reference: String?, state: VendorOrderState, charged: Money
    ) {
      self.id = id
      self.reference = reference
      self.state = state
      self.charged = charged
    }
  }

  /// Money that was given back.
  public struct Refund: Hashable, Sendable {
    /// The vendor's name of it.
    public let id: String
    /// The vendor's name of the order.
    public let order: VendorOrderID
    /// How much.
    public let amount: Money

    /// Creates a refund.
    public init(id: String, order: VendorOrderID, amount: Money) {
      self.id = id
      self.order = order
      self.amount = amount
    }
  }

  /// The orders, oldest first.
  public let orders: [Order]
  /// The refunds, oldest first.
  public let refunds: [Refund]

  /// Creates a statement.
  public init(orders: [Order], refunds: [Refund]) {
    self.orders = orders
    self.refunds = refunds
  }
}
