// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation

/// What a change of an order does besides moving its state.
public enum OrderEffect: Hashable, Sendable {
  /// Writes down the vendor's price; a later quote replaces it.
  case recordQuote(RecordedQuote)
  /// Sets money aside and claims every patch of the draft; once in an order's life.
  case hold(Money)
  /// Writes down that a body is about to be sent; its SHA-256, hexadecimal.
  case attempt(bodyDigest: String)
  /// Writes down the vendor's id of the order.
  case recordVendorOrder(id: String)
  /// Writes down that an item's file is here and verified. The path is relative to the state
  /// directory.
  case storeItem(number: Int, path: String, sha256: String, byteCount: Int64)
  /// Pays a stored item; its patches are owned from now on.
  case captureItem(number: Int, charge: Money)
  /// Gives an item up; its patches are free again.
  case failItem(number: Int)
  /// Frees what the order still holds.
  case releaseRest
  /// Frees the patches of the order that it has not bought.
  case releaseClaims
  /// Opens a dispute about what the vendor charges for the whole order.
  ///
  /// What is above the hold is set aside where the budget has as much, and else written down as a
  /// claim outside it. A charge in another currency sets nothing aside. Where a dispute is open
  /// already, nothing happens. A vendor whose charge is wrong gets no new orders.
  case openDispute(charged: Money, reason: String, freezesVendor: Bool = true)
  /// Closes the open dispute by paying: `total` is what was agreed for the whole order, nil for
  /// what the vendor charged.
  case payDispute(total: Money?, reason: String)
  /// Closes the open dispute, if there is one: what was set aside is free again.
  case creditDispute(reason: String)
  /// Keeps new orders from the order's vendor.
  case freezeVendor(reason: String)
  /// Writes down something that a person may want to read, as the vendor's word for a state.
  case note(String)
  /// Says why a person must decide; only with the state `parked`.
  case park(reason: String, remedy: String)
}

/// One step of an order: from one of some states to a state, with what else it does.
///
/// ```swift
/// try ledger.apply(
///   OrderChange(key, from: [.quoted], to: .held, .hold(price)), actor: "purchasing", at: now)
/// ```
public struct OrderChange: Hashable, Sendable {
  /// The order.
  public let key: UUID
  /// The states that the order may be in.
  public let from: Set<OrderState>
  /// The state that it moves to; may be one of `from`.
  public let to: OrderState
  /// What else happens, in this order.
  public let effects: [OrderEffect]

  /// Creates a change.
  public init(_ key: UUID, from: Set<OrderState>, to: OrderState, effects: [OrderEffect]) {
    self.key = key
    self.from = from
    self.to = to
    self.effects = effects
  }

  /// Creates a change with its effects one after another.
  public init(_ key: UUID, from: Set<OrderState>, to: OrderState, _ effects: OrderEffect...) {
    self.init(key, from: from, to: to, effects: effects)
  }
}
