// SPDX-License-Identifier: Apache-2.0

/// What a vendor's interface can do, as far as the safety of a purchase depends on it.
public struct VendorCapabilities: Hashable, Sendable {
  /// What a second submission under one key does.
  public enum RepeatedSubmit: String, Hashable, Sendable {
    /// It may become a second order.
    case duplicates
    /// It is refused, and the first order stays.
    case refuses
    /// It gets the first answer again.
    case replays
  }

  /// How an order is found without the vendor's name of it.
  public enum LookUp: String, Hashable, Sendable {
    /// Not at all.
    case none
    /// By our key.
    case byKey = "by-key"
    /// By reading the list of orders.
    case byListing = "by-listing"
  }

  /// Until when an order can be cancelled.
  public enum Cancellation: Hashable, Sendable {
    /// Never.
    case never
    /// Until the vendor has accepted it.
    case untilAccepted
    /// Until the vendor works on it.
    case untilRunning
    /// Until it is delivered.
    case untilDelivery
  }

  /// What a second submission under one key does.
  public let repeatSafeSubmit: RepeatedSubmit
  /// How an order is found.
  public let lookUp: LookUp
  /// How long after an acceptance a look-up may still find nothing; nil when nobody says.
  public let lookUpLag: Duration?
  /// The most items that one order may have; nil when there is no limit.
  public let maxItems: Int?
  /// Until when an order can be cancelled.
  public let cancel: Cancellation

  /// Creates a description.
  public init(
    repeatSafeSubmit: RepeatedSubmit, lookUp: LookUp, lookUpLag: Duration?, maxItems: Int?,
    cancel: Cancellation
  ) {
    self.repeatSafeSubmit = repeatSafeSubmit
    self.lookUp = lookUp
    self.lookUpLag = lookUpLag
    self.maxItems = maxItems
    self.cancel = cancel
  }

  /// Where this promises what `announced`, the vendor's own word, does not: a phrase for each.
  ///
  /// A purchase that relies on such a promise could be made twice, or be lost.
  public func promises(beyond announced: VendorCapabilities) -> [String] {
    var phrases: [String] = []
    if repeatSafeSubmit != announced.repeatSafeSubmit, repeatSafeSubmit != .duplicates {
      phrases.append(
        "a repeated order \(repeatSafeSubmit.rawValue), where the vendor says "
          + announced.repeatSafeSubmit.rawValue)
    }
    if lookUp != announced.lookUp, lookUp != .none {
      phrases.append(
        "an order is found \(lookUp.rawValue), where the vendor says \(announced.lookUp.rawValue)")
    }
    if let lookUpLag, lookUpLag < announced.lookUpLag ?? .zero {
      phrases.append(
        "an order is found after \(lookUpLag), where the vendor says "
          + "\(announced.lookUpLag ?? .zero)")
    }
    if let most = announced.maxItems, maxItems ?? .max > most {
      phrases.append(
        "an order has \(maxItems.map(String.init) ?? "any number of") items, where the vendor "
          + "says at most \(most)")
    }
    return phrases
  }

  /// How long after a submission a look-up that finds nothing proves nothing: twice the lag, and
  /// fifteen minutes where the lag is unknown.
  public var settleTime: Duration { lookUpLag.map { $0 * 2 } ?? .seconds(15 * 60) }
}
