// SPDX-License-Identifier: Apache-2.0

internal import Vendors

/// What a vendor's interface can do, where its entry says so: `interface:` of `vendors:`.
///
/// What decides about money is in our configuration and not the vendor's word of the day.
public struct VendorInterface: Sendable, Equatable {
  /// What a second order under one key does.
  public enum RepeatSafe: String, Sendable, CaseIterable {
    /// It gets the first answer again.
    case replays
    /// It is refused.
    case refuses
    /// It may become a second order.
    case none
  }

  /// How an order is found again.
  public enum LookUp: String, Sendable, CaseIterable {
    /// By our key.
    case byKey = "by-key"
    /// In the list of orders.
    case byListing = "by-listing"
    /// Not at all.
    case none
  }

  /// Until when an order can be cancelled.
  public enum Cancel: String, Sendable, CaseIterable {
    /// Never.
    case never
    /// Until the vendor works on it.
    case untilRunning = "until-running"
    /// Until it is delivered.
    case untilDelivery = "until-delivery"
  }

  /// What a second order under one key does.
  public var repeatSafe = RepeatSafe.replays
  /// How an order is found again.
  public var lookUp = LookUp.byKey
  /// For how many seconds an order may not be found after it was accepted.
  public var lookUpLagSeconds: Int64 = 0
  /// Until when an order can be cancelled.
  public var cancel = Cancel.untilDelivery

  /// What `fovea-vendor` does when nothing else is asked of it.
  public init() {}

  init(_ section: inout YAMLSection) {
    repeatSafe = section.choice("repeat_safe", of: RepeatSafe.self) ?? repeatSafe
    lookUp = section.choice("lookup", of: LookUp.self) ?? lookUp
    lookUpLagSeconds =
      section.integer("lookup_lag_seconds", in: 0...86_400) ?? lookUpLagSeconds
    cancel = section.choice("cancel", of: Cancel.self) ?? cancel
  }

  /// The same for an adapter.
  var capabilities: VendorCapabilities {
    let repeated: VendorCapabilities.RepeatedSubmit =
      switch repeatSafe {
      case .replays: .replays
      case .refuses: .refuses
      case .none: .duplicates
      }
    let found: VendorCapabilities.LookUp =
      switch lookUp {
      case .byKey: .byKey
      case .byListing: .byListing
      case .none: .none
      }
    let cancellation: VendorCapabilities.Cancellation =
      switch cancel {
      case .never: .never
      case .untilRunning: .untilRunning
      case .untilDelivery: .untilDelivery
      }
    return VendorCapabilities(
      repeatSafeSubmit: repeated, lookUp: found, lookUpLag: .seconds(lookUpLagSeconds),
      maxItems: FoveaVendor.mostItems, cancel: cancellation)
  }
}
