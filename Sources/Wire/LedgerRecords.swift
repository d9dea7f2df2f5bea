// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation

/// One entry of the ledger: an amount that moved from one account of a budget to another.
public struct LedgerEntryRecord: Hashable, Sendable, Codable {
  /// The number, from 1 without gaps.
  public let sequence: Int64
  /// When it was written.
  public let at: Date
  /// The operation: `grant`, `hold`, `capture`, `release` and so on.
  public let operation: String
  /// The budget.
  public let budget: String
  /// The order that it belongs to, where there is one.
  public let order: String?
  /// The item of the order, for captures.
  public let item: Int?
  /// The amount.
  public let amount: Money
  /// Who caused it.
  public let actor: String
  /// The SHA-256 that chains it to the entry before, hexadecimal.
  public let hash: String

  /// Creates a record.
  public init(
    sequence: Int64, at: Date, operation: String, budget: String, order: String?, item: Int?,
    amount: Money, actor: String, hash: String
  ) {
    self.sequence = sequence
    self.at = at
    self.operation = operation
    self.budget = budget
    self.order = order
    self.item = item
    self.amount = amount
    self.actor = actor
    self.hash = hash
  }
}

/// What a check of the ledger's chain found.
public struct LedgerCheck: Hashable, Sendable, Codable {
  /// The number of entries that were read.
  public let entryCount: Int64
  /// The hash of the last entry, hexadecimal.
  public let head: String
  /// What is wrong; empty when every entry, every balance and the anchor agree.
  public let problems: [String]

  /// Creates a finding.
  public init(entryCount: Int64, head: String, problems: [String]) {
    self.entryCount = entryCount
    self.head = head
    self.problems = problems
  }

  /// Whether nothing is wrong.
  public var isIntact: Bool { problems.isEmpty }
}
