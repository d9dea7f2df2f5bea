// SPDX-License-Identifier: Apache-2.0

/// A rate as it is written in a price list: exact, never a binary floating-point number.
///
/// ```swift
/// let rate = DecimalRate("12.5")  // 125 / 10
/// ```
public struct DecimalRate: Hashable, Sendable, CustomStringConvertible {
  /// The digits without the point.
  let digits: Int64
  /// How many of them are decimals.
  let decimalCount: Int

  /// Reads digits with at most one decimal point: at most 12 of them, 6 of them decimals.
  ///
  /// Nil for anything else; signs, exponents and separators are refused.
  public init?(_ text: String) {
    let halves = text.split(separator: ".", omittingEmptySubsequences: false)
    let isPlain = halves.allSatisfy { half in
      !half.isEmpty && half.utf8.allSatisfy { (48...57).contains($0) }
    }
    let decimals = halves.count == 2 ? halves[1] : ""
    guard (1...2).contains(halves.count), isPlain, decimals.count <= 6,
      halves[0].count + decimals.count <= 12, let digits = Int64(halves[0] + decimals)
    else { return nil }
    self.digits = digits
    decimalCount = decimals.count
  }

  /// The rate as decimal text.
  public var description: String {
    guard decimalCount > 0 else { return "\(digits)" }
    let text = String(digits)
    let padded = String(repeating: "0", count: max(0, decimalCount + 1 - text.count)) + text
    return "\(padded.dropLast(decimalCount)).\(padded.suffix(decimalCount))"
  }

  /// The power of ten that the digits are divided by.
  var scale: Int128 { (0..<decimalCount).reduce(1) { power, _ in power * 10 } }
}

/// A quantity between two minor units: a fraction of two integers.
struct ExactAmount: Equatable {
  let numerator: Int128
  let denominator: Int128

  /// The nearest multiple of `step` by a rule; amounts are never negative.
  func rounded(_ rounding: PriceRounding) -> Int128 {
    let step = Int128(rounding.step)
    let unit = denominator * step
    let (whole, rest) = numerator.quotientAndRemainder(dividingBy: unit)
    let up: Bool =
      switch rounding.mode {
      case .up: rest > 0
      case .down: false
      case .halfUp: rest * 2 >= unit
      case .halfEven: rest * 2 > unit || (rest * 2 == unit && whole % 2 == 1)
      }
    return (up ? whole + 1 : whole) * step
  }
}

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
