// SPDX-License-Identifier: Apache-2.0

import Acquisition
public import Ledger
import Platform
import Vendors

/// Why a person's decision does not fit the order.
public struct ResolutionRefusal: Error, Hashable, CustomStringConvertible {
  /// What is in the way, and what to do.
  public let description: String
}

extension PurchaseMachine {
  /// The change to commit for what a person has found out about an order.
  ///
  /// - Throws: ``ResolutionRefusal`` when the decision is not one for this order.
  public static func change(
    of order: OrderRecord, by resolution: Resolution, reason: String
  ) throws(ResolutionRefusal) -> OrderChange {
    guard [.parked, .inDoubt].contains(order.state) else {
      throw ResolutionRefusal(
        description: "order \(order.key.text) is \(order.state.rawValue) and goes its way by "
          + "itself. Only a parked order, or one in doubt, is resolved by a person.")
    }
    return switch resolution {
    case .accepted(let id): try accepted(order, id, reason)
    case .neverArrived: try neverArrived(order, reason)
    case .pay(let total): try paid(order, total, reason)
    case .credit: try credited(order, reason)
    }
  }

  private static func accepted(
    _ order: OrderRecord, _ id: VendorOrderID, _ reason: String
  ) throws(ResolutionRefusal) -> OrderChange {
    try checkDoubt(order)
    guard (1...200).contains(id.count) else {
      throw ResolutionRefusal(description: "\"\(id.prefix(80))\" is no vendor's name of an order.")
    }
    return OrderChange(
      order.key, from: [order.state], to: .accepted, .recordVendorOrder(id: id),
      .note("the vendor has it as \(id): \(reason)"))
  }

  private static func neverArrived(
    _ order: OrderRecord, _ reason: String
  ) throws(ResolutionRefusal) -> OrderChange {
    try checkDoubt(order)
    return OrderChange(
      order.key, from: [order.state], to: .refused, .releaseRest, .releaseClaims,
      .note("it never arrived: \(reason)"))
  }

  /// Only an order of which nobody knows whether the vendor has it.
  private static func checkDoubt(_ order: OrderRecord) throws(ResolutionRefusal) {
    if let id = order.vendorOrderID {
      throw ResolutionRefusal(
        description: "the vendor has order \(order.key.text) as \(id). Retry the job to ask about "
          + "it, or end it with --dispute.")
    }
    guard !order.attempts.isEmpty else {
      throw ResolutionRefusal(
        description: "order \(order.key.text) was never sent. Retry the job, or cancel it.")
    }
  }

  private static func paid(
    _ order: OrderRecord, _ total: Money?, _ reason: String
  ) throws(ResolutionRefusal) -> OrderChange {
    guard let dispute = order.dispute, dispute.isOpen else {
      throw ResolutionRefusal(
        description:
          "order \(order.key.text) has no open dispute. Look at it with fovea order show."
      )
    }
    let paying = OrderEffect.payDispute(total: total, reason: reason)
    guard order.items.allSatisfy({ $0.state == .captured || $0.state == .failed }) else {
      // What is still to come is paid as agreed, when it is here.
      return OrderChange(order.key, from: [order.state], to: .accepted, paying)
    }
    return OrderChange(
      order.key, from: [order.state], to: end(of: order.items.map { $0.state == .captured }),
      paying, .releaseRest, .releaseClaims)
  }

  private static func credited(
    _ order: OrderRecord, _ reason: String
  ) throws(ResolutionRefusal) -> OrderChange {
    guard order.vendorOrderID != nil else {
      throw ResolutionRefusal(
        description: "nobody knows whether the vendor has order \(order.key.text). Find out, then "
          + "give --accepted VENDOR-ID or --never-arrived.")
    }
    let open = order.items.filter { $0.state == .pending || $0.state == .stored }
    return OrderChange(
      order.key, from: [order.state], to: end(of: order.items.map { $0.state == .captured }),
      effects: [.creditDispute(reason: reason)] + open.map { .failItem(number: $0.number) }
        + [.releaseRest, .releaseClaims])
  }
}
