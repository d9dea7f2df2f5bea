// SPDX-License-Identifier: Apache-2.0

public import Acquisition
import Foundation
import Platform

/// The comparison systems that look at no chip: which patches they buy follows from S alone.
public enum ComparisonSystem: String, Sendable, Codable, CaseIterable {
  /// Middle rows first.
  case fixedH = "fixed_h"
  /// Middle columns first.
  case fixedV = "fixed_v"
  /// Patches near the middle more often.
  case stochastic

  /// How fast Stochastic's probabilities fall with the distance from the chip's middle, in patch
  /// sides; the paper does not say.
  static let stochasticDistance = 2.0

  /// A mask whose mean number of patches over many draws is S.
  ///
  /// The fixed systems buy the whole patches of S, and one more with the probability of the rest.
  ///
  /// - Parameter patches: S, from 0 to P.
  public func mask(
    patches: Double, of grid: PatchGrid, using generator: inout some RandomNumberGenerator
  ) -> PatchMask {
    func draw() -> Double { Double(generator.next() >> 11) * 0x1p-53 }
    switch self {
    case .fixedH, .fixedV:
      let order: FixedOrder = self == .fixedH ? .horizontal : .vertical
      let whole = Int(patches)
      return order.mask(count: whole + (draw() < patches - Double(whole) ? 1 : 0), of: grid)
    case .stochastic:
      let probabilities = Self.stochasticProbabilities(patches: patches, of: grid)
      return PatchMask(probabilities.indices.filter { draw() < probabilities[$0] })
    }
  }

  /// The masks of some chips that buy `total` patches altogether: each patch of as many of them,
  /// drawn with a fixed seed, as its probability says.
  ///
  /// So S is met as exactly as whole patches can, which chance would not do.
  public func masks(count: Int, total: Int, of grid: PatchGrid) -> [PatchMask] {
    precondition((0...count * grid.patchCount).contains(total), "0 to P patches a chip")
    var masks = [PatchMask](repeating: .none, count: count)
    guard total > 0 else { return masks }
    var generator = SeededGenerator(seed: 0)
    let mean = Double(total) / Double(count)
    var (sum, given) = (0.0, 0)
    for (patch, probability) in probabilities(patches: mean, of: grid).enumerated() {
      // What rounding took from one patch goes to the next.
      sum += probability * Double(count)
      let share = min(max(Int(sum.rounded()) - given, 0), count)
      given += share
      for place in masks.indices.shuffled(using: &generator).prefix(share) {
        masks[place].insert(patch)
      }
    }
    return masks
  }

  /// The probability of each patch of being bought, `[P]`; they sum to S.
  ///
  /// - Parameter patches: S, from 0 to P.
  public func probabilities(patches: Double, of grid: PatchGrid) -> [Double] {
    let order: FixedOrder
    switch self {
    case .fixedH: order = .horizontal
    case .fixedV: order = .vertical
    case .stochastic: return Self.stochasticProbabilities(patches: patches, of: grid)
    }
    var probabilities = [Double](repeating: 0, count: grid.patchCount)
    for (place, patch) in order.order(of: grid).enumerated() {
      probabilities[patch] = min(max(patches - Double(place), 0), 1)
    }
    return probabilities
  }

  /// The probability of each patch in Stochastic: exp(-d / tau) for the distance d of its middle
  /// from the chip's, scaled, and cut at 1, so that they sum to S, `[P]`.
  public static func stochasticProbabilities(patches: Double, of grid: PatchGrid) -> [Double] {
    let middle = Double(grid.side - 1) / 2
    let weights = (0..<grid.patchCount).map { patch in
      let (row, column) = (Double(grid.row(of: patch)), Double(grid.column(of: patch)))
      let distance = ((row - middle) * (row - middle) + (column - middle) * (column - middle))
        .squareRoot()
      return exp(-distance / stochasticDistance)
    }
    // The sum grows with the scale, so the scale is found by halving.
    func probabilities(_ scale: Double) -> [Double] { weights.map { min($0 * scale, 1) } }
    var (low, high) = (0.0, 1 / (weights.min() ?? 1))
    for _ in 0..<60 {
      let scale = (low + high) / 2
      if probabilities(scale).reduce(0, +) < patches { low = scale } else { high = scale }
    }
    return probabilities(high)
  }
}
