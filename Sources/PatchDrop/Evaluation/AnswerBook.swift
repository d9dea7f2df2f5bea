// SPDX-License-Identifier: Apache-2.0

import Acquisition

/// The answers that an evaluation has had so far: no classifier is asked twice about the same
/// patches of the same chip.
struct AnswerBook {
  /// Who answers: a variant's own classifiers, or those of a system that it is compared to.
  enum Classifier: Hashable {
    case own(AgentVariant)
    case comparison(ComparisonSystem, AgentVariant)
  }

  private struct Question: Hashable {
    let place: Int
    let mask: PatchMask
  }

  private let evaluation: Evaluation
  private let chipTotal: Int
  private let progress: (Int, Int) -> Void
  private var chipsDone = 0
  private var known: [Classifier: [Question: ChipOutcome]] = [:]

  /// An empty book.
  ///
  /// - Parameters:
  ///   - passes: how often all chips will be asked about.
  ///   - progress: told how many chips of how many are answered.
  init(
    of evaluation: Evaluation, passes: Int = 1,
    progress: @escaping (Int, Int) -> Void = { _, _ in }
  ) {
    self.evaluation = evaluation
    self.progress = progress
    chipTotal = passes * evaluation.count
  }

  /// The answers under given masks, one a chip.
  mutating func outcomes(_ classifier: Classifier, masks: [PatchMask]) -> [ChipOutcome] {
    precondition(masks.count == evaluation.count, "one mask a chip")
    var answers = known[classifier] ?? [:]
    let asked = masks.indices.filter {
      answers[Question(place: $0, mask: masks[$0])] == nil
    }
    chipsDone += masks.count - asked.count
    progress(chipsDone, chipTotal)
    for first in stride(from: 0, to: asked.count, by: ChipClassifier.batchSize) {
      let places = asked[first..<min(first + ChipClassifier.batchSize, asked.count)]
      let found = evaluation.outcomes(classifier, places: places, masks: places.map { masks[$0] })
      for (place, outcome) in zip(places, found) {
        answers[Question(place: place, mask: masks[place])] = outcome
      }
      chipsDone += places.count
      progress(chipsDone, chipTotal)
    }
    known[classifier] = answers
    return masks.indices.compactMap { answers[Question(place: $0, mask: masks[$0])] }
  }

  /// The stand-alone HR classifier's answers to whole chips.
  mutating func wholeOutcomes() -> [ChipOutcome] {
    var outcomes: [ChipOutcome] = []
    let places = 0..<evaluation.count
    for first in stride(from: 0, to: places.count, by: ChipClassifier.batchSize) {
      outcomes += evaluation.wholeOutcomes(
        places: places[first..<min(first + ChipClassifier.batchSize, places.count)])
      chipsDone += outcomes.count - first
      progress(chipsDone, chipTotal)
    }
    return outcomes
  }
}
