// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// A bundle against labelled chips: PatchDrop beside buying nothing, everything, and fixed masks.
///
/// ```swift
/// let evaluation = try Evaluation(bundle: bundle, chips: chips, indices: chips.indices(of: .val))
/// print(evaluation.rows().map(\.accuracy))
/// ```
public struct Evaluation: Sendable {
  private let bundle: ModelBundle
  private let chips: LabelledChips
  private let indices: [Int]
  private let truth: [Int]
  private let looks: [AgentVariant: [Agent.Look]]

  /// Looks at some chips of a data set with each variant; blocks, so call it on a plain thread.
  ///
  /// - Parameter indices: the chips' places in the data set; all of them where nil.
  /// - Throws: `ModelError.unlikeModel` where sizes or classes differ from the model's.
  public init(bundle: ModelBundle, chips: LabelledChips, indices: [Int]? = nil) throws {
    let indices = indices ?? Array(0..<chips.count)
    let card = bundle.card
    guard chips.side == card.design.chipPixels, chips.bandCount == card.design.bands.count,
      chips.zoom == card.design.zoom
    else {
      throw ModelError.unlikeModel(
        what: "size of the images",
        expected: "\(card.design.bands.count) bands, \(card.design.chipPixels) px",
        found: "\(chips.bandCount) bands, \(chips.side) px")
    }
    // Truth is matched by name: the data may list classes in another order, or not all of them.
    let places = Dictionary(uniqueKeysWithValues: card.classes.enumerated().map { ($1, $0) })
    for name in chips.classes where places[name] == nil {
      throw ModelError.unlikeModel(
        what: "class \(name)", expected: card.classes.joined(separator: ", "), found: "unknown")
    }
    self.bundle = bundle
    self.chips = chips
    self.indices = indices
    truth = indices.map { places[chips.classes[chips.labels[$0]]] ?? 0 }
    var looks: [AgentVariant: [Agent.Look]] = [:]
    for variant in bundle.variants {
      let agent = bundle.agent(variant)
      looks[variant] = Self.inBatches(indices) { batch in
        agent.looks(batch.map { chips.lowSamples($0).map { Float($0) } })
      }
    }
    self.looks = looks
  }

  /// The number of chips.
  public var count: Int { indices.count }

  /// All systems: the LR classifier, each variant with its comparisons, the HR classifier.
  ///
  /// - Parameter threshold: the keep threshold of the default variant; the bundle's where nil.
  public func rows(threshold: Float? = nil) -> [EvaluationRow] {
    let standard = bundle.card.defaultVariant
    let nothing = [PatchMask](repeating: .none, count: count)
    var rows = [row(.lrCNN, stage: nil, masks: nothing)]
    for variant in [standard] + bundle.variants.filter({ $0 != standard }) {
      let own = masks(variant, threshold: variant == standard ? threshold : nil)
      let patchDrop = row(.patchDrop, stage: variant, masks: own)
      rows.append(patchDrop)
      let grid = bundle.card.design.patchGrid
      let fixedCount = min(Int(patchDrop.patches.rounded(.up)), grid.patchCount)
      for (system, order) in [
        (EvaluationRow.System.fixedH, FixedOrder.horizontal), (.fixedV, .vertical),
      ] {
        let mask = order.mask(count: fixedCount, of: grid)
        rows.append(
          row(system, stage: variant, masks: [PatchMask](repeating: mask, count: count)))
      }
      let gate = marginMasks(variant, patches: patchDrop.patches)
      rows.append(row(.lrMargin, stage: variant, masks: gate))
    }
    rows.append(wholeRow())
    return rows
  }

  /// The row of given masks, one a chip, under the default variant.
  public func row(masks: [PatchMask]) -> EvaluationRow {
    row(.given, stage: bundle.card.defaultVariant, masks: masks)
  }

  /// What the default variant would buy.
  ///
  /// - Parameter threshold: the keep threshold; the bundle's where nil.
  public func masks(threshold: Float? = nil) -> [PatchMask] {
    masks(bundle.card.defaultVariant, threshold: threshold)
  }

