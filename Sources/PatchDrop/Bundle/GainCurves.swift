// SPDX-License-Identifier: Apache-2.0

/// What buying k patches of a chip is worth, measured on `tune`, by how sure the LR classifier is.
///
/// A chip's gain of k patches is the mean probability of the truth after its k favourite patches
/// were bought, less that with nothing bought, over the chips of its bin.
public struct GainCurves: Sendable, Equatable, Codable {
  /// The upper ends of all bins but the last, of the LR classifier's margin between its two best
  /// classes, ascending.
  public var marginEdges: [Double]
  /// For each bin the gain of k = 0 to P patches, `[bins][P + 1]`, never falling.
  public var gains: [[Double]]

  /// Creates curves.
  public init(marginEdges: [Double], gains: [[Double]]) {
    self.marginEdges = marginEdges
    self.gains = gains
  }

  /// What does not make sense, or nil.
  func problem(patchCount: Int) -> String? {
    guard gains.count == marginEdges.count + 1 else {
      return "are \(gains.count) for \(marginEdges.count) edges between bins"
    }
    guard marginEdges == marginEdges.sorted(), marginEdges.allSatisfy(\.isFinite) else {
      return "have edges that do not ascend"
    }
    guard gains.allSatisfy({ $0.count == patchCount + 1 && $0.allSatisfy(\.isFinite) }) else {
      return "are not finite numbers for 0 to \(patchCount) patches"
    }
    return nil
  }

  private enum CodingKeys: String, CodingKey {
    case marginEdges = "margin_edges"
    case gains
  }
}
