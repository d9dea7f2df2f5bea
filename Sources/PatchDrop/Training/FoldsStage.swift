// SPDX-License-Identifier: Apache-2.0

import Foundation
import Neural
import Platform

/// Trains several LR classifiers side by side, each on all training images but those of its fold;
/// the last epoch is kept.
struct FoldsStage: EpochTraining {
  private let folds: [Int: Int]
  private(set) var stages: [ClassifierStage]

  init(data: TrainingChips, options: ClassifierOptions, networks: [Network], teacher: Teacher?) {
    folds = LowAnswers.folds(count: networks.count, data: data)
    stages = networks.map {
      ClassifierStage(
        stage: .lr, data: data, options: options, network: $0, teacher: teacher)
    }
  }

  var epochs: Int { stages.first?.epochs ?? 0 }
  var batchSize: Int { stages.first?.batchSize ?? 1 }

  mutating func step(
    _ images: [Int], at place: StepPlace, meter: inout EpochMeter,
    using generator: inout SeededGenerator
  ) throws {
    for fold in stages.indices {
      let seen = images.filter { folds[$0] != fold }
      guard !seen.isEmpty else { continue }
      try stages[fold].step(seen, at: place, meter: &meter, using: &generator)
    }
  }

  /// The mean share of right answers.
  func judge() -> (figures: TuneFigures, score: Double?) {
    let shares = stages.map { $0.judge().figures.accuracy }
    return (TuneFigures(accuracy: shares.reduce(0, +) / Double(max(shares.count, 1))), nil)
  }

  func state() -> StageState {
    var state = StageState()
    for (fold, stage) in stages.enumerated() { state.merge(stage.state(), as: "\(fold)") }
    return state
  }

  mutating func load(_ state: StageState) throws {
    for fold in stages.indices { try stages[fold].load(state.part("\(fold)")) }
  }
}
