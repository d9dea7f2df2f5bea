// SPDX-License-Identifier: Apache-2.0

import Foundation
import Neural
import Platform

/// Where a step lies among all steps of a stage.
struct StepPlace {
  /// The epoch, from 0.
  let epoch: Int
  /// The epochs of the stage.
  let epochs: Int
  /// The step within its epoch, from 0.
  let number: Int
  /// The steps of an epoch.
  let perEpoch: Int

  /// The step within the stage, from 0.
  var index: Int { epoch * perEpoch + number }
  /// The steps of the stage.
  var total: Int { epochs * perEpoch }
}

/// A stage of a training as its epochs see it: what it changes, and how.
protocol EpochTraining {
  /// Passes over the training images.
  var epochs: Int { get }
  /// Images of one step.
  var batchSize: Int { get }

  /// Learns from some images.
  mutating func step(
    _ images: [Int], at place: StepPlace, meter: inout EpochMeter,
    using generator: inout SeededGenerator
  ) throws

  /// How it stands on `tune`, and what decides which epoch is kept; nil keeps the last.
  func judge() -> (figures: TuneFigures, score: Double?)

  /// All that its steps change.
  func state() -> StageState

  /// Goes back to a state.
  mutating func load(_ state: StageState) throws
}

/// Runs the epochs of a stage, from where an earlier run was stopped.
///
/// After each epoch everything that the rest depends on is kept in a file: weights, optimisers,
/// the best epoch so far, and the number of epochs, from which, with seed and stage, the random
/// numbers of the next one follow. A run that was stopped therefore ends with the same weights, to
/// the bit, as one that was not.
struct EpochLoop {
  let stage: TrainingStage
  let data: TrainingChips
  let seed: UInt64
  let log: TrainingLog
  let checkpoints: Checkpoints

  /// Trains until the last epoch, and goes back to the epoch with the highest score, the last of
  /// equals.
  ///
  /// - Parameter prepare: what comes before the first epoch.
  func run<Stage: EpochTraining>(
    _ fresh: Stage, prepare: (inout Stage) throws -> Void = { _ in }
  ) throws -> Stage {
    var training = fresh
    var best: StageProgress.Best?
    var first = 0
    if let kept = try checkpoints.progress(of: stage) {
      log.say("\(stage.rawValue): goes on after epoch \(kept.epochs) of \(training.epochs)")
      try training.load(kept.state)
      (first, best) = (kept.epochs, kept.best)
    } else {
      try prepare(&training)
    }
    let clock = StageClock(firstEpoch: first, epochs: training.epochs)
    for epoch in first..<max(first, training.epochs) {
      let meter = try run(epoch, of: &training, clock: clock)
      let (figures, score) = training.judge()
      if let score, best.map({ score >= $0.score }) ?? true {
        best = .init(score: score, weights: training.state().weights)
      }
      try log.report(
        meter.line(stage: stage, epoch: epoch, epochs: training.epochs, tune: figures),
        secondsLeft: clock.secondsLeft(epochsDone: Double(epoch + 1)))
      try checkpoints.save(
        StageProgress(epochs: epoch + 1, state: training.state(), best: best), of: stage)
    }
    if let best {
      try training.load(
        StageState(weights: best.weights, memories: training.state().memories))
    }
    return training
  }

  /// Runs one epoch and returns its sums.
  private func run(
    _ epoch: Int, of training: inout some EpochTraining, clock: StageClock
  ) throws -> EpochMeter {
    var generator = SeededGenerator(seed: seed, stage: stage, epoch: epoch)
    let steps = data.steps(batchSize: training.batchSize, using: &generator)
    var meter = EpochMeter()
    for (number, images) in steps.enumerated() {
      let place = StepPlace(
        epoch: epoch, epochs: training.epochs, number: number, perEpoch: steps.count)
      try training.step(images, at: place, meter: &meter, using: &generator)
      log.progress(
        stage: stage, done: place.index + 1, total: place.total,
        secondsLeft: clock.secondsLeft(
          epochsDone: Double(place.index + 1) / Double(place.perEpoch)))
    }
    return meter
  }
}

/// How long a stage still takes, by the epochs of this run.
private struct StageClock {
  let start = Date()
  /// The first epoch of this run.
  let firstEpoch: Int
  let epochs: Int

  func secondsLeft(epochsDone: Double) -> Double {
    Date().timeIntervalSince(start) / (epochsDone - Double(firstEpoch))
      * (Double(epochs) - epochsDone)
  }
}
