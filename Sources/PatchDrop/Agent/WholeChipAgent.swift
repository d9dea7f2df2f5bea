// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Neural

/// The stand-alone HR classifier on whole chips: what buying everything would give.
struct WholeChipAgent: Sendable {
  private let network: Network
  private let form: ChipTensor

  init(card: ModelCard, network: Network) {
    self.network = network
    form = ChipTensor(
      bandCount: card.design.bands.count, side: card.design.chipPixels,
      grid: card.design.patchGrid, normalisation: card.normalisation)
  }

  /// The most probable class of each chip's HR samples; the lowest index wins a tie.
  func classIndices(of samples: [ArraySlice<UInt8>]) -> [Int] {
    let images = form.batch(
      samples.map { ($0, .all(of: form.grid)) }, threadCount: network.threadCount)
    let logits = network.evaluate(images)
    return samples.indices.map { Calibration.bestIndex(logits.row($0)) }
  }
}

extension ModelBundle {
  /// The stand-alone HR classifier.
  func wholeChipAgent() -> WholeChipAgent { WholeChipAgent(card: card, network: hrClassifier) }
}
