// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// Why there is no price, or no plan.
public enum PlanningError: Error, Hashable, CustomStringConvertible {
  /// A price list is not right; `place` is file and line.
  case priceList(place: String, what: String, remedy: String)
  /// The price list does not have the product.
  case unknownProduct(vendor: String, product: String, known: [String])
  /// A price is beyond what an amount may be.
  case priceTooLarge(quantity: String)
  /// A price rule counts something that is not known of the order.
  case unknownQuantity(String)
  /// The order is narrower than the vendor sells.
  case narrowOrder(widthMillimetres: Int64, minimumMillimetres: Int64)
  /// The packs that were bought ahead do not cover the order, and the contract allows no more.
  case packsExhausted(missingSquareMillimetres: Int64)
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
    case .priceTooLarge(let quantity):
      "the price of \(quantity) goes beyond the largest amount. "
        + "Split the region into several jobs."
    case .unknownQuantity(let name):
      "the price rule counts \(name), which is not known here. Correct the product's rule in the "
        + "price list, or use a vendor that says it."
    case .narrowOrder(let width, let minimum):
      "an order of \(Self.metres(width)) m is narrower than the \(Self.metres(minimum)) m that the "
        + "vendor sells at least. Choose a larger region, a lower keep threshold or another vendor."
    case .packsExhausted(let area):
      "the packs that were bought ahead lack \(Self.squareMetres(area)) m2, and the contract allows "
        + "no more than they hold. Buy another pack, or set when_pack_empty: list."
    case .wrongCurrency(let budget, let prices):
      "the budget is in \(budget) and the vendor's prices are in \(prices). "
        + "Use a budget in \(prices)."
    case .malformedSurvey(let chip, let reason):
      "the survey of chip \(chip) cannot be planned: \(reason). Run the job again, and check the "
        + "model bundle if it stays so."
    }
  }

  private static func metres(_ millimetres: Int64) -> String {
    millimetres % 1000 == 0 ? "\(millimetres / 1000)" : "\(Double(millimetres) / 1000)"
  }

  private static func squareMetres(_ area: Int64) -> String {
    "\(area / 1_000_000 + (area % 1_000_000 == 0 ? 0 : 1))"
  }
}
