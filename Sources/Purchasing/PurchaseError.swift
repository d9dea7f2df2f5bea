// SPDX-License-Identifier: Apache-2.0

public import Foundation
import Platform

/// Why the orders of a job could not be driven further for now; they stay as they are.
public enum PurchaseError: Error, Hashable, CustomStringConvertible {
  /// The configuration names no such vendor.
  case unknownVendor(String)
  /// The vendor could not be reached, or failed, again and again.
  case vendorUnavailable(order: UUID, reason: String)

  /// The account at the vendor has nothing left; the order was not taken, and holds nothing.
  case quotaExhausted(order: UUID, reason: String)

  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .unknownVendor(let name):
      "there is no vendor \"\(name)\" in the configuration. List them with fovea vendors."
    case .vendorUnavailable(let order, let reason):
      "order \(order.text) waits: \(reason) Retry the job when the vendor is back."
    case .quotaExhausted(let order, let reason):
      "the vendor did not take order \(order.text): \(reason). Add credit to the account or wait "
        + "for its quota, then retry the job."
    }
  }
}
