// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation

/// Something that happened to an order: it moved, the vendor used another word, a person decided.
public struct OrderEvent: Hashable, Sendable, Codable {
  /// From 1.
  public let number: Int
  /// The order's state afterwards.
  public let state: OrderState
  /// What there is to say: the vendor's word, a reason.
  public let note: String?
  /// When.
  public let at: Date
  /// Who: a user (`uid:1000`) or a part of the daemon.
  public let actor: String
}

/// What a dispute was closed with.
public enum DisputeOutcome: String, Hashable, Sendable, Codable, CaseIterable {
  /// The vendor gets what it asks for, or what was agreed with it.
  case pay
  /// The vendor gives up what it asks for.
  case credit
}

/// A vendor's charge that is not the agreed one.
public struct DisputeRecord: Hashable, Sendable, Codable {
  /// What the vendor charges for the order.
  public let charged: Money
  /// What was held for the order.
  public let agreed: Money
  /// What was set aside from the budget, above the hold.
  public let setAside: Money
  /// What the vendor asks for and the budget could not cover: no account of the ledger holds it.
  public let claim: Money
  /// What is wrong with the charge.
  public let reason: String
  /// When it was opened.
  public let at: Date
  /// How it ended; nil while it is open.
  public let outcome: DisputeOutcome?
  /// What was agreed to be paid for the whole order, once it ended with a payment.
  public let paid: Money?

  /// Whether a person has to decide.
  public var isOpen: Bool { outcome == nil }
}

/// A vendor that gets no new order until a person releases it.
public struct VendorFreeze: Hashable, Sendable, Codable {
  /// The vendor's name in the configuration.
  public let vendor: String
  /// Why.
  public let reason: String
  /// Since when.
  public let at: Date
  /// Who froze it.
  public let actor: String
}

/// Money that a vendor says it has given back.
public struct VendorRefund: Hashable, Sendable, Codable {
  /// The vendor's name of the refund; one is booked once, however often it is told.
  public let id: String
  /// The vendor's name of the order.
  public let vendorOrder: String
  /// How much.
  public let amount: Money

  /// Creates a refund.
  public init(id: String, vendorOrder: String, amount: Money) {
    self.id = id
    self.vendorOrder = vendorOrder
    self.amount = amount
  }
}

/// A refund as it was written down.
public struct RefundRecord: Hashable, Sendable, Codable {
  /// The vendor's name in the configuration.
  public let vendor: String
  /// What the vendor said.
  public let refund: VendorRefund
  /// The order, where we know it.
  public let order: UUID?
  /// The number of the entry that booked it; nil when it is listed only.
  public let entry: Int64?
  /// Why it is not booked.
  public let obstacle: String?
  /// When it was written down.
  public let at: Date
}

/// An order whose money is set aside for longer than it should be.
public struct AgedHold: Hashable, Sendable, Codable {
  /// The order.
  public let order: UUID
  /// Its vendor.
  public let vendor: String
  /// Its state.
  public let state: OrderState
  /// What it still holds.
  public let held: Money
  /// Since when.
  public let since: Date
}
