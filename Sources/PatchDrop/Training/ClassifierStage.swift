// SPDX-License-Identifier: Apache-2.0

import Foundation
import Neural
import Platform

/// Trains a classifier on whole images, HR or LR; the epoch that is best on `tune` is kept.
struct ClassifierStage: EpochTraining {
  let stage: TrainingStage
  let data: TrainingChips
  let options: ClassifierOptions
  private(set) var network: Network
  private let teacher: Teacher?
  private var optimiser: SGD

  init(
    stage: TrainingStage, data: TrainingChips, options: ClassifierOptions, network: Network,
    teacher: Teacher? = nil
  ) {
    self.teacher = teacher
    self.stage = stage
    self.data = data
    self.options = options
    self.network = network
    optimiser = SGD(
      learningRate: options.learningRate, momentum: options.momentum,
      weightDecay: options.weightDecay, isNesterov: true)
  }

  var epochs: Int { options.epochs }
  var batchSize: Int { options.batchSize }

  /// The images as this stage sees them.
  private func batch(_ indices: [Int], views: [ChipView]) -> Tensor {
    stage == .lr
      ? data.lowBatch(indices, views: views) : data.highBatch(indices, views: views)
  }

  mutating func step(
    _ images: [Int], at place: StepPlace, meter: inout EpochMeter,
    using generator: inout SeededGenerator
  ) throws {
    let schedule = LearningRateSchedule.cosine(from: options.learningRate, steps: place.total)
    // The first steps are short: momentum and normalisation have yet to settle.
    let warmUp = min(1, Double(place.index + 1) / Double(max(place.perEpoch / 2, 1)))
    optimiser.learningRate = warmUp * schedule.rate(atStep: place.index)
    let pixels = batch(
      images,
      views: generator.views(
        images.count, options.augmentation, step: stage == .lr ? data.chips.zoom : 1))
    let labels = data.labels(images)
    network.zeroGradients()
    let logits = network.forward(pixels, mode: .train)
    let (loss, gradient) =
      teacher?.loss(logits, images: images, labels: labels)
      ?? SoftmaxCrossEntropy(labelSmoothing: options.labelSmoothing)
      .evaluate(logits, labels: labels)
    guard loss.isFinite else {
      throw ModelError.diverged(stage: stage.rawValue, epoch: place.epoch + 1)
    }
    network.backward(gradient)
    let norm = network.clipGradients(toNorm: 5)
    optimiser.step(&network)
    meter.add(loss: loss, gradientNorm: norm)
    meter.add(answers: logits.argmaxOfRows(), truth: labels)
  }

  func judge() -> (figures: TuneFigures, score: Double?) {
    let accuracy = accuracy(on: data.chips.indices(of: .tune))
    return (TuneFigures(accuracy: accuracy), accuracy)
  }

  func state() -> StageState {
    var state = StageState()
    state.keep(network, optimiser, as: "network")
    return state
  }

  mutating func load(_ state: StageState) throws {
    try state.restore(&network, &optimiser, from: "network")
  }

  /// The share of right answers on whole images as they are.
  func accuracy(on indices: [Int]) -> Double {
    var rightCount = 0
    for first in stride(from: 0, to: indices.count, by: 64) {
      let part = Array(indices[first..<min(first + 64, indices.count)])
      let views = [ChipView](repeating: .plain, count: part.count)
      let answers = network.evaluate(batch(part, views: views)).argmaxOfRows()
      rightCount += zip(answers, data.labels(part)).count { $0 == $1 }
    }
    return Double(rightCount) / Double(max(indices.count, 1))
  }
}