  /// The answers of the default variant under given masks, one a chip.
  public func predictions(masks: [PatchMask]) -> [Prediction] {
    let answers = answers(bundle.card.defaultVariant, masks: masks)
    let grid = bundle.card.design.patchGrid
    return indices.indices.map { place in
      Prediction(
        name: chips.paths[indices[place]], truth: bundle.card.classes[truth[place]],
        mask: masks[place].hexadecimal(of: grid),
        predicted: bundle.card.classes[answers[place].classIndex],
        probability: answers[place].probabilities[answers[place].classIndex])
    }
  }

  private func masks(_ variant: AgentVariant, threshold: Float?) -> [PatchMask] {
    let threshold = threshold ?? bundle.agent(variant).threshold
    return (looks[variant] ?? []).map {
      MaskPolicy.mask(keepProbabilities: $0.keepProbabilities, threshold: threshold)
    }
  }

  /// All patches of the chips whose two best LR classes are closest, up to a mean number.
  private func marginMasks(_ variant: AgentVariant, patches: Double) -> [PatchMask] {
    let margins = (looks[variant] ?? []).map { look in
      Calibration.margin(look.lowLogits.map { Double($0) })
    }
    let grid = bundle.card.design.patchGrid
    let whole = Int((patches * Double(count) / Double(grid.patchCount)).rounded())
    var masks = [PatchMask](repeating: .none, count: count)
    let order = margins.indices.sorted { (margins[$0], $0) < (margins[$1], $1) }
    for place in order.prefix(whole) { masks[place] = .all(of: grid) }
    return masks
  }

  private func answers(_ variant: AgentVariant, masks: [PatchMask]) -> [Agent.Answer] {
    precondition(masks.count == count, "one mask a chip")
    let agent = bundle.agent(variant)
    let looks = looks[variant] ?? []
    return Self.inBatches(Array(indices.indices)) { batch in
      agent.answers(
        batch.map { place in
          Agent.Question(
            samples: chips.highSamples(indices[place]), mask: masks[place],
            lowLogits: looks[place].lowLogits)
        })
    }
  }

  private func row(
    _ system: EvaluationRow.System, stage: AgentVariant?, masks: [PatchMask]
  ) -> EvaluationRow {
    let answers = answers(stage ?? bundle.card.defaultVariant, masks: masks)
    let patches = Double(masks.reduce(0) { $0 + $1.count }) / Double(max(count, 1))
    return row(
      system, stage: stage, answers: answers.map(\.classIndex),
      confidences: answers.map { Double($0.probabilities[$0.classIndex]) }, patches: patches,
      distinctMasks: Set(masks).count)
  }

  /// The stand-alone HR classifier on everything.
  private func wholeRow() -> EvaluationRow {
    let agent = bundle.wholeChipAgent()
    let answers = Self.inBatches(indices) { batch in
      agent.classIndices(of: batch.map { chips.highSamples($0) })
    }
    return row(
      .hrCNN, stage: nil, answers: answers, confidences: nil,
      patches: Double(bundle.card.design.patchGrid.patchCount), distinctMasks: 1)
  }

  /// The results of `body` for all numbers, asked about as many at a time as a job classifies.
  private static func inBatches<Value>(
    _ numbers: [Int], _ body: (ArraySlice<Int>) -> [Value]
  ) -> [Value] {
    stride(from: 0, to: numbers.count, by: ChipClassifier.batchSize).flatMap { first in
      body(numbers[first..<min(first + ChipClassifier.batchSize, numbers.count)])
    }
  }

  private func row(
    _ system: EvaluationRow.System, stage: AgentVariant?, answers: [Int], confidences: [Double]?,
    patches: Double, distinctMasks: Int
  ) -> EvaluationRow {
    let isRight = zip(answers, truth).map { $0 == $1 }
    return EvaluationRow(
      system: system, stage: stage,
      accuracy: Double(isRight.count { $0 }) / Double(max(count, 1)), patches: patches,
      costShare: patches / Double(bundle.card.design.patchGrid.patchCount),
      distinctMasks: distinctMasks,
      ece: confidences.map { Calibration.expectedError(confidences: $0, isRight: isRight) })
  }
}
