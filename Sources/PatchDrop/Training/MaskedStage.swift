// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Neural
import Platform

/// Trains the HR classifier on masks that no policy chose: on random ones, so that it sees through
/// holes before a policy makes any, or on a comparison system's.
///
/// The last epoch is kept.
struct MaskedStage: EpochTraining {
  /// Whose masks.
  enum Masks {
    /// A uniform number of random patches, or all.
    case random
    /// Those of a system at a mean number of patches.
    case system(ComparisonSystem, patches: Double)

    /// The same masks each time: everything, or the system's.
    func forTesting(count: Int, of grid: PatchGrid) -> [PatchMask] {
      switch self {
      case .random: return [PatchMask](repeating: .all(of: grid), count: count)
      case .system(let system, let patches):
        var generator = SeededGenerator(seed: 0)
        return (0..<count).map { _ in
          system.mask(patches: patches, of: grid, using: &generator)
        }
      }
    }
  }

  let stage: TrainingStage
  let data: TrainingChips
  let masks: Masks
  let options: MaskedOptions
  let fusion: Fusion
  let teacher: Teacher?
  /// Frozen.
  let low: LowAnswers
  private(set) var network: Network
  private var optimiser: Adam

  init(
    stage: TrainingStage, data: TrainingChips, masks: Masks, options: MaskedOptions,
    fusion: Fusion, teacher: Teacher?, network: Network, low: LowAnswers
  ) {
    self.stage = stage
    self.data = data
    self.masks = masks
    self.options = options
    self.fusion = fusion
    self.teacher = teacher
    self.low = low
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
      let (loss, gradient) = classifier.loss(
        chips, logits: logits, labels: labels, teacher: teacher)
    else { return }
    guard loss.isFinite else {
      throw ModelError.diverged(stage: stage.rawValue, epoch: place.epoch + 1)
    }
    network.backward(gradient)
    let norm = network.clipGradients(toNorm: 5)
    optimiser.step(&network)
    meter.add(loss: loss, gradientNorm: norm)
    meter.add(answers: logits.map { Calibration.bestIndex($0) }, truth: labels)
  }

  /// The share of right answers: with all patches, or under the system's masks.
  func judge() -> (figures: TuneFigures, score: Double?) {
    let tune = SplitView(data: data, split: .tune, low: low)
    let outcome = tune.outcome(
      masks: masks.forTesting(count: tune.indices.count, of: data.grid), network: network,
      fusion: fusion)
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
    let views = generator.views(step.count, options.augmentation, step: data.chips.zoom)
    let low = low.logits(step, pixels: data.lowBatch(step, views: views))
    var chips = MaskedChips()
    for (place, index) in step.enumerated() {
      chips.append(
        index, view: views[place], mask: mask(using: &generator), lowLogits: low.row(place))
    }
    return chips
  }

  private func mask(using generator: inout SeededGenerator) -> PatchMask {
    switch masks {
    case .random:
      Double(generator.uniform()) < options.wholeShare
        ? .all(of: data.grid) : .random(of: data.grid, using: &generator)
    case .system(let system, let patches):
      system.mask(patches: patches, of: data.grid, using: &generator)
    }
  }
}

extension PatchMask {
  /// A uniform number of random patches, at least one.
  static func random(of grid: PatchGrid, using generator: inout SeededGenerator) -> PatchMask {
    let count = Int.random(in: 1...grid.patchCount, using: &generator)
    return PatchMask((0..<grid.patchCount).shuffled(using: &generator).prefix(count))
  }
}
