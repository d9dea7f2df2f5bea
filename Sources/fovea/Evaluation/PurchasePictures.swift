// SPDX-License-Identifier: Apache-2.0

import Acquisition
import PatchDrop

/// Where and how much the policy buys: a map of each class, the numbers of patches a chip, and the
/// masks that come most often.
struct PurchasePictures {
  let cases: [EvaluationStudy.Case]
  let classes: [String]
  let grid: PatchGrid

  /// How many masks are shown.
  private static let maskCount = 12

  /// A map of all chips, and one of each class.
  var maps: Markup {
    let groups = Dictionary(grouping: cases, by: \.truth).sorted { $0.key < $1.key }
    let named =
      [("All chips", cases)] + groups.map { (classes[$0.key], $0.value) }
    let shares = named.map { _, cases in
      (0..<grid.patchCount).map { patch in
        Double(cases.count { $0.mask.contains(patch) }) / Double(max(cases.count, 1))
      }
    }
    // The strongest colour is the patch that is bought most often of any class.
    let most = max(shares.joined().max() ?? 0, 1e-9)
    let figures = zip(named, shares).map { group, shares -> Markup in
      let (name, cases) = group
      let bought = shares.reduce(0, +)
      let right = Double(cases.count { $0.outcome.isRight }) / Double(max(cases.count, 1))
      let drawing = PatchDrawing.cells(
        grid, titles: { "\(EvaluationFigures.percent(shares[$0], digits: 0)) %" },
        share: { shares[$0] / most })
      return """
        <figure>\(drawing)
        <figcaption><b>\(Self.breakable(name))</b> <span>S \
        \(EvaluationFigures.number(bought, digits: 1)),</span> \
        <span>\(EvaluationFigures.percent(right)) % right</span></figcaption></figure>
        """
    }
    return """
      <div class="maps">\(figures)</div>
      <p class="scale"><span>0 %</span><i></i><span>\
      \(EvaluationFigures.percent(most, digits: 0)) % of the chips</span></p>
      """
  }

  /// A name that may go on in the next line before each of its capitals.
  private static func breakable(_ name: String) -> Markup {
    var pieces: [Markup] = []
    var word = ""
    for character in name {
      if character.isUppercase, !word.isEmpty {
        pieces.append("\(word)<wbr>")
        word = ""
      }
      word.append(character)
    }
    pieces.append("\(word)")
    return Markup(joining: pieces)
  }

  /// How many chips had none to all patches bought, as bars.
  var distribution: Markup {
    let counts = (0...grid.patchCount).map { number in
      cases.count { $0.mask.count == number }
    }
    let (width, height, floor) = (560.0, 240.0, 200.0)
    let step = width / Double(counts.count)
    let most = Double(max(counts.max() ?? 1, 1))
    let bars = counts.enumerated().map { number, count -> Markup in
      let share = Double(count) / Double(max(cases.count, 1))
      let size = Double(count) / most * (floor - 24)
      let middle = (Double(number) + 0.5) * step
      let isLabelled = share >= 0.005 && counts.count <= 17
      let label: Markup =
        isLabelled
        ? """
        <text class="tick" x="\(middle)" y="\(floor - size - 6)" text-anchor="middle">\
        \(EvaluationFigures.percent(share, digits: 0))</text>
        """ : ""
      let tick: Markup =
        counts.count <= 17 || number % 8 == 0
        ? """
        <text class="tick" x="\(middle)" y="\(floor + 18)" text-anchor="middle">\(number)</text>
        """ : ""
      return """
        <rect class="bar" x="\(middle - 0.38 * step)" y="\(floor - size)" width="\(0.76 * step)"
        height="\(size)"><title>\(number) patches: \(count) chips</title></rect>\(label)\(tick)
        """
    }
    return """
      <svg class="chart small" viewBox="0 0 \(width) \(height)" role="img"
      aria-label="How many patches were bought of how many chips.">
      <line class="axis" x1="0" x2="\(width)" y1="\(floor)" y2="\(floor)"/>
      \(bars)
      <text class="tick soft" x="\(width)" y="\(floor + 36)" text-anchor="end">\
      patches bought of a chip; % of the chips</text>
      </svg>
      """
  }

  /// The masks that most chips have, each with its share.
  var frequentMasks: Markup {
    var counts: [PatchMask: Int] = [:]
    for shown in cases { counts[shown.mask, default: 0] += 1 }
    let order = counts.sorted { ($1.value, $0.key.bits) < ($0.value, $1.key.bits) }
    let figures = order.prefix(Self.maskCount).map { mask, count -> Markup in
      let share = Double(count) / Double(max(cases.count, 1))
      return """
        <figure>\(PatchDrawing.mask(mask, of: grid))
        <figcaption>\(EvaluationFigures.percent(share)) %</figcaption></figure>
        """
    }
    return #"<div class="masks">\#(figures)</div>"#
  }
}
