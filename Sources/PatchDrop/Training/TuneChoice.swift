// SPDX-License-Identifier: Apache-2.0

import Acquisition

/// What is chosen for a variant on `tune`: its keep threshold, temperatures and gain curves.
struct TuneChoice {
  private let agent: AgentInTraining
  private let options: PolicyOptions
  private let fusion: Fusion
  private let grid: PatchGrid
  private let tune: SplitView
  private let keep: [[Double]]
  private let threshold: Double
  private let masks: [PatchMask]

  /// How many bins of the LR classifier's margin have gain curves of their own.
  private static let marginBinCount = 5

  init(
    _ variant: AgentVariant, of agent: AgentInTraining, options: PolicyOptions, fusion: Fusion,
    data: TrainingChips
  ) {
    self.agent = agent
    self.options = options
    self.fusion = fusion
    grid = data.grid
    tune = SplitView(data: data, split: .tune, low: agent.low)
    let keep = tune.keepProbabilities(agent.policy)
    let threshold = options.targetPatches.map { SplitView.threshold(keep, patches: $0) } ?? 0.5
    (self.keep, self.threshold) = (keep, threshold)
    masks = keep.map { MaskPolicy.mask(keepProbabilities: $0, threshold: threshold) }
  }

  /// S at the threshold.
  var patches: Double {
    Double(masks.reduce(0) { $0 + $1.count }) / Double(max(masks.count, 1))
  }

  /// The variant's part of the model card.
  func settings() -> ModelCard.Variant {
    // Each chip's answers from its favourite patches, none to all.
    let answers = (0...grid.patchCount).map { count in
      tune.outcome(
        masks: keep.map { favourites($0, count: count) }, network: agent.hrClassifier,
        fusion: fusion
      ).logits
    }
    let calibration = Self.calibrationRanges(grid).map { range in
      // Each chip answers from a number of patches in the range.
      let logits = tune.indices.indices.map {
        answers[range.lowerBound + $0 % range.count][$0]
      }
      return ModelCard.CalibrationRange(
        kFrom: range.lowerBound, kTo: range.upperBound,
        temperature: Calibration.temperature(logits: logits, truth: tune.labels))
    }
    return ModelCard.Variant(
      fusion: fusion, threshold: threshold, calibration: calibration,
      gain: gainCurves(answers, calibration), alphaEnd: options.exploration.end,
      collapse: PolicyCollapse.of(masks, grid: grid))
  }

  /// None, few, half and most of the patches: 0, 1-4, 5-8, 9-16 of 16.
  static func calibrationRanges(_ grid: PatchGrid) -> [ClosedRange<Int>] {
    let (quarter, half) = (max(grid.patchCount / 4, 1), grid.patchCount / 2)
    return [0...0, 1...quarter, quarter + 1...half, half + 1...grid.patchCount]
  }

  private func favourites(_ probabilities: [Double], count: Int) -> PatchMask {
    let order = probabilities.indices.sorted {
      (-probabilities[$0], $0) < (-probabilities[$1], $1)
    }
    return PatchMask(order.prefix(count))
  }

  /// The gains of bins of equally many chips.
  private func gainCurves(
    _ answers: [[[Double]]], _ calibration: [ModelCard.CalibrationRange]
  ) -> GainCurves {
    let margins = tune.lowLogits.map { Calibration.margin($0) }
    let order = margins.indices.sorted { (margins[$0], $0) < (margins[$1], $1) }
    let binCount = min(Self.marginBinCount, max(order.count, 1))
    let bins = (0..<binCount).map { bin in
      order[bin * order.count / binCount..<(bin + 1) * order.count / binCount]
    }
    let truth = answers.enumerated().map { count, logits in
      let temperature =
        calibration.first { $0.kFrom <= count && count <= $0.kTo }?.temperature ?? 1
      return zip(logits, tune.labels).map {
        Calibration.softmax($0, temperature: temperature)[$1]
      }
    }
    let gains = bins.map { bin in
      let curve = truth.map { probabilities in
        bin.reduce(0) { $0 + probabilities[$1] - truth[0][$1] } / Double(max(bin.count, 1))
      }
      return curve.indices.map { curve[...$0].max() ?? 0 }
    }
    return GainCurves(
      marginEdges: bins.dropLast().map { $0.last.map { margins[$0] } ?? 0 }, gains: gains)
  }
}
