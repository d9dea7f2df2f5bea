// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation

/// One surveyed chip, as the choice sees it.
struct ChipCandidate {
  let chip: ChipIndex
  let wanted: PatchMask
  let owned: PatchMask
  /// What can be bought: wanted, not owned, and not being bought by somebody else.
  let available: PatchMask
  /// The available patches, the policy's favourite first; the lower index wins a tie.
  let ranked: [Int]
  let answer: LowResolutionAnswer

  init(
    _ survey: ChipSurvey, in all: Survey, keepThreshold: Float, owned: PatchMask,
    claimed: PatchMask
  ) throws(PlanningError) {
    let keep = survey.keepProbabilities
    let logits = survey.lowResolutionLogits
    guard !logits.isEmpty else {
      throw .malformedSurvey(chip: survey.chip, reason: "it has no logits")
    }
    guard (keep + logits).allSatisfy(\.isFinite), all.lowResolutionTemperature > 0 else {
      throw .malformedSurvey(chip: survey.chip, reason: "a figure is not finite")
    }
    let wanted = PatchMask(keep.indices.filter { keep[$0] > keepThreshold })
    let available = wanted.subtracting(owned).subtracting(claimed)
    chip = survey.chip
    self.wanted = wanted
    self.owned = owned
    self.available = available
    ranked = available.patches.sorted { (-keep[$0], $0) < (-keep[$1], $1) }
    answer = LowResolutionAnswer(logits: logits, temperature: all.lowResolutionTemperature)
  }

  /// Where some of the chip's patches are on the lattice.
  func positions(_ mask: PatchMask, on grid: ChipGrid) -> [PatchPosition] {
    mask.patches.map { PatchPosition(chip: chip, patch: $0, in: grid.patchGrid) }
  }

  /// What the plan says of the chip, of which it buys some of the available patches.
  func planned(toBuy: PatchMask) -> PlannedChip {
    let missing = wanted.subtracting(owned)
    let reason: PlanReason =
      if wanted.isEmpty {
        .notWanted
      } else if missing.isEmpty {
        .owned
      } else if available.isEmpty {
        .claimed
      } else if toBuy.isEmpty {
        .overBudget
      } else {
        toBuy == available ? .bought : .boughtInPart
      }
    return PlannedChip(
      chip: chip, wanted: wanted, toBuy: toBuy, owned: owned,
      lowResolutionClass: answer.classIndex, lowResolutionProbability: answer.probability,
      lowResolutionMargin: answer.margin, reason: reason)
  }
}

/// What the LR classifier says of a chip, calibrated: softmax of the logits over a temperature
/// (Guo and others, 2017).
struct LowResolutionAnswer {
  /// The most probable class; the lowest index wins a tie.
  let classIndex: Int
  /// Its probability.
  let probability: Float
  /// Its probability less the next one's; 1 where there is one class.
  let margin: Float
  /// The margin before calibration, by which gains are measured.
  let plainMargin: Float

  init(logits: [Float], temperature: Float) {
    let best = logits.indices.reduce(0) { logits[$1] > logits[$0] ? $1 : $0 }
    func margin(over temperature: Float) -> (margin: Double, total: Double) {
      let weights = logits.map { exp(Double($0 - logits[best]) / Double(temperature)) }
      let total = weights.reduce(0, +)
      let next = weights.indices.filter { $0 != best }.map { weights[$0] }.max() ?? 0
      return ((1 - next) / total, total)
    }
    let calibrated = margin(over: temperature)
    classIndex = best
    probability = Float(1 / calibrated.total)
    self.margin = Float(calibrated.margin)
    plainMargin = Float(margin(over: 1).margin)
  }
}
