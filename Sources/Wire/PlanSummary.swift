// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// A plan in figures: what would be bought, and for how much.
public struct PlanSummary: Hashable, Sendable, Codable {
  /// Numbers of patches.
  public struct Patches: Hashable, Sendable, Codable {
    /// To be bought.
    public let toBuy: Int
    /// Owned already, and used at no cost.
    public let owned: Int
    /// What the policy wants, owned ones among them.
    public let wanted: Int
    /// All of the surveyed chips.
    public let everything: Int

    /// Creates a count.
    public init(toBuy: Int, owned: Int, wanted: Int, everything: Int) {
      self.toBuy = toBuy
      self.owned = owned
      self.wanted = wanted
      self.everything = everything
    }
  }

  /// Numbers of chips.
  public struct Chips: Hashable, Sendable, Codable {
    /// That were surveyed.
    public let surveyed: Int
    /// Of which something is bought.
    public let buying: Int
    /// That the scene covers, but with too few valid pixels.
    public let tooFewValidPixels: Int
    /// That the scene does not cover.
    public let outsideScene: Int

    /// Creates a count.
    public init(surveyed: Int, buying: Int, tooFewValidPixels: Int, outsideScene: Int) {
      self.surveyed = surveyed
      self.buying = buying
      self.tooFewValidPixels = tooFewValidPixels
      self.outsideScene = outsideScene
    }
  }

  /// The SHA-256 of the plan, hexadecimal: what an approval is given to.
  public let sha256: String
  /// The price of all orders.
  public let price: Money
  /// What all that the policy wants and nobody owns would cost.
  public let priceOfWanted: Money
  /// What all patches that nobody owns would cost.
  public let priceOfEverything: Money
  /// The number of orders.
  public let orderCount: Int
  /// The number of rectangles in them.
  public let itemCount: Int
  /// The area of the patches to buy, in square metres.
  public let neededAreaM2: Double
  /// The area that the vendor bills for them, in square metres; nil where it bills no area.
  public let billedAreaM2: Double?
  /// The patches.
  public let patches: Patches
  /// The chips.
  public let chips: Chips
  /// The expected accuracy of answers from the LR scene alone; nil without chips.
  public let estimatedLowResolutionAccuracy: Double?
  /// The expected accuracy after the purchase, by the model's own gain curves; nil without chips.
  public let estimatedAccuracy: Double?
  /// How the scene was read; nil for a plan from before that was kept.
  public let reading: SceneReading?

  /// Creates a summary.
  public init(
    sha256: String, price: Money, priceOfWanted: Money, priceOfEverything: Money, orderCount: Int,
    itemCount: Int, neededAreaM2: Double, billedAreaM2: Double?, patches: Patches, chips: Chips,
    estimatedLowResolutionAccuracy: Double?, estimatedAccuracy: Double?,
    reading: SceneReading? = nil
  ) {
    self.sha256 = sha256
    self.price = price
    self.priceOfWanted = priceOfWanted
    self.priceOfEverything = priceOfEverything
    self.orderCount = orderCount
    self.itemCount = itemCount
    self.neededAreaM2 = neededAreaM2
    self.billedAreaM2 = billedAreaM2
    self.patches = patches
    self.chips = chips
    self.estimatedLowResolutionAccuracy = estimatedLowResolutionAccuracy
    self.estimatedAccuracy = estimatedAccuracy
    self.reading = reading
  }
}
