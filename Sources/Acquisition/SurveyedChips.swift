// SPDX-License-Identifier: Apache-2.0

/// The chips of a survey, with all figures of one kind side by side.
///
/// A million chips are a few blocks of memory rather than two for each chip, and what looks at all
/// of them runs straight through.
///
/// ```swift
/// var chips = SurveyedChips(patchCount: 16, classCount: 10, capacity: 900)
/// chips.append(chip, .surveyed, keepProbabilities: keep, lowResolutionLogits: logits)
/// chips.count { $0.state == .surveyed }
/// ```
public struct SurveyedChips: Hashable, Sendable, RandomAccessCollection {
  /// The number of patches of a chip, P.
  public let patchCount: Int
  /// The number of classes, N.
  public let classCount: Int
  /// The keep probabilities of all chips, `[chips, P]`.
  public private(set) var keepProbabilities: [Float] = []
  /// The LR classifier's logits of all chips, `[chips, N]`.
  public private(set) var lowResolutionLogits: [Float] = []
  private var places: [ChipIndex] = []
  private var states: [ChipState] = []

  /// Creates an empty collection with room for `capacity` chips.
  public init(patchCount: Int, classCount: Int, capacity: Int) {
    self.patchCount = patchCount
    self.classCount = classCount
    keepProbabilities.reserveCapacity(capacity * patchCount)
    lowResolutionLogits.reserveCapacity(capacity * classCount)
    places.reserveCapacity(capacity)
    states.reserveCapacity(capacity)
  }

  /// Adds a chip with P keep probabilities and N logits.
  public mutating func append(
    _ chip: ChipIndex, _ state: ChipState, keepProbabilities keep: some Collection<Float>,
    lowResolutionLogits logits: some Collection<Float>
  ) {
    precondition(
      keep.count == patchCount && logits.count == classCount,
      "a chip of a survey has the keep probabilities and the logits that all have")
    places.append(chip)
    states.append(state)
    keepProbabilities.append(contentsOf: keep)
    lowResolutionLogits.append(contentsOf: logits)
  }

  /// Adds a chip that cannot be planned: all its figures are 0.
  public mutating func append(_ chip: ChipIndex, unplanned state: ChipState) {
    append(
      chip, state, keepProbabilities: repeatElement(0, count: patchCount),
      lowResolutionLogits: repeatElement(0, count: classCount))
  }

  /// The place of the first chip.
  public var startIndex: Int { 0 }
  /// The place after the last chip.
  public var endIndex: Int { places.count }

  /// What the agent says of one chip.
  public subscript(index: Int) -> ChipSurvey {
    ChipSurvey(
      chip: places[index], state: states[index],
      keep: keepProbabilities[index * patchCount..<(index + 1) * patchCount],
      logits: lowResolutionLogits[index * classCount..<(index + 1) * classCount])
  }
}
