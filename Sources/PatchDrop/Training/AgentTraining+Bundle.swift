// SPDX-License-Identifier: Apache-2.0

import Acquisition
public import Foundation
import Neural

extension AgentTraining {
  /// Runs all stages, chooses thresholds and temperatures on `tune`, measures on `val`, and writes
  /// the bundle.
  ///
  /// - Parameters:
  ///   - name: the model's name.
  ///   - source: the data's name and attribution.
  ///   - command: what a person typed.
  ///   - url: the bundle; it appears when it is whole.
  public func writeBundle(
    name: String, source: (name: String, attribution: String), command: String, to url: URL
  ) throws -> ModelBundle {
    let tensors = try run(through: .ft2)
    var images: [String: Int] = [:]
    for split in DataSplit.allCases {
      images[split.rawValue] = data.chips.indices(of: split).count
    }
    var card = ModelCard(
      format: ModelCard.currentFormat, name: name, classes: data.chips.classes, design: design,
      normalisation: normalisation, maskValue: 0, lrSource: "area", fusion: options.fusion,
      defaultVariant: .ft2, variants: [:], training: options, command: command,
      data: .init(name: source.name, images: images, attribution: source.attribution),
      measured: [])
    for (variant, stage) in [(AgentVariant.pt, options.pt), (.ft2, options.ft2)] {
      card.variants[variant.rawValue] = settings(
        try trainedAgent(tensors, variant: variant), options: stage)
    }
    try ModelBundle.write(tensors, card: card, to: url)
    let val = data.chips.indices(of: .val)
    guard !val.isEmpty else { return try ModelBundle.load(from: url) }
    // Measured as it was written, rounded weights and all.
    let evaluation = try Evaluation(
      bundle: try ModelBundle.load(from: url), chips: data.chips, indices: val)
    card.measured = evaluation.rows()
    try ModelBundle.write(tensors, card: card, to: url)
    return try ModelBundle.load(from: url)
  }

  /// The threshold and the temperatures of a variant.
  private func settings(
    _ agent: AgentInTraining, options: PolicyOptions
  ) -> ModelCard.Variant {
    let tune = SplitView(data: data, split: .tune, lowNetwork: agent.lrClassifier)
    let keep = tune.keepProbabilities(agent.policy)
    return ModelCard.Variant(
      threshold: SplitView.threshold(keep, patches: options.targetPatches),
      calibration: Self.calibrationRanges(design.patchGrid).map { range in
        temperature(range, keep: keep, of: agent, on: tune)
      },
      alphaEnd: options.exploration.end)
  }

  /// None, few, half and most of the patches: 0, 1-4, 5-8, 9-16 of 16.
  static func calibrationRanges(_ grid: PatchGrid) -> [ClosedRange<Int>] {
    let (quarter, half) = (max(grid.patchCount / 4, 1), grid.patchCount / 2)
    return [0...0, 1...quarter, quarter + 1...half, half + 1...grid.patchCount]
  }

  /// The temperature of a range: each chip of `tune` answers from a number of its favourite
  /// patches in the range.
  private func temperature(
    _ range: ClosedRange<Int>, keep: [[Double]], of agent: AgentInTraining, on tune: SplitView
  ) -> ModelCard.CalibrationRange {
    let masks = keep.enumerated().map { row, probabilities in
      let favourites = probabilities.indices.sorted {
        (-probabilities[$0], $0) < (-probabilities[$1], $1)
      }
      return PatchMask(favourites.prefix(range.lowerBound + row % range.count))
    }
    let outcome = tune.outcome(
      masks: masks, network: agent.hrClassifier, fusion: options.fusion)
    return ModelCard.CalibrationRange(
      kFrom: range.lowerBound, kTo: range.upperBound,
      temperature: Calibration.temperature(logits: outcome.logits, truth: tune.labels))
  }
}
