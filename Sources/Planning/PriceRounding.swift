// SPDX-License-Identifier: Apache-2.0

/// How a charge becomes whole minor units.
public struct PriceRounding: Hashable, Sendable {
  /// The direction.
  public enum Mode: String, Hashable, Sendable, CaseIterable {
    /// To the next larger multiple.
    case up
    /// To the nearest multiple, halves to the even one.
    case halfEven = "half_even"
    /// To the nearest multiple, halves to the larger one.
    case halfUp = "half_up"
    /// To the next smaller multiple.
    case down
  }

  /// The direction.
  public let mode: Mode
  /// The multiple, in minor units; 100 is a whole euro.
  public let step: Int64

  /// Creates a rule; `step` is at least 1.
  public init(mode: Mode, step: Int64) {
    precondition(step >= 1, "rounding needs a step")
    self.mode = mode
    self.step = step
  }

  /// Up to whole minor units, what a price list means when it says nothing.
  public static let standard = PriceRounding(mode: .up, step: 1)
}
