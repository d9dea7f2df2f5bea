// SPDX-License-Identifier: Apache-2.0

extension Money {
  /// This amount in parts that are as the weights are, whole minor units, and sum up to it exactly.
  ///
  /// The parts up to each one are rounded towards zero, so that rounding never piles up. Where all
  /// weights are zero the last part is all.
  ///
  /// ```swift
  /// try Money(parsing: "6.50 EUR").parts(byWeights: [1, 1, 1])  // 2.16, 2.17, 2.17
  /// ```
  ///
  /// - Parameter weights: areas or counts, none below zero.
  public func parts(byWeights weights: [Int64]) -> [Money] {
    precondition(weights.allSatisfy { $0 >= 0 }, "a weight is not below zero")
    let total = weights.reduce(Int128(0)) { $0 + Int128($1) }
    var (weightSoFar, paidSoFar) = (Int128(0), Int64(0))
    return weights.enumerated().map { index, weight in
      weightSoFar += Int128(weight)
      let due =
        total > 0
        ? Int64(Int128(minorUnits) * weightSoFar / total)
        : index == weights.count - 1 ? minorUnits : 0
      defer { paidSoFar = due }
      return Money(part: due - paidSoFar, of: self)
    }
  }
}
