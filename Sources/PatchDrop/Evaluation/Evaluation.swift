// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// A bundle against labelled chips: PatchDrop beside buying nothing, everything, fixed and random
/// patches, and whole chips in the order of the LR classifier's doubt.
///
/// ```swift
/// let evaluation = try Evaluation(bundle: bundle, chips: chips, indices: chips.indices(of: .val))
/// print(evaluation.rows().map(\.accuracy))
/// ```
public struct Evaluation: Sendable {
  /// The bundle.
  public let bundle: ModelBundle
  /// The data set.
  public let chips: LabelledChips
  /// The evaluated chips' places in the data set.
  public let indices: [Int]
  /// The class of each evaluated chip, an index into the bundle's classes.
  public let truth: [Int]
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
      looks[variant] = stride(from: 0, to: indices.count, by: ChipClassifier.batchSize).flatMap {
        let batch = indices[$0..<min($0 + ChipClassifier.batchSize, indices.count)]
        return agent.looks(batch.map { chips.lowSamples($0).map { Float($0) } })
      }
    }
    self.looks = looks
  }

  /// The number of chips.
  public var count: Int { indices.count }

  /// How a chip is cut.
  var grid: PatchGrid { bundle.card.design.patchGrid }

  /// All systems: the LR classifier, each variant with its comparisons, the HR classifier.
  ///
  /// - Parameters:
  ///   - threshold: the keep threshold of the default variant; the bundle's where nil.
  ///   - progress: told how many chips of how many are answered.
  public func rows(
    threshold: Float? = nil, progress: @escaping (Int, Int) -> Void = { _, _ in }
  ) -> [EvaluationRow] {
    var book = AnswerBook(of: self, passes: rowPassCount, progress: progress)
    return rows(threshold: threshold, book: &book)
  }

  /// How many times the rows ask about all chips.
  var rowPassCount: Int {
    bundle.variants.count * (2 + ComparisonSystem.allCases.count) + 3
  }

  func rows(threshold: Float?, book: inout AnswerBook) -> [EvaluationRow] {
    let standard = bundle.card.defaultVariant
    let reference = book.outcomes(.own(standard), masks: masks(standard, threshold: threshold))
    let nothing = [PatchMask](repeating: .none, count: count)
    var rows = [
      EvaluationRow(
        .lrCNN, stage: nil, masks: nothing,
        outcomes: book.outcomes(.own(standard), masks: nothing), grid: grid, reference: reference)
    ]
    for variant in bundle.variants {
      let own = masks(variant, threshold: variant == standard ? threshold : nil)
      rows += stageRows(variant, masks: own, book: &book)
    }
    let everything = [PatchMask](repeating: .all(of: grid), count: count)
    rows.append(
      EvaluationRow(
        .hrCNN, stage: nil, masks: everything, outcomes: book.wholeOutcomes(), grid: grid,
        reference: reference))
    return rows
  }

  /// The row of given masks, one a chip, under the default variant.
  public func row(masks: [PatchMask]) -> EvaluationRow {
    let standard = bundle.card.defaultVariant
    var book = AnswerBook(of: self)
    return EvaluationRow(
      .given, stage: standard, masks: masks, outcomes: book.outcomes(.own(standard), masks: masks),
      grid: grid,
      reference: book.outcomes(.own(standard), masks: self.masks(standard, threshold: nil)))
  }

  /// What the default variant would buy.
  ///
  /// - Parameter threshold: the keep threshold; the bundle's where nil.
  public func masks(threshold: Float? = nil) -> [PatchMask] {
    masks(bundle.card.defaultVariant, threshold: threshold)
  }

  /// The answers of the default variant under given masks, one a chip.
  public func predictions(masks: [PatchMask]) -> [Prediction] {
    var book = AnswerBook(of: self)
    let outcomes = book.outcomes(.own(bundle.card.defaultVariant), masks: masks)
    return indices.indices.map { place in
      Prediction(
        name: chips.paths[indices[place]], truth: bundle.card.classes[truth[place]],
        mask: masks[place].hexadecimal(of: grid),
        predicted: bundle.card.classes[outcomes[place].classIndex],
        probability: outcomes[place].probability)
    }
  }

  /// A stage's systems: those that see no chip, PatchDrop, and the gate.
  private func stageRows(
    _ variant: AgentVariant, masks own: [PatchMask], book: inout AnswerBook
  ) -> [EvaluationRow] {
    let reference = book.outcomes(.own(variant), masks: own)
    let total = own.reduce(0) { $0 + $1.count }
    var rows = ComparisonSystem.allCases.map { system in
      let masks = system.masks(count: count, total: total, of: grid)
      let comparison = bundle.card.comparisons.first {
        $0.system == system && $0.stage == variant
      }
      let classifier: AnswerBook.Classifier =
        comparison == nil ? .own(variant) : .comparison(system, variant)
      return EvaluationRow(
        EvaluationSystem(system), stage: variant, masks: masks,
        outcomes: book.outcomes(classifier, masks: masks), grid: grid, reference: reference,
        epochs: variant == .pt ? nil : comparison?.epochs ?? 0)
    }
    rows.append(
      EvaluationRow(
        .patchDrop, stage: variant, masks: own, outcomes: reference, grid: grid, reference: nil))
    let gate = marginMasks(variant, total: total)
    rows.append(
      EvaluationRow(
        .lrMargin, stage: variant, masks: gate,
        outcomes: book.outcomes(.own(variant), masks: gate), grid: grid, reference: reference))
    return rows
  }

  func masks(_ variant: AgentVariant, threshold: Float?) -> [PatchMask] {
    let threshold = threshold ?? bundle.agent(variant).threshold
    return (looks[variant] ?? []).map {
      MaskPolicy.mask(keepProbabilities: $0.keepProbabilities, threshold: threshold)
    }
  }

  /// All keep probabilities of a variant, highest first.
  func sortedKeepProbabilities(_ variant: AgentVariant) -> [Float] {
    (looks[variant] ?? []).flatMap(\.keepProbabilities).sorted(by: >)
  }

  /// The chips, those first whose two best LR classes are closest.
  func marginOrder(_ variant: AgentVariant) -> [Int] {
    let margins = (looks[variant] ?? []).map { look in
      Calibration.margin(look.lowLogits.map { Double($0) })
    }
    return margins.indices.sorted { (margins[$0], $0) < (margins[$1], $1) }
  }

  /// All patches of the chips of the closest margins: as many chips as `total` patches are worth.
  private func marginMasks(_ variant: AgentVariant, total: Int) -> [PatchMask] {
    let whole = Int((Double(total) / Double(grid.patchCount)).rounded())
    var masks = [PatchMask](repeating: .none, count: count)
    for place in marginOrder(variant).prefix(whole) { masks[place] = .all(of: grid) }
    return masks
  }

  /// A classifier's answers about some chips, by their place among the evaluated ones.
  func outcomes(
    _ classifier: AnswerBook.Classifier, places: ArraySlice<Int>, masks: [PatchMask]
  ) -> [ChipOutcome] {
    let variant: AgentVariant
    let agent: Agent
    switch classifier {
    case .own(let own): (variant, agent) = (own, bundle.agent(own))
    case .comparison(let system, let stage):
      (variant, agent) = (stage, bundle.agent(stage, comparedTo: system) ?? bundle.agent(stage))
    }
    let looks = looks[variant] ?? []
    let answers = agent.answers(
      zip(places, masks).map { place, mask in
        Agent.Question(
          samples: chips.highSamples(indices[place]), mask: mask,
          lowLogits: looks[place].lowLogits)
      })
    return zip(answers, places).map { ChipOutcome($0, truth: truth[$1]) }
  }

  /// The stand-alone HR classifier's answers about some chips.
  func wholeOutcomes(places: Range<Int>) -> [ChipOutcome] {
    let answers = bundle.wholeChipAgent().answers(places.map { chips.highSamples(indices[$0]) })
    return zip(answers, places).map { ChipOutcome($0, truth: truth[$1]) }
  }
}
