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

  /// The most probable class of a chip's HR samples; the lowest index wins a tie.
  func classIndex(of samples: some Collection<UInt8>) -> Int {
    let image = form.tensor(samples, mask: .all(of: form.grid))
    return Calibration.bestIndex(network.evaluate(image).row(0))
  }
}

extension ModelBundle {
  /// The stand-alone HR classifier.
  func wholeChipAgent() -> WholeChipAgent { WholeChipAgent(card: card, network: hrClassifier) }
}
