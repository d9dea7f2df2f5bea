// SPDX-License-Identifier: Apache-2.0

/// A rate or a percentage as it is written in a price list: exact, never a binary floating-point
/// number.
///
/// ```swift
/// let rate = DecimalRate("12.5")  // 125 / 10
/// ```
public struct DecimalRate: Hashable, Sendable, CustomStringConvertible {
  /// The digits without the point.
  let digits: Int64
  /// How many of them are decimals.
  let decimalCount: Int

  /// Nothing.
  public static let zero = DecimalRate(digits: 0, decimalCount: 0)

  private init(digits: Int64, decimalCount: Int) {
    self.digits = digits
    self.decimalCount = decimalCount
  }

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

  /// The rate as a fraction.
  var amount: ExactAmount {
    ExactAmount(Int128(digits), over: (0..<decimalCount).reduce(1) { power, _ in power * 10 })
  }
}
