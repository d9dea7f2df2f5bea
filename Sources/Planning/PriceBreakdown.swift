// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// How the price of an order comes about.
public struct PriceBreakdown: Hashable, Sendable, Codable {
  /// The area that is billed, in square millimetres; nil where something else is counted.
  public let billedSquareMillimetres: Int64?
  /// The rate times the quantity, overage included, in minor units: exact decimal text, `53.125`.
  public let base: String
  /// What the base comes to after loadings, minimum charge and rounding.
  public let charge: Money
  /// The fees of the order and of its requests.
  public let fees: Money
  /// What is paid: charge and fees.
  public let total: Money
  /// False where everything is owned already: there is nothing to order.
  public let placesOrder: Bool
  /// What packs paid, in the order of their use.
  public let fromPacks: [PricePack.Use]
  /// What was left in packs that have expired.
  public let writtenOff: [PricePack.Use]
  /// The packs afterwards, in the order in which they were given.
  public let packsAfter: [PricePack]
}

/// What a price depends on beside the order itself.
public struct PriceCircumstances: Hashable, Sendable {
  /// The area that was billed in the rule's window before, in square millimetres.
  public var usedSquareMillimetres: Int64 = 0
  /// The packs that were bought ahead.
  public var packs: [PricePack] = []
  /// The day of the order, by which packs expire; nil when there are none.
  public var day: CalendarDay?

  /// No use before, and no packs.
  public init() {}

  /// After an order: later ones find less in the packs, and more use before.
  func after(_ order: PriceBreakdown) -> PriceCircumstances {
    var next = self
    next.packs = order.packsAfter
    next.usedSquareMillimetres += order.billedSquareMillimetres ?? 0
    return next
  }
}
