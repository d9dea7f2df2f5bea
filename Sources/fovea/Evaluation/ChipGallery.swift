// SPDX-License-Identifier: Apache-2.0

import Acquisition
import PatchDrop

/// Chips with what was seen, bought and answered, like the paper's figures of policies.
struct ChipGallery {
  let evaluation: Evaluation
  let cases: [EvaluationStudy.Case]

  /// About how many chips are shown.
  private static let size = 36

  /// The chips, class by class.
  func markup() throws -> Markup {
    let pictures = ChipPictures(of: evaluation)
    return #"<div class="gallery">\#(try Self.chosen(cases).map { try card($0, pictures) })</div>"#
  }

  /// The same chips each time: of each class one for which little was bought, one for which much
  /// was, and the wrong answer that was surest of itself, as far as there is room.
  static func chosen(_ cases: [EvaluationStudy.Case]) -> [EvaluationStudy.Case] {
    let groups = Dictionary(grouping: cases, by: \.truth).sorted { $0.key < $1.key }.map(\.value)
    guard !groups.isEmpty else { return [] }
    let shownCount = min(groups.count, size)
    let perClass = min(3, max(1, size / groups.count))
    return (0..<shownCount).flatMap { place -> [EvaluationStudy.Case] in
      let group = groups[place * groups.count / shownCount]
      let right = group.filter(\.outcome.isRight).sorted {
        ($0.mask.count, $0.index) < ($1.mask.count, $1.index)
      }
      let wrong = group.filter { !$0.outcome.isRight }.min {
        (-$0.outcome.probability, $0.index) < (-$1.outcome.probability, $1.index)
      }
      let kinds = [little(right, prefersNothing: place % 3 == 0), wrong, much(right)]
      // Where not all have room, each class shows another.
      let turned = (0..<3).compactMap { kinds[($0 + (perClass < 3 ? place : 0)) % 3] }
      var seen: Set<Int> = []
      return turned.filter { seen.insert($0.index).inserted }.prefix(perClass).sorted {
        ($0.mask.count, $0.index) < ($1.mask.count, $1.index)
      }
    }
  }

  /// A chip of which something was bought, but less than of most of those that something was
  /// bought of; or nothing.
  private static func little(
    _ sorted: [EvaluationStudy.Case], prefersNothing: Bool
  ) -> EvaluationStudy.Case? {
    let bought = sorted.filter { !$0.mask.isEmpty }
    let showsNothing = bought.isEmpty || prefersNothing && bought.count < sorted.count
    return showsNothing ? sorted.first : bought[bought.count / 5]
  }

  /// A chip of which more was bought than of most.
  private static func much(_ sorted: [EvaluationStudy.Case]) -> EvaluationStudy.Case? {
    let bought = sorted.filter { !$0.mask.isEmpty }
    return bought.isEmpty ? sorted.last : bought[bought.count * 4 / 5]
  }

  private func card(_ shown: EvaluationStudy.Case, _ pictures: ChipPictures) throws -> Markup {
    let card = evaluation.bundle.card
    let grid = card.design.patchGrid
    let outcome = shown.outcome
    let (truth, answer) = (card.classes[shown.truth], card.classes[outcome.classIndex])
    let probability = EvaluationFigures.percent(Double(outcome.probability), digits: 0)
    let patches =
      shown.mask.isEmpty ? "nothing bought" : "\(shown.mask.count) of \(grid.patchCount) patches"
    let verdict: Markup =
      outcome.isRight
      ? #"<b class="right">\#(answer)</b> \#(probability) %"#
      : #"<b class="wrong">\#(answer)</b> \#(probability) %, truly \#(truth)"#
    let given: Markup =
      shown.mask.isEmpty
      ? #"<div class="unasked">not asked: low resolution answers</div>"#
      : """
      <img src="\(try pictures.masked(shown.index, by: shown.mask))" alt="The bought patches alone.">
      """
    return """
      <figure class="chip" title="\(evaluation.chips.paths[shown.index])">
      <div class="looks">
      <img class="coarse" src="\(try pictures.low(shown.index))" alt="Low resolution.">
      <div class="bought"><img src="\(try pictures.high(shown.index))"
      alt="High resolution: \(patches)."><svg viewBox="0 0 \(grid.side) \(grid.side)"
      aria-hidden="true">\(PatchDrawing.overlay(shown.mask, of: grid))</svg></div>
      \(given)
      </div>
      <figcaption>\(verdict) <span class="spent">\(patches)</span></figcaption>
      </figure>
      """
  }
}
