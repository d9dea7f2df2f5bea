// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// The body of `POST /v1/jobs/{id}/approve`: what the person saw; a plan that differs is refused.
public struct ApprovalRequest: Hashable, Sendable, Codable {
  /// The SHA-256 of the plan that was seen.
  public let plan: String?
  /// The price that was seen.
  public let price: Money?

  /// Creates an approval; with neither, of the plan as it is.
  public init(plan: String? = nil, price: Money? = nil) {
    self.plan = plan
    self.price = price
  }
}
