// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Neural
import Platform

/// Teaches the HR classifier to see through holes, before a policy makes any: chips under random
/// masks, some whole, with the frozen LR classifier's logits added.
struct WarmingStage {
  let data: TrainingChips
  let options: WarmingOptions
  let fusion: Fusion
  let seed: UInt64
  let log: TrainingLog

  /// Trains `network` against the frozen `lowNetwork`; the last epoch is kept.
  func run(_ network: Network, lowNetwork: Network) throws -> Network {
    var network = network
    var optimiser = Adam(learningRate: options.learningRate)
    let classifier = MaskedClassifier(data: data, fusion: fusion)
    let start = Date()
    for epoch in 0..<options.epochs {
      var generator = SeededGenerator(seed: seed, stage: .warm, epoch: epoch)
      let steps = data.steps(batchSize: options.batchSize, using: &generator)
      let schedule = LearningRateSchedule.cosine(
        from: options.learningRate, steps: options.epochs * steps.count)
      var meter = EpochMeter()
      for (number, step) in steps.enumerated() {
        let place = epoch * steps.count + number
        optimiser.learningRate = schedule.rate(atStep: place)
        let chips = maskedChips(step, lowNetwork: lowNetwork, using: &generator)
        let labels = data.labels(step)
        network.zeroGradients()
        let logits = classifier.logits(chips) { network.forward($0, mode: .train) }
        guard
          let (loss, gradient) = classifier.crossEntropy(chips, logits: logits, labels: labels)
        else { continue }
        guard loss.isFinite else {
          throw ModelError.diverged(stage: TrainingStage.warm.rawValue, epoch: epoch + 1)
        }
        network.backward(gradient)
        let norm = network.clipGradients(toNorm: 5)
        optimiser.step(&network)
        meter.add(loss: loss, gradientNorm: norm)
        meter.add(answers: logits.map { Calibration.bestIndex($0) }, truth: labels)
        log.progress(
          stage: .warm, done: place + 1, total: options.epochs * steps.count, since: start)
      }
      let perEpoch = Date().timeIntervalSince(start) / Double(epoch + 1)
      try log.report(
        meter.line(
          stage: .warm, epoch: epoch, epochs: options.epochs,
          tune: TuneFigures(
            accuracy: wholeAccuracy(network, lowNetwork: lowNetwork, on: .tune))),
        secondsLeft: perEpoch * Double(options.epochs - epoch - 1))
    }
    return network
  }

  private func maskedChips(
    _ step: [Int], lowNetwork: Network, using generator: inout SeededGenerator
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

  /// The share of right answers with all patches.
  func wholeAccuracy(_ network: Network, lowNetwork: Network, on split: DataSplit) -> Double {
    let view = SplitView(data: data, split: split, lowNetwork: lowNetwork)
    let all = [PatchMask](repeating: .all(of: data.grid), count: view.indices.count)
    return view.outcome(masks: all, network: network, fusion: fusion).accuracy
  }
}

extension PatchMask {
  /// A uniform number of random patches, at least one.
  static func random(of grid: PatchGrid, using generator: inout SeededGenerator) -> PatchMask {
    let count = Int.random(in: 1...grid.patchCount, using: &generator)
    return PatchMask((0..<grid.patchCount).shuffled(using: &generator).prefix(count))
  }
}
