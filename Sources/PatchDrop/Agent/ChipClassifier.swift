// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// Says what each chip of a survey is, from its LR pixels and what was bought of it.
public enum ChipClassifier {
  /// The HR samples of what was bought of a chip.
  public typealias Bought = (mask: PatchMask, pixels: [UInt8])

  /// How many chips are read and classified at a time: whole groups of the images that a thread
  /// takes through a network at once, so that all groups need the same memory.
  static let batchSize = 112

  /// Classifies all chips of a survey that could be planned, in its order.
  ///
  /// Blocks for as long as it takes: call it on a plain thread. Holds the pixels of a few chips at
  /// a time, however many there are.
  ///
  /// - Parameters:
  ///   - bought: the bought patches of some chips, in their order, and their HR samples, each
  ///     `[bands, rows, columns]`; anything may stand in patches that were not bought, and nothing
  ///     need where none was. Called on the caller's thread.
  ///   - progress: told how many chips of how many are done; false cancels.
  /// - Throws: `ModelError.unlikeModel` where the survey is of another model; what `bought` throws;
  ///   `CancellationError`.
  public static func classify(
    survey: Survey, bundle: ModelBundle, bought: ([ChipIndex]) throws -> [Bought],
    progress: (_ done: Int, _ total: Int) -> Bool = { _, _ in true }
  ) throws -> [ChipResult] {
    var times = StageTimes()
    return try classify(
      survey: survey, bundle: bundle, times: &times, bought: bought, progress: progress)
  }

  /// The same, adding up how long each part takes.
  package static func classify(
    survey: Survey, bundle: ModelBundle, times: inout StageTimes,
    bought: ([ChipIndex]) throws -> [Bought],
    progress: (_ done: Int, _ total: Int) -> Bool = { _, _ in true }
  ) throws -> [ChipResult] {
    guard survey.modelDigest == bundle.digest else {
      throw ModelError.unlikeModel(
        what: "survey", expected: "model \(bundle.digest.prefix(16))",
        found: "one of model \(survey.modelDigest.prefix(16))")
    }
    let agent = bundle.agent()
    let total = survey.chips.count { $0.state == .surveyed }
    var results: [ChipResult] = []
    results.reserveCapacity(total)
    var part: [ChipSurvey] = []
    for (index, chip) in survey.chips.enumerated() {
      if chip.state == .surveyed { part.append(chip) }
      guard part.count == batchSize || index == survey.chips.count - 1, !part.isEmpty else {
        continue
      }
      let orders = try times.measure(.readHigh) { try bought(part.map(\.chip)) }
      let answers = agent.answers(
        zip(part, orders).map {
          Agent.Question(
            samples: $1.pixels[...], mask: $1.mask, lowLogits: $0.lowResolutionLogits)
        }, times: &times)
      for (place, answer) in answers.enumerated() {
        results.append(
          ChipResult(
            chip: part[place].chip, mask: orders[place].mask,
            probabilities: answer.probabilities, classIndex: answer.classIndex))
      }
      part.removeAll(keepingCapacity: true)
      guard progress(results.count, total) else { throw CancellationError() }
    }
    return results
  }
}
