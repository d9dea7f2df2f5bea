// SPDX-License-Identifier: Apache-2.0

import PatchDrop

/// How often answers are right, by how sure they say they are, as SVG.
struct ReliabilityDiagram {
  let cases: [EvaluationStudy.Case]

  private static let (left, top, side) = (52.0, 12.0, 320.0)
  /// Where the counts' bars end, and how high the highest is.
  private static let (floor, countHeight) = (430.0, 64.0)

  var svg: Markup {
    let bins = Calibration.bins(
      confidences: cases.map { Double($0.outcome.probability) },
      isRight: cases.map(\.outcome.isRight))
    let most = Double(max(bins.map(\.count).max() ?? 1, 1))
    let step = Self.side / Double(bins.count)
    let bars = bins.enumerated().filter { $0.element.count > 0 }.map { place, bin -> Markup in
      let from = Self.left + Double(place) * step + 1
      let (height, wanted) = (bin.accuracy * Self.side, bin.confidence * Self.side)
      let count = Double(bin.count) / most * Self.countHeight
      return """
        <g><title>\(EvaluationFigures.count(bin.count)) chips, sure to \
        \(EvaluationFigures.percent(bin.confidence)) %, right in \
        \(EvaluationFigures.percent(bin.accuracy)) %</title>
        <rect class="bar\(bin.count < 10 ? " thin" : "")" x="\(from)" y="\(y(height))" width="\(step - 2)" height="\(height)"/>
        <path class="wanted" d="M\(from) \(y(wanted))h\(step - 2)"/>
        <rect class="count" x="\(from)" y="\(Self.floor - count)" width="\(step - 2)" \
        height="\(count)"/></g>
        """
    }
    return """
      <svg class="chart square" viewBox="0 0 392 470" role="img"
      aria-label="Accuracy by confidence, with the number of answers beneath.">
      \(axes)
      \(bars)
      <path class="ideal" d="M\(Self.left) \(y(0))L\(Self.left + Self.side) \(y(Self.side))"/>
      <line class="axis" x1="\(Self.left)" x2="\(Self.left + Self.side)" y1="\(Self.floor)"
      y2="\(Self.floor)"/>
      <text class="tick soft" x="\(Self.left + Self.side)" y="462" text-anchor="end">\
      the answer's probability; beneath, how many answers</text>
      </svg>
      """
  }

  private func y(_ height: Double) -> Double { Self.top + Self.side - height }

  private var axes: Markup {
    let ticks = [0.0, 0.25, 0.5, 0.75, 1].map { share -> Markup in
      let place = y(share * Self.side)
      let across = Self.left + share * Self.side
      return """
        <line class="grid" x1="\(Self.left)" x2="\(Self.left + Self.side)" y1="\(place)"
        y2="\(place)"/>
        <text class="tick" x="\(Self.left - 7)" y="\(place + 4)" text-anchor="end">\
        \(EvaluationFigures.percent(share, digits: 0)) %</text>
        <text class="tick" x="\(across)" y="\(Self.floor + 16)" text-anchor="middle">\
        \(EvaluationFigures.percent(share, digits: 0)) %</text>
        """
    }
    return Markup(ticks)
  }
}
