// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// An evaluation with what pictures of it need: accuracy against cost, and the answer for each
/// chip.
public struct EvaluationStudy: Sendable {
  /// How right a way of buying is, by how much it buys.
  public struct Curve: Sendable, Equatable {
    /// A measurement.
    public struct Point: Sendable, Equatable {
      /// S, the mean number of patches bought of a chip.
      public let patches: Double
      /// The share of right answers.
      public let accuracy: Double

      /// Creates a point.
      public init(patches: Double, accuracy: Double) {
        (self.patches, self.accuracy) = (patches, accuracy)
      }
    }

    /// PatchDrop, whose threshold moves along the curve, or the gate.
    public let system: EvaluationSystem
    /// The variant whose networks are used.
    public let stage: AgentVariant
    /// The measurements, by S: from nothing to everything.
    public let points: [Point]
  }

  /// One chip under the default variant.
  public struct Case: Sendable, Equatable {
    /// The chip's place in the data set.
    public let index: Int
    /// Its class, an index into the bundle's classes.
    public let truth: Int
    /// What was bought.
    public let mask: PatchMask
    /// What was answered.
    public let outcome: ChipOutcome
  }

  /// The rows of ``Evaluation/rows(threshold:progress:)``.
  public let rows: [EvaluationRow]
  /// A curve for each variant, and the gate's for the default one.
  public let curves: [Curve]
  /// The chips under the default variant, in order.
  public let cases: [Case]
}

extension Evaluation {
  /// The shares of all patches where a policy's curve is measured, between nothing and everything.
  private static let curveShares: [Double] = [
    1 / 32, 1 / 16, 1 / 8, 3 / 16, 1 / 4, 3 / 8, 1 / 2, 3 / 4,
  ]

  /// The rows, and what pictures of them need.
  ///
  /// - Parameters:
  ///   - threshold: the keep threshold of the default variant; the bundle's where nil.
  ///   - progress: told how many chips of how many are answered.
  public func study(
    threshold: Float? = nil, progress: @escaping (Int, Int) -> Void = { _, _ in }
  ) -> EvaluationStudy {
    let passes = rowPassCount + bundle.variants.count * (Self.curveShares.count + 3) + 3
    var book = AnswerBook(of: self, passes: passes, progress: progress)
    let rows = rows(threshold: threshold, book: &book)
    let standard = bundle.card.defaultVariant
    var curves = bundle.variants.map { variant in
      policyCurve(variant, own: variant == standard ? threshold : nil, book: &book)
    }
    curves.append(gateCurve(standard, book: &book))
    let masks = masks(threshold: threshold)
    let outcomes = book.outcomes(.own(standard), masks: masks)
    let cases = indices.indices.map { place in
      EvaluationStudy.Case(
        index: indices[place], truth: truth[place], mask: masks[place],
        outcome: outcomes[place])
    }
    return EvaluationStudy(rows: rows, curves: curves, cases: cases)
  }

  /// A policy's accuracy as its threshold falls.
  private func policyCurve(
    _ variant: AgentVariant, own: Float?, book: inout AnswerBook
  ) -> EvaluationStudy.Curve {
    let keep = sortedKeepProbabilities(variant)
    let ends = [PatchMask.none, .all(of: grid)].map { [PatchMask](repeating: $0, count: count) }
    let between = Self.curveShares.compactMap { share -> [PatchMask]? in
      let place = Int(share * Double(keep.count))
      // Nothing above the value at that place is one patch too many; ties are not bought.
      return place < keep.count ? masks(variant, threshold: keep[place]) : nil
    }
    var points: [EvaluationStudy.Curve.Point] = []
    for masks in ends + between + [masks(variant, threshold: own)] {
      let outcomes = book.outcomes(.own(variant), masks: masks)
      points.append(point(outcomes, patches: masks.reduce(0) { $0 + $1.count }))
    }
    points.sort { ($0.patches, $0.accuracy) < ($1.patches, $1.accuracy) }
    let distinct = points.indices.filter { $0 == 0 || points[$0] != points[$0 - 1] }
    return .init(system: .patchDrop, stage: variant, points: distinct.map { points[$0] })
  }

  /// The gate's accuracy as more chips are bought whole: their answers for nothing and for
  /// everything say it all.
  private func gateCurve(
    _ variant: AgentVariant, book: inout AnswerBook
  ) -> EvaluationStudy.Curve {
    let nothing = [PatchMask](repeating: .none, count: count)
    let everything = [PatchMask](repeating: .all(of: grid), count: count)
    var outcomes = book.outcomes(.own(variant), masks: nothing)
    let whole = book.outcomes(.own(variant), masks: everything)
    let order = marginOrder(variant)
    let steps = 2 * grid.patchCount
    var bought = 0
    let points = (0...steps).map { step in
      let wanted = count * step / steps
      for place in order[bought..<wanted] { outcomes[place] = whole[place] }
      bought = wanted
      return point(outcomes, patches: wanted * grid.patchCount)
    }
    return .init(system: .lrMargin, stage: variant, points: points)
  }

  private func point(
    _ outcomes: [ChipOutcome], patches: Int
  ) -> EvaluationStudy.Curve.Point {
    let divisor = Double(max(count, 1))
    return .init(
      patches: Double(patches) / divisor,
      accuracy: Double(outcomes.count(where: \.isRight)) / divisor)
  }
}
