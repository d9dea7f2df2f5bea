// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Sums over the steps of an epoch.
struct EpochMeter {
  private(set) var stepCount = 0
  private var loss = 0.0
  private var gradientNorm = 0.0
  private var answerCount = 0
  private var rightCount = 0
  private var reward = 0.0
  private var patches = 0
  private var drawCount = 0
  private let start = Date()

  /// Adds a step.
  mutating func add(loss: Double, gradientNorm: Double) {
    stepCount += 1
    self.loss += loss
    self.gradientNorm += gradientNorm
  }

  /// Adds answers with their truth.
  mutating func add(answers: [Int], truth: [Int]) {
    answerCount += answers.count
    rightCount += zip(answers, truth).count { $0 == $1 }
  }

  /// Adds a drawn mask.
  mutating func add(reward: Double, boughtCount: Int) {
    drawCount += 1
    self.reward += reward
    patches += boughtCount
  }

  var meanLoss: Double { loss / Double(max(stepCount, 1)) }

  /// The epoch's line.
  func line(
    stage: TrainingStage, epoch: Int, epochs: Int, tune: TuneFigures
  ) -> TrainingLog.Line {
    TrainingLog.Line(
      stage: stage, epoch: epoch + 1, epochs: epochs, loss: meanLoss,
      trainAccuracy: Double(rightCount) / Double(max(answerCount, 1)),
      tuneAccuracy: tune.accuracy,
      reward: drawCount > 0 ? reward / Double(drawCount) : nil,
      sampledPatches: drawCount > 0 ? Double(patches) / Double(drawCount) : nil,
      greedyPatches: tune.greedyPatches, distinctMasks: tune.distinctMasks,
      collapse: tune.collapse,
      gradientNorm: gradientNorm / Double(max(stepCount, 1)),
      durationS: Date().timeIntervalSince(start))
  }
}

/// How a stage stands on `tune`.
struct TuneFigures {
  var accuracy: Double
  var greedyPatches: Double?
  var distinctMasks: Int?
  var collapse: PolicyCollapse?
}
