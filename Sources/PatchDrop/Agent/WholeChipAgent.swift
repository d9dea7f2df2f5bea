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

  /// The answers to chips' HR samples; the probabilities are the softmax of the logits as they are,
  /// for no temperature is stored for this classifier.
  func answers(_ samples: [ArraySlice<UInt8>]) -> [Agent.Answer] {
    let images = form.batch(
      samples.map { ($0, .all(of: form.grid)) }, threadCount: network.threadCount)
    let logits = network.evaluate(images)
    return samples.indices.map { index in
      let row = logits.row(index)
      return Agent.Answer(
        probabilities: Calibration.softmax(row).map { Float($0) },
        classIndex: Calibration.bestIndex(row))
    }
  }
}

extension ModelBundle {
  /// The stand-alone HR classifier.
  func wholeChipAgent() -> WholeChipAgent { WholeChipAgent(card: card, network: hrClassifier) }
}
