// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// Why a chip gets the patches that it gets.
public enum PlanReason: String, Hashable, Sendable, Codable, CaseIterable {
  /// The policy wants no patch of it.
  case notWanted = "not_wanted"
  /// All that the policy wants is owned already.
  case owned
  /// All that the policy wants and nobody owns is bought.
  case bought
  /// The budget allows a part of what the policy wants.
  case boughtInPart = "bought_in_part"
  /// The budget does not reach this chip.
  case overBudget = "over_budget"
  /// What the policy wants is being bought by another job.
  case claimed
}

/// What is planned for one chip.
public struct PlannedChip: Hashable, Sendable, Codable {
  /// The chip.
  public let chip: ChipIndex
  /// The patches whose keep probability is above the threshold.
  public let wanted: PatchMask
  /// The patches to buy, among the wanted ones.
  public let toBuy: PatchMask
  /// The patches that are owned already; they are used, wanted or not, since they cost nothing.
  public let owned: PatchMask
  /// The LR classifier's class; the lowest index wins a tie.
  public let lowResolutionClass: Int
  /// The calibrated probability of that class.
  public let lowResolutionProbability: Float
  /// The calibrated probability of that class less that of the next one: how sure LR is.
  public let lowResolutionMargin: Float
  /// Why.
  public let reason: PlanReason

  /// The patches that the chip's answer will see.
  public var mask: PatchMask { toBuy.union(owned) }
}

/// A chip of the job that cannot be planned.
public struct UnplannedChip: Hashable, Sendable, Codable {
  /// The chip.
  public let chip: ChipIndex
  /// Why: too few valid pixels, or outside the scene.
  public let state: ChipState
}

/// An order with the price that the price list gives it.
public struct PlannedOrder: Hashable, Sendable, Codable {
  /// What to order.
  public let draft: OrderDraft
  /// Its price, fees included.
  public let price: Money
  /// How the price comes about, with the area that is billed.
  public let breakdown: PriceBreakdown
  /// The area that is wanted, in square millimetres.
  public let neededSquareMillimetres: Int64

  init(_ draft: OrderDraft, _ breakdown: PriceBreakdown) {
    self.draft = draft
    price = breakdown.total
    self.breakdown = breakdown
    neededSquareMillimetres = draft.areaSquareMillimetres
  }
}

/// What a job buys, why, and for how much.
///
/// The same survey, prices, budget and owned patches give the same plan, to the byte.
public struct Plan: Hashable, Sendable, Codable {
  /// What is bought.
  public let product: ProductID
  /// The chips' geometry.
  public let grid: ChipGrid
  /// The class names.
  public let classes: [String]
  /// The SHA-256 of the scene, hexadecimal.
  public let sceneDigest: String
  /// The SHA-256 of the model bundle, hexadecimal.
  public let modelDigest: String
  /// The keep probability above which the policy wants a patch.
  public let keepThreshold: Float
  /// What might be spent.
  public let budget: Money
  /// The surveyed chips, by row and column.
  public let chips: [PlannedChip]
  /// The chips that could not be surveyed, by row and column.
  public let unplanned: [UnplannedChip]
  /// The orders; no patch is in two of them.
  public let orders: [PlannedOrder]
  /// The price of all orders, at most the budget.
  public let price: Money
  /// The area of all patches to buy, in square millimetres.
  public let neededSquareMillimetres: Int64
  /// The area that the vendor bills for them, in square millimetres; nil where the vendor counts
  /// something else.
  public let billedSquareMillimetres: Int64?
  /// What all wanted patches that nobody owns would cost: the plan without a budget.
  public let priceOfWanted: Money
  /// What all patches of the surveyed chips that nobody owns would cost.
  public let priceOfEverything: Money
  /// The patches: bought, owned, wanted, and of all surveyed chips.
  public let counts: Counts
  /// The mean calibrated probability of the LR classifier's own answers: an estimate of the
  /// accuracy before anything is bought, as good as the calibration; nil without chips.
  public let estimatedLowResolutionAccuracy: Double?
  /// The same with what is bought and owned, by the gains that were measured with the model; nil
  /// without chips or gains.
  public let estimatedAccuracy: Double?
  /// How the survey saw the scene; nil for a plan from before that was kept.
  public let reading: SceneReading?

  /// Numbers of patches.
  public struct Counts: Hashable, Sendable, Codable {
    /// To be bought.
    public let toBuy: Int
    /// Owned already.
    public let owned: Int
    /// Above the threshold, owned ones among them.
    public let wanted: Int
    /// Of all surveyed chips.
    public let everything: Int
  }
}
