// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// How a policy can fail to be one: its masks say nothing of the chip.
public enum PolicyCollapse: String, Sendable, Codable {
  /// Nearly every chip is bought whole.
  case everything
  /// Nearly no chip has a patch bought.
  case nothing
  /// Nearly all chips get the same mask.
  case oneMask = "one_mask"

  /// The share of chips that makes a collapse.
  static let share = 0.99

  /// What is wrong with the masks of some chips; nil where nothing is.
  public static func of(_ masks: [PatchMask], grid: PatchGrid) -> PolicyCollapse? {
    guard !masks.isEmpty else { return nil }
    var counts: [PatchMask: Int] = [:]
    for mask in masks { counts[mask, default: 0] += 1 }
    guard let (mask, count) = counts.max(by: { $0.value < $1.value }),
      Double(count) >= share * Double(masks.count)
    else { return nil }
    if mask == .all(of: grid) { return .everything }
    return mask.isEmpty ? .nothing : .oneMask
  }

  /// What happened, and what helps; a sentence or two.
  public var words: String {
    switch self {
    case .everything:
      "the policy buys all of nearly every chip: lower the penalty, or train the HR classifier on "
        + "random masks first"
    case .nothing:
      "the policy buys nothing of nearly every chip: raise the penalty, or lower the price of a "
        + "patch"
    case .oneMask:
      "the policy buys the same patches of nearly every chip: take larger batches, several masks "
        + "a chip, or a warm start"
    }
  }
}
