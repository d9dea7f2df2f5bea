// SPDX-License-Identifier: Apache-2.0

/// Why an amount of money was refused.
public enum MoneyError: Error, Hashable, CustomStringConvertible {
  /// The code is not one of ISO 4217.
  case unknownCurrency(String)
  /// The text is not an amount; `reason` says what is wrong with it.
  case malformed(text: String, reason: String)
  /// Amounts of two currencies met.
  case mixedCurrencies(String, String)
  /// A result is beyond what an amount may be.
  case outOfRange(operation: String)

  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .unknownCurrency(let code):
      "\"\(code.prefix(20))\" is not a currency code of ISO 4217. Write three capital letters, "
        + "as in 12.50 EUR."
    case .malformed(let text, let reason):
      "\"\(text.prefix(40))\" is not an amount: \(reason). Write it as 12.50 EUR."
    case .mixedCurrencies(let first, let second):
      "amounts in \(first) and \(second) cannot be combined. Use one currency in a budget."
    case .outOfRange(let operation):
      "\(operation) goes beyond \(Money.largestMinorUnits) minor units, the largest amount. "
        + "Split the budget."
    }
  }
}
