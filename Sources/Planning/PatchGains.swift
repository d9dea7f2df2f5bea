// SPDX-License-Identifier: Apache-2.0

/// What buying k patches of a chip is worth, as measured when the model was made: by how sure the LR
/// classifier is, the mean rise of the probability of the right class.
///
/// How sure it is: the margin between its two best classes, before calibration.
public struct PatchGains: Hashable, Sendable {
  /// The upper ends of all bins but the last, of the margin, ascending.
  public let marginEdges: [Double]
  /// For each bin the gain of k = 0 to P patches, the policy's favourites first, never falling.
  public let gains: [[Double]]

  /// Creates curves; there is one more than there are edges.
  public init(marginEdges: [Double], gains: [[Double]]) {
    precondition(
      gains.count == marginEdges.count + 1 && gains.allSatisfy { !$0.isEmpty },
      "there is a curve for each bin")
    self.marginEdges = marginEdges
    self.gains = gains
  }

  /// The gain of k patches of a chip with a margin.
  public func gain(margin: Float, patchCount: Int) -> Double {
    let bin = marginEdges.firstIndex { Double(margin) <= $0 } ?? marginEdges.count
    return gains[bin][min(patchCount, gains[bin].count - 1)]
  }
}
