// SPDX-License-Identifier: Apache-2.0

import Foundation
import Neural
import Platform

/// Trains a classifier on whole images, HR or LR.
struct ClassifierStage {
  let stage: TrainingStage
  let data: TrainingChips
  let options: ClassifierOptions
  let seed: UInt64
  let log: TrainingLog

  /// The images as this stage sees them.
  private func batch(_ indices: [Int], turned: [Dihedral]) -> Tensor {
    stage == .lr
      ? data.lowBatch(indices, turned: turned) : data.highBatch(indices, turned: turned)
  }

  /// Trains `network`, and keeps the epoch that is best on `tune`, the last of equals.
  func run(_ network: Network) throws -> Network {
    var network = network
    var best: (accuracy: Double, network: Network)?
    var optimiser = SGD(
      learningRate: options.learningRate, momentum: options.momentum,
      weightDecay: options.weightDecay, isNesterov: true)
    let start = Date()
    for epoch in 0..<options.epochs {
      var generator = SeededGenerator(seed: seed, stage: stage, epoch: epoch)
      let steps = data.steps(batchSize: options.batchSize, using: &generator)
      let schedule = LearningRateSchedule.cosine(
        from: options.learningRate, steps: options.epochs * steps.count)
      var meter = EpochMeter()
      for (number, step) in steps.enumerated() {
        let place = epoch * steps.count + number
        // The first steps are short: momentum and normalisation have yet to settle.
        let warmUp = min(1, Double(place + 1) / Double(max(steps.count / 2, 1)))
        optimiser.learningRate = warmUp * schedule.rate(atStep: place)
        let images = batch(step, turned: generator.turns(step.count))
        let labels = data.labels(step)
        network.zeroGradients()
        let logits = network.forward(images, mode: .train)
        let (loss, gradient) = SoftmaxCrossEntropy(labelSmoothing: options.labelSmoothing)
          .evaluate(logits, labels: labels)
        guard loss.isFinite else {
          throw ModelError.diverged(stage: stage.rawValue, epoch: epoch + 1)
        }
        network.backward(gradient)
        let norm = network.clipGradients(toNorm: 5)
        optimiser.step(&network)
        meter.add(loss: loss, gradientNorm: norm)
        meter.add(answers: logits.argmaxOfRows(), truth: labels)
        log.progress(
          stage: stage, done: place + 1, total: options.epochs * steps.count, since: start)
      }
      let accuracy = self.accuracy(network, on: data.chips.indices(of: .tune))
      if accuracy >= best?.accuracy ?? 0 { best = (accuracy, network) }
      let perEpoch = Date().timeIntervalSince(start) / Double(epoch + 1)
      try log.report(
        meter.line(
          stage: stage, epoch: epoch, epochs: options.epochs, tune: TuneFigures(accuracy: accuracy)),
        secondsLeft: perEpoch * Double(options.epochs - epoch - 1))
    }
    return best?.network ?? network
  }

  /// The share of right answers on whole images as they are.
  func accuracy(_ network: Network, on indices: [Int]) -> Double {
    var rightCount = 0
    for first in stride(from: 0, to: indices.count, by: 64) {
      let part = Array(indices[first..<min(first + 64, indices.count)])
      let turned = [Dihedral](repeating: .identity, count: part.count)
      let answers = network.evaluate(batch(part, turned: turned)).argmaxOfRows()
      rightCount += zip(answers, data.labels(part)).count { $0 == $1 }
    }
    return Double(rightCount) / Double(max(indices.count, 1))
  }
}
