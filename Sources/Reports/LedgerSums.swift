// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Ledger

/// Sums of ledger entries, by what they did: all money of a report comes from here.
///
/// ```swift
/// let sums = try LedgerSums(of: entries.filter { $0.order == key }, currency: euro)
/// sums.spent      // captured and settled, less what was refunded
/// ```
public struct LedgerSums: Hashable, Sendable {
  /// Given to the budget, less what was taken back.
  public let granted: Money
  /// Held for orders, whatever became of it.
  public let held: Money
  /// Paid out of holds.
  public let captured: Money
  /// Given back from holds.
  public let released: Money
  /// Paid, and returned by the vendor.
  public let refunded: Money
  /// Paid and not returned: captured and settled, less refunded.
  public let spent: Money
  /// In dispute: overcharged, neither settled nor credited.
  public let disputed: Money

  /// Sums entries of one currency.
  ///
  /// - Throws: `MoneyError.mixedCurrencies`, `MoneyError.outOfRange`.
  public init(of entries: some Sequence<LedgerEntry>, currency: Currency) throws(MoneyError) {
    var sums: [LedgerOperation: Money] = [:]
    for entry in entries {
      let sum = sums[entry.operation] ?? .zero(currency)
      sums[entry.operation] = try sum.adding(entry.amount)
    }
    func sum(_ operation: LedgerOperation) -> Money { sums[operation] ?? .zero(currency) }
    granted = try sum(.grant).subtracting(sum(.reduce))
    held = sum(.hold)
    captured = sum(.capture)
    released = sum(.release)
    refunded = sum(.refund)
    spent = try sum(.capture).adding(sum(.settle)).subtracting(sum(.refund))
    disputed = try sum(.overcharge).subtracting(sum(.settle)).subtracting(sum(.credit))
  }
}
