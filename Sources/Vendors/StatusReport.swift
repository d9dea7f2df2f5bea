// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// Where an order stands at the vendor's, in our words.
///
/// An adapter maps a word that it does not know to `running`, never to an end.
public enum VendorOrderState: String, Hashable, Sendable, Codable, CaseIterable {
  /// Accepted, not begun.
  case waiting
  /// Being worked on; some items may be there.
  case running
  /// All items are there.
  case delivered
  /// Ended with some items.
  case partlyDelivered = "partly_delivered"
  /// Ended without items.
  case failed
  /// Ended by a cancellation.
  case cancelled

  /// Whether the vendor will do nothing more.
  public var isFinal: Bool { self != .waiting && self != .running }
}

/// Where an order stands, item by item, and what it has cost so far.
public struct StatusReport: Hashable, Sendable, Codable {
  /// One item of an order.
  public struct Item: Hashable, Sendable, Codable {
    /// The item's index among the draft's rectangles.
    public let number: Int
    /// Where it stands.
    public let state: VendorOrderState
    /// What was charged for it, once it was.
    public let charge: Money?

    /// Creates an item's report.
    public init(number: Int, state: VendorOrderState, charge: Money?) {
      self.number = number
      self.state = state
      self.charge = charge
    }
  }

  /// Where the order stands.
  public let state: VendorOrderState
  /// The vendor's own word for it.
  public let vendorState: String
  /// The items, by number.
  public let items: [Item]
  /// What the order has cost so far.
  public let charged: Money

  /// Creates a report.
  public init(state: VendorOrderState, vendorState: String, items: [Item], charged: Money) {
    self.state = state
    self.vendorState = vendorState
    self.items = items
    self.charged = charged
  }
}

/// An item that can be fetched.
public struct Delivery: Hashable, Sendable, CustomStringConvertible {
  /// The item's index among the draft's rectangles.
  public let itemNumber: Int
  /// Where it is: an absolute URL, or a path at the vendor's.
  ///
  /// It may be signed, and is then a secret.
  public let url: String
  /// The length in bytes; nil where the vendor announces none.
  public let byteCount: Int64?
  /// The SHA-256, 64 hexadecimal digits in lower case; nil where the vendor announces none.
  public let sha256: String?

  /// Creates a delivery.
  public init(itemNumber: Int, url: String, byteCount: Int64?, sha256: String?) {
    self.itemNumber = itemNumber
    self.url = url
    self.byteCount = byteCount
    self.sha256 = sha256
  }

  /// The item and its length, without the link.
  public var description: String {
    "item \(itemNumber)" + (byteCount.map { ", \($0) bytes" } ?? "")
  }
}
