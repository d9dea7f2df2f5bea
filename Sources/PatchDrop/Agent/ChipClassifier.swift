// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// Says what each chip of a survey is, from its LR pixels and what was bought of it.
public enum ChipClassifier {
  /// The HR samples of what was bought of a chip.
  public typealias Bought = (mask: PatchMask, pixels: [UInt8])

  /// Classifies all chips of a survey that could be planned, in its order.
  ///
  /// Blocks for as long as it takes: call it on a plain thread.
  ///
  /// - Parameters:
  ///   - bought: the bought patches of a chip and its HR samples, `[bands, rows, columns]`;
  ///     anything may stand in patches that were not bought, and nothing need where none was.
  ///     Called on the caller's thread.
  ///   - progress: told how many chips of how many are done; false cancels.
  /// - Throws: `ModelError.unlikeModel` where the survey is of another model; what `bought` throws;
  ///   `CancellationError`.
  public static func classify(
    survey: Survey, bundle: ModelBundle, bought: (ChipIndex) throws -> Bought,
    progress: (_ done: Int, _ total: Int) -> Bool = { _, _ in true }
  ) throws -> [ChipResult] {
    guard survey.modelDigest == bundle.digest else {
      throw ModelError.unlikeModel(
        what: "survey", expected: "model \(bundle.digest.prefix(16))",
        found: "one of model \(survey.modelDigest.prefix(16))")
    }
    let agent = bundle.agent()
    let chips = survey.chips.filter { $0.state == .surveyed }
    var results: [ChipResult] = []
    results.reserveCapacity(chips.count)
    for first in stride(from: 0, to: chips.count, by: ParallelChips.batchSize) {
      let part = Array(chips[first..<min(first + ParallelChips.batchSize, chips.count)])
      let orders = try part.map { try bought($0.chip) }
      results += try ParallelChips.map(count: part.count) { place in
        let answer = agent.answer(
          orders[place].pixels, mask: orders[place].mask,
          lowLogits: part[place].lowResolutionLogits)
        return ChipResult(
          chip: part[place].chip, mask: orders[place].mask, probabilities: answer.probabilities,
          classIndex: answer.classIndex)
      }
      guard progress(results.count, chips.count) else { throw CancellationError() }
    }
    return results
  }
}
