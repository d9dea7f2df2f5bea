// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Neural
import Platform

/// Teaches the HR classifier to see through holes, before a policy makes any: chips under random
/// masks, some whole, with the frozen LR classifier's logits added.
///
/// The last epoch is kept.
struct WarmingStage: EpochTraining {
  let data: TrainingChips
  let options: WarmingOptions
  let fusion: Fusion
  /// Frozen.
  let lowNetwork: Network
  private(set) var network: Network
  private var optimiser: Adam

  init(
    data: TrainingChips, options: WarmingOptions, fusion: Fusion, network: Network,
    lowNetwork: Network
  ) {
    self.data = data
    self.options = options
    self.fusion = fusion
    self.lowNetwork = lowNetwork
    self.network = network
    optimiser = Adam(learningRate: options.learningRate)
  }

  var epochs: Int { options.epochs }
  var batchSize: Int { options.batchSize }

  mutating func step(
    _ images: [Int], at place: StepPlace, meter: inout EpochMeter,
    using generator: inout SeededGenerator
  ) throws {
    let classifier = MaskedClassifier(data: data, fusion: fusion)
    let schedule = LearningRateSchedule.cosine(from: options.learningRate, steps: place.total)
    optimiser.learningRate = schedule.rate(atStep: place.index)
    let chips = maskedChips(images, using: &generator)
    let labels = data.labels(images)
    network.zeroGradients()
    let logits = classifier.logits(chips) { network.forward($0, mode: .train) }
    guard
      let (loss, gradient) = classifier.crossEntropy(chips, logits: logits, labels: labels)
    else { return }
    guard loss.isFinite else {
      throw ModelError.diverged(stage: TrainingStage.warm.rawValue, epoch: place.epoch + 1)
    }
    network.backward(gradient)
    let norm = network.clipGradients(toNorm: 5)
    optimiser.step(&network)
    meter.add(loss: loss, gradientNorm: norm)
    meter.add(answers: logits.map { Calibration.bestIndex($0) }, truth: labels)
  }

  /// The share of right answers with all patches.
  func judge() -> (figures: TuneFigures, score: Double?) {
    let tune = SplitView(data: data, split: .tune, lowNetwork: lowNetwork)
    let all = [PatchMask](repeating: .all(of: data.grid), count: tune.indices.count)
    let outcome = tune.outcome(masks: all, network: network, fusion: fusion)
    return (TuneFigures(accuracy: outcome.accuracy), nil)
  }

  func state() -> StageState {
    var state = StageState()
    state.keep(network, optimiser, as: "network")
    return state
  }

  mutating func load(_ state: StageState) throws {
    try state.restore(&network, &optimiser, from: "network")
  }

  private func maskedChips(
    _ step: [Int], using generator: inout SeededGenerator
  ) -> MaskedChips {
    let turned = generator.turns(step.count)
    let low = lowNetwork.evaluate(data.lowBatch(step, turned: turned))
    var chips = MaskedChips()
    for (place, index) in step.enumerated() {
      let isWhole = Double(generator.uniform()) < options.wholeShare
      let mask =
        isWhole ? PatchMask.all(of: data.grid) : .random(of: data.grid, using: &generator)
      chips.append(index, turned: turned[place], mask: mask, lowLogits: low.row(place))
    }
    return chips
  }
}

extension PatchMask {
  /// A uniform number of random patches, at least one.
  static func random(of grid: PatchGrid, using generator: inout SeededGenerator) -> PatchMask {
    let count = Int.random(in: 1...grid.patchCount, using: &generator)
    return PatchMask((0..<grid.patchCount).shuffled(using: &generator).prefix(count))
  }
}
