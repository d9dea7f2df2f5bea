// SPDX-License-Identifier: Apache-2.0

/// A non-negative fraction in lowest terms, for amounts between two minor units.
///
/// What does not fit into 128 bits is nil: far beyond any amount of money there may be.
struct ExactAmount: Hashable, Comparable {
  static let zero = ExactAmount(0, over: 1)

  let numerator: Int128
  let denominator: Int128

  init(_ numerator: Int128, over denominator: Int128 = 1) {
    precondition(numerator >= 0 && denominator > 0, "amounts are not negative")
    let divisor = Self.commonDivisor(numerator, denominator)
    self.numerator = numerator / divisor
    self.denominator = denominator / divisor
  }

  func adding(_ other: ExactAmount) -> ExactAmount? {
    let divisor = Self.commonDivisor(denominator, other.denominator)
    guard
      let left = Self.product(numerator, other.denominator / divisor),
      let right = Self.product(other.numerator, denominator / divisor),
      let common = Self.product(denominator, other.denominator / divisor)
    else { return nil }
    let (sum, overflows) = left.addingReportingOverflow(right)
    return overflows ? nil : ExactAmount(sum, over: common)
  }

  func multiplied(by other: ExactAmount) -> ExactAmount? {
    // Crosswise first, so that the products stay as small as they can be.
    let one = Self.commonDivisor(numerator, other.denominator)
    let two = Self.commonDivisor(other.numerator, denominator)
    guard let above = Self.product(numerator / one, other.numerator / two),
      let below = Self.product(denominator / two, other.denominator / one)
    else { return nil }
    return ExactAmount(above, over: below)
  }

  /// One plus so many hundredths.
  static func onePlus(percent: ExactAmount) -> ExactAmount? {
    percent.multiplied(by: ExactAmount(1, over: 100))?.adding(ExactAmount(1))
  }

  /// The nearest multiple of the rule's step.
  func rounded(_ rounding: PriceRounding) -> Int128? {
    let step = Int128(rounding.step)
    guard let unit = Self.product(denominator, step) else { return nil }
    let (whole, rest) = numerator.quotientAndRemainder(dividingBy: unit)
    let up: Bool =
      switch rounding.mode {
      case .up: rest > 0
      case .down: false
      case .halfUp: rest >= unit - rest
      case .halfEven: rest > unit - rest || (rest == unit - rest && whole % 2 == 1)
      }
    return (up ? whole + 1 : whole) * step
  }

  /// Decimal text; exact, since the denominators of prices are products of tens.
  var decimalText: String {
    let (whole, rest) = numerator.quotientAndRemainder(dividingBy: denominator)
    var digits = ""
    var remainder = rest
    while remainder > 0, digits.utf8.count < 40, let tenfold = Self.product(remainder, 10) {
      let (digit, next) = tenfold.quotientAndRemainder(dividingBy: denominator)
      digits += "\(digit)"
      remainder = next
    }
    return digits.isEmpty ? "\(whole)" : "\(whole).\(digits)"
  }

  static func < (left: ExactAmount, right: ExactAmount) -> Bool {
    // By continued fractions: no product, so nothing can overflow.
    var (a, b, c, d) = (left.numerator, left.denominator, right.numerator, right.denominator)
    var isSwapped = false
    while true {
      let (one, restOne) = a.quotientAndRemainder(dividingBy: b)
      let (two, restTwo) = c.quotientAndRemainder(dividingBy: d)
      if one != two { return (one < two) != isSwapped }
      if restOne == 0 || restTwo == 0 {
        let isLess = restOne == 0 && restTwo > 0
        let isMore = restTwo == 0 && restOne > 0
        return isSwapped ? isMore : isLess
      }
      (a, b, c, d) = (b, restOne, d, restTwo)
      isSwapped.toggle()
    }
  }

  private static func product(_ left: Int128, _ right: Int128) -> Int128? {
    let (product, overflows) = left.multipliedReportingOverflow(by: right)
    return overflows ? nil : product
  }

  private static func commonDivisor(_ left: Int128, _ right: Int128) -> Int128 {
    var (a, b) = (left, right)
    while b != 0 { (a, b) = (b, a % b) }
    return max(a, 1)
  }
}
