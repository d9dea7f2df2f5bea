// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// Why there is no price, or no plan.
public enum PlanningError: Error, Hashable, CustomStringConvertible {
  /// A price list is not right; `place` is file and line.
  case priceList(place: String, what: String, remedy: String)
  /// The price list does not have the product.
  case unknownProduct(vendor: String, product: String, known: [String])
  /// A price is beyond what an amount may be.
  case priceTooLarge(areaSquareMillimetres: Int64)
  /// The budget is in another currency than the prices.
  case wrongCurrency(budget: Currency, prices: Currency)
  /// What the agent said of a chip is not of the shape it must have.
  case malformedSurvey(chip: ChipIndex, reason: String)

  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .priceList(let place, let what, let remedy):
      "\(place): \(what). \(remedy)"
    case .unknownProduct(let vendor, let product, let known):
      "\(vendor) has no product \"\(product.prefix(64))\" in its price list. "
        + "Use one of: \(known.joined(separator: ", "))."
    case .priceTooLarge(let area):
      "the price of \(area / 1_000_000_000_000) km2 goes beyond the largest amount. "
        + "Split the region into several jobs."
    case .wrongCurrency(let budget, let prices):
      "the budget is in \(budget) and the vendor's prices are in \(prices). "
        + "Use a budget in \(prices)."
    case .malformedSurvey(let chip, let reason):
      "the survey of chip \(chip) cannot be planned: \(reason). Run the job again, and check the "
        + "model bundle if it stays so."
    }
  }
}
