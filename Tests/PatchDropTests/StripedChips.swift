// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import PatchDrop
import Platform

/// Made-up chips that each need one patch of their own.
///
/// A chip is flat but for one patch, which is a little brighter and either striped or chequered:
/// its class. Both vanish in the mean, so LR pixels show where to look, and nothing of the class;
/// both stay what they are however a chip is turned.
enum StripedChips {
  static let side = 16

  /// The patch that shows the class of an image.
  static func patch(_ index: Int) -> Int { index * 5 % 16 }

  static func make(count: Int, seed: UInt64 = 5) -> LabelledChips {
    var generator = SeededGenerator(seed: seed)
    var samples: [UInt8] = []
    var (paths, labels, splits): ([String], [Int], [DataSplit]) = ([], [], [])
    for index in 0..<count {
      let label = index / 16 % 2
      let level = 80 + Int(generator.uniform() * 16)
      let patch = patch(index)
      for row in 0..<side {
        for column in 0..<side {
          guard row / 4 * 4 + column / 4 == patch else {
            samples.append(UInt8(level))
            continue
          }
          let isHigh = (label == 0 ? row : row + column) % 2 == 0
          samples.append(UInt8(level + 50 + (isHigh ? 40 : -40)))
        }
      }
      paths.append("\(label == 0 ? "striped" : "chequered")/\(index)")
      labels.append(label)
      // Whole runs of 32, so that each split has all patches of both classes.
      splits.append([.train, .train, .train, .train, .tune, .val][index / 32 % 6])
    }
    return LabelledChips(
      classes: ["striped", "chequered"], paths: paths, labels: labels, splits: splits,
      samples: samples, bandCount: 1, side: side, zoom: 4)
  }

  static let design: AgentDesign = {
    var design = AgentDesign(
      chipPixels: side, groundSampleDistanceMetres: 10, zoom: 4, bands: ["grey"], classCount: 2,
      width: 8, lowWidth: 8)
    design.policy = .informed(
      AgentDesign.informedPolicy(
        hidden: [32], classCount: 2, bandCount: 1, lowResolutionPixels: 4, patchGrid: .paper))
    return design
  }()

  static let options: TrainingOptions = {
    var options = TrainingOptions()
    options.hr = ClassifierOptions(epochs: 10, batchSize: 16)
    options.lr = ClassifierOptions(epochs: 2, batchSize: 16, learningRate: 0.02)
    options.warm = MaskedOptions(epochs: 12, batchSize: 16, learningRate: 2e-3)
    options.pt = PolicyOptions(
      epochs: 30, batchSize: 16, drawsPerChip: 8, baseline: .leaveOneOut,
      reward: .dense(price: 1), exploration: ExplorationSchedule(start: 0.8, end: 0.95),
      logitDecay: 0.01, policyRate: 1e-2, targetPatches: 2)
    options.ft1 = PolicyOptions(
      epochs: 2, batchSize: 16, drawsPerChip: 4, baseline: .leaveOneOut,
      reward: .dense(price: 1), exploration: ExplorationSchedule(start: 0.9, end: 0.95),
      logitDecay: 0.01, policyRate: 3e-3, classifierRate: 5e-5, keepsStatistics: true,
      replayShare: 0.25, targetPatches: 2)
    options.ft2 = options.ft1
    options.ft2.epochs = 4
    options.comparisons = MaskedOptions(epochs: 1, batchSize: 16, wholeShare: 0)
    return options
  }()

  /// An epoch of each stage: enough to have all weights.
  static let shortOptions: TrainingOptions = {
    var options = StripedChips.options
    (options.hr.epochs, options.lr.epochs, options.warm.epochs) = (1, 1, 1)
    (options.pt.epochs, options.ft1.epochs, options.ft2.epochs) = (1, 1, 1)
    options.pt.warmStartEpochs = 1
    options.lrFolds = 2
    options.comparisons.epochs = 1
    return options
  }()

  /// A training with checkpoints and lines in `folder`.
  static func training(
    _ chips: LabelledChips, in folder: URL, options: TrainingOptions = options,
    show: @escaping (String) -> Void = { _ in }
  ) throws -> AgentTraining {
    try DurableFile.createFolder(folder)
    let log = try TrainingLog(
      jsonLines: folder.appending(path: "log.jsonl"), showsProgress: false, show: show)
    return try AgentTraining(
      chips: chips, design: design, options: options, checkpoints: folder, log: log,
      threadCount: 1)
  }

  /// The lines that a training wrote.
  static func lines(in folder: URL) throws -> [TrainingLog.Line] {
    try String(contentsOf: folder.appending(path: "log.jsonl"), encoding: .utf8)
      .split(separator: "\n")
      .map { try JSON.decoder().decode(TrainingLog.Line.self, from: Data($0.utf8)) }
  }
}
