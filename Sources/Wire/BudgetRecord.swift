// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// A budget as it stands: what is free, held, spent and disputed is together what was granted.
public struct BudgetRecord: Hashable, Sendable, Codable {
  /// The name: lower-case letters, digits and hyphens.
  public let id: String
  /// All that was granted.
  public let granted: Money
  /// What may still be spent.
  public let free: Money
  /// What is set aside for orders that are under way.
  public let held: Money
  /// What was paid.
  public let spent: Money
  /// What a vendor charged above what was agreed, and is disputed.
  public let disputed: Money

  /// Creates a record.
  public init(
    id: String, granted: Money, free: Money, held: Money, spent: Money, disputed: Money
  ) {
    self.id = id
    self.granted = granted
    self.free = free
    self.held = held
    self.spent = spent
    self.disputed = disputed
  }
}

/// The body of `POST /v1/budgets`.
public struct BudgetRequest: Hashable, Sendable, Codable {
  /// The name: lower-case letters, digits and hyphens, at most 64.
  public let id: String
  /// What may be spent; zero is a budget that buys nothing.
  public let amount: Money

  /// Creates a request.
  public init(id: String, amount: Money) {
    self.id = id
    self.amount = amount
  }
}

/// The body of `POST /v1/budgets/{id}/grants`.
public struct GrantRequest: Hashable, Sendable, Codable {
  /// What is added to the budget, more than zero.
  public let amount: Money

  /// Creates a request.
  public init(amount: Money) { self.amount = amount }
}
