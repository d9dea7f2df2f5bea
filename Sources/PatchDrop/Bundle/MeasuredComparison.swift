// SPDX-License-Identifier: Apache-2.0

/// A row of a bundle's card beside what was measured again.
public struct MeasuredComparison: Sendable, Encodable {
  /// How far accuracies may lie apart on the same chips: another machine rounds otherwise.
  static let accuracyTolerance = 0.002
  /// How far S may lie apart on the same chips.
  static let patchesTolerance = 0.05

  /// The row in the card.
  public let stored: EvaluationRow
  /// The row that was found; nil where there is none of the system and stage.
  public let found: EvaluationRow?
  /// Whether they say the same.
  public let agrees: Bool

  /// Compares all stored rows with those that were found.
  ///
  /// - Parameter onSameChips: whether the chips are those that the stored rows were measured on;
  ///   of other chips the two 95 % intervals must overlap.
  public static func all(
    stored: [EvaluationRow], found: [EvaluationRow], onSameChips: Bool
  ) -> [MeasuredComparison] {
    stored.map { row in
      let other = found.first { $0.system == row.system && $0.stage == row.stage }
      return MeasuredComparison(
        stored: row, found: other,
        agrees: other.map { Self.agree(row, $0, onSameChips: onSameChips) } ?? false)
    }
  }

  private static func agree(
    _ stored: EvaluationRow, _ found: EvaluationRow, onSameChips: Bool
  ) -> Bool {
    if !onSameChips, let left = stored.accuracyInterval, let right = found.accuracyInterval {
      return left.low <= right.high && right.low <= left.high
    }
    return abs(stored.accuracy - found.accuracy) <= accuracyTolerance
      && abs(stored.patches - found.patches) <= patchesTolerance
  }
}
