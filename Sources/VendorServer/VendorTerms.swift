// SPDX-License-Identifier: Apache-2.0

/// What the vendor's interface can do, as different vendors' can: a client is told at
/// `GET /v1/capabilities`.
public struct VendorTerms: Hashable, Sendable {
  /// What a second submission under one key does.
  public enum RepeatedSubmit: String, Hashable, Sendable, CaseIterable {
    /// It gets the first answer again; with another body it is refused.
    case replays
    /// It is refused with 409, and the first order stays.
    case refuses
    /// It becomes a second order.
    case none
  }

  /// How a client finds an order without the vendor's name of it.
  public enum LookUp: String, Hashable, Sendable, CaseIterable {
    /// By its key, and by reading the list.
    case byKey = "by-key"
    /// By reading the list of all orders.
    case byListing = "by-listing"
    /// Not at all.
    case none
  }

  /// Until when an order can be cancelled.
  public enum Cancellation: String, Hashable, Sendable, CaseIterable {
    /// Never.
    case never
    /// For the first half of the time to its delivery.
    case untilRunning = "until-running"
    /// Until it is delivered.
    case untilDelivery = "until-delivery"
  }

  /// What a second submission under one key does.
  public var repeatedSubmit = RepeatedSubmit.replays
  /// How an order is found.
  public var lookUp = LookUp.byKey
  /// How long an order is not found after it was accepted.
  public var lookUpLag = Duration.zero
  /// How long a quote is kept to.
  public var quoteLifetime = Duration.seconds(3600)
  /// Until when an order can be cancelled.
  public var cancellation = Cancellation.untilDelivery
  /// How long an order is worked on before it is delivered.
  public var delay = Duration.zero

  /// Everything that a client can wish for, and no delay.
  public init() {}
}
