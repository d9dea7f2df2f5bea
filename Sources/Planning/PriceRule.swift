// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// What a vendor asks for an order, as data: the same arithmetic in the planner, in the check of a
/// quote and in our own vendor.
///
/// An order is priced as a set, since fees, minimum charges and boxes belong to the order. The steps
/// are in ``price(of:in:)``; all of them are exact.
///
/// ```swift
/// var rule = PriceRule(currency: euro, per: .squareKilometre, rate: DecimalRate("850") ?? .zero)
/// rule.minimumChargeMinorUnits = 500
/// let price = try rule.price(of: draft)
/// ```
public struct PriceRule: Hashable, Sendable {
  /// What is counted.
  public enum Unit: String, Hashable, Sendable, CaseIterable {
    /// A square kilometre of the billed area.
    case squareKilometre = "km2"
    /// A patch that is not owned yet.
    case patch
    /// A request.
    case request
    /// A scene that is touched.
    case scene
    /// 10^9 bytes that are transferred.
    case gigabyte
  }

  /// Which area is billed.
  public enum AreaBasis: String, Hashable, Sendable, CaseIterable {
    /// The union of the items.
    case polygon
    /// The box around all items.
    case boundingBox = "bbox"
    /// The part of the union that is not owned yet.
    case newArea = "new_area"
    /// The whole scene.
    case footprint
  }

  /// A rate from a quantity on.
  public struct Tier: Hashable, Sendable {
    /// Where it begins: square millimetres, bytes or a count, as the unit says.
    public let from: Int64
    /// Minor units for each unit.
    public let rate: DecimalRate

    /// Creates a tier.
    public init(from: Int64, rate: DecimalRate) {
      self.from = from
      self.rate = rate
    }
  }

  /// What decides on the tier.
  public enum TierMode: String, Hashable, Sendable, CaseIterable {
    /// Each slice of the order has its tier's rate.
    case bySlice = "by_slice"
    /// The whole order has the rate that its size reaches.
    case byOrderSize = "by_order_size"
    /// The whole order has the rate that the use before it has reached, within a window of days.
    case byPastUse = "by_past_use"
  }

  /// What happens to an order that is narrower than is sold.
  public enum NarrowOrder: String, Hashable, Sendable, CaseIterable {
    /// The box around it is widened, and billed.
    case pad
    /// It is not sold.
    case refuse
  }

  /// Billed areas are whole numbers of a step.
  public struct AreaStep: Hashable, Sendable {
    /// The direction.
    public enum Direction: String, Hashable, Sendable, CaseIterable {
      /// To the next larger step.
      case up
      /// To the nearest, halves to the larger one.
      case nearest
      /// To the next smaller step.
      case down
    }

    /// The step.
    public let squareMillimetres: Int64
    /// The direction.
    public let direction: Direction

    /// Creates a step of at least one square millimetre.
    public init(squareMillimetres: Int64, direction: Direction = .up) {
      precondition(squareMillimetres >= 1, "a step is an area")
      self.squareMillimetres = squareMillimetres
      self.direction = direction
    }
  }

  /// Something on top of the base.
  public struct Loading: Hashable, Sendable {
    /// How much.
    public enum Amount: Hashable, Sendable {
      /// Hundredths of the base.
      case percent(DecimalRate)
      /// Minor units.
      case flat(Int64)
    }

    /// What it is for.
    public let name: String
    /// How much.
    public let amount: Amount

    /// Creates a loading.
    public init(name: String, amount: Amount) {
      self.name = name
      self.amount = amount
    }
  }

  /// What packs that were bought ahead have to do with the price.
  public struct Packs: Hashable, Sendable {
    /// Whether an order that they do not cover is refused.
    public var refusesWhenEmpty = false
    /// What the rest costs on top, in percent of the base.
    public var overagePercent = DecimalRate.zero

    /// The rest at the list price.
    public init() {}
  }

  /// The currency of all amounts.
  public let currency: Currency
  /// What is counted.
  public let unit: Unit
  /// The rates, ascending; the first begins at 0.
  public let tiers: [Tier]
  /// What decides on the tier.
  public let tierMode: TierMode
  /// The days over which use counts for ``TierMode/byPastUse``.
  public var windowDays = 365
  /// Which area is billed.
  public var areaBasis = AreaBasis.polygon
  /// The area of a whole scene, in square millimetres, where the price list says it.
  public var sceneSquareMillimetres: Int64?
  /// The least area that an order is billed for, in square millimetres.
  public var minimumSquareMillimetres: Int64 = 0
  /// The least side of the box around an order, in millimetres.
  public var minimumWidthMillimetres: Int64 = 0
  /// What happens to an order that is narrower.
  public var narrowOrder = NarrowOrder.pad
  /// The step of the billed area.
  public var areaStep: AreaStep?
  /// The least that an order costs before fees; not asked for what packs cover.
  public var minimumChargeMinorUnits: Int64 = 0
  /// What each order costs on top.
  public var feePerOrderMinorUnits: Int64 = 0
  /// What each request costs on top.
  public var feePerRequestMinorUnits: Int64 = 0
  /// What comes on top of the base.
  public var loadings: [Loading] = []
  /// How a charge becomes whole minor units, before fees.
  public var rounding = PriceRounding.standard
  /// What packs have to do with the price; nil where none are taken.
  public var packs: Packs?
  /// Under which terms the product is sold.
  public var licence: Licence?

  /// Creates a rule with one rate.
  public init(currency: Currency, per unit: Unit, rate: DecimalRate) {
    self.init(
      currency: currency, per: unit, tiers: [Tier(from: 0, rate: rate)], mode: .bySlice)
  }

  /// Creates a rule with tiers that ascend from 0.
  public init(currency: Currency, per unit: Unit, tiers: [Tier], mode: TierMode) {
    precondition(
      tiers.first?.from == 0 && zip(tiers, tiers.dropFirst()).allSatisfy { $0.from < $1.from },
      "tiers ascend from 0")
    self.currency = currency
    self.unit = unit
    self.tiers = tiers
    tierMode = mode
  }

  /// Whether one order is never dearer than the same ground in two, so that there is no need to look
  /// for a better division.
  var favoursLargeOrders: Bool {
    let isFalling = zip(tiers, tiers.dropFirst()).allSatisfy {
      $0.rate.amount >= $1.rate.amount
    }
    let dependsOnBox =
      unit == .squareKilometre && (areaBasis == .boundingBox || minimumWidthMillimetres > 0)
    return isFalling && !dependsOnBox
  }

  /// The same rule without packs: what a list price is.
  var withoutPacks: PriceRule {
    var rule = self
    rule.packs = nil
    return rule
  }
}
