// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// What a vendor asks for an order, as data: the same arithmetic in the planner, in the check of a
/// quote and in our own vendor.
///
/// An order is priced as a set, since fees and minimum charges belong to the order: rate times
/// area, at least the minimum charge, rounded, plus the fee. All of it is exact.
///
/// ```swift
/// let rule = try priceList.rule(for: product)
/// let price = try rule.price(of: draft)
/// ```
public struct PriceRule: Hashable, Sendable {
  /// What is counted, and what one of it costs in minor units.
  public enum Basis: Hashable, Sendable {
    /// The area of the union of the order's items.
    case squareKilometre(rate: DecimalRate)
  }

  /// The currency of all amounts.
  public let currency: Currency
  /// What is counted.
  public let basis: Basis
  /// The least that an order costs before fees.
  public let minimumCharge: Money
  /// What each order costs on top.
  public let feePerOrder: Money
  /// How a charge becomes whole minor units, before the fee.
  public let rounding: PriceRounding

  /// Creates a rule; amounts that are left out are nothing.
  public init(
    currency: Currency, basis: Basis, minimumCharge: Money? = nil, feePerOrder: Money? = nil,
    rounding: PriceRounding = .standard
  ) {
    let zero = Money.zero(currency)
    for amount in [minimumCharge ?? zero, feePerOrder ?? zero] {
      precondition(
        amount.currency == currency && amount.minorUnits >= 0,
        "charges are in the rule's currency, and not negative")
    }
    self.currency = currency
    self.basis = basis
    self.minimumCharge = minimumCharge ?? zero
    self.feePerOrder = feePerOrder ?? zero
    self.rounding = rounding
  }

  /// The price of one order.
  ///
  /// - Throws: `PlanningError.priceTooLarge`.
  public func price(of draft: OrderDraft) throws(PlanningError) -> Money {
    try price(ofSquareMillimetres: draft.areaSquareMillimetres)
  }

  /// The price of an order of so much ground; nothing costs nothing, since there is no order then.
  ///
  /// - Throws: `PlanningError.priceTooLarge`.
  public func price(ofSquareMillimetres area: Int64) throws(PlanningError) -> Money {
    precondition(area >= 0, "an area is not negative")
    guard area > 0 else { return .zero(currency) }
    let base = amount(area)
    let least = Int128(minimumCharge.minorUnits)
    let charge =
      base.numerator < least * base.denominator
      ? ExactAmount(numerator: least, denominator: 1) : base
    let total = charge.rounded(rounding) + Int128(feePerOrder.minorUnits)
    // Money refuses for one reason only, which the error below names.
    guard let minorUnits = Int64(exactly: total),
      let price = try? Money(minorUnits: minorUnits, currency: currency)
    else { throw .priceTooLarge(areaSquareMillimetres: area) }
    return price
  }

  /// Rate times quantity, not rounded.
  private func amount(_ areaSquareMillimetres: Int64) -> ExactAmount {
    switch basis {
    case .squareKilometre(let rate):
      // Under 2^63 square millimetres times under 10^12: 10^31, and Int128 holds 10^38.
      ExactAmount(
        numerator: Int128(areaSquareMillimetres) * Int128(rate.digits),
        denominator: rate.scale * 1_000_000_000_000)
    }
  }
}
