// SPDX-License-Identifier: Apache-2.0

import Foundation
import PatchDrop

/// Accuracy against cost, as SVG: a curve for each stage, the gate's, and a point for each
/// comparison system.
struct AccuracyChart {
  let study: EvaluationStudy
  let standard: AgentVariant
  let patchCount: Int

  private static let (width, height) = (700.0, 424.0)
  private static let (left, right, top, bottom) = (62.0, 668.0, 20.0, 358.0)

  private let lowest: Double
  private let highest: Double
  private let step: Double

  init(_ study: EvaluationStudy, standard: AgentVariant, patchCount: Int) {
    (self.study, self.standard, self.patchCount) = (study, standard, patchCount)
    let rows = study.rows
    let ends = rows.filter { $0.system == .lrCNN || $0.system == .hrCNN }.map(\.accuracy)
    // Systems far below the LR classifier would press all others against the top.
    let floor = (ends.min() ?? 0) - max(0.5 * ((ends.max() ?? 1) - (ends.min() ?? 0)), 0.01)
    let shown = (rows.map(\.accuracy) + study.curves.flatMap { $0.points.map(\.accuracy) })
      .filter { $0 >= floor }
    let (least, most) = (shown.min() ?? 0, shown.max() ?? 1)
    step = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2].first { (most - least) / $0 <= 6 } ?? 0.2
    lowest = max(0, ((least - step / 8) / step).rounded(.down) * step)
    highest = min(1, ((most + step / 8) / step).rounded(.up) * step)
  }

  private func x(_ patches: Double) -> Double {
    Self.left + patches / Double(patchCount) * (Self.right - Self.left)
  }

  private func y(_ accuracy: Double) -> Double {
    let share = (accuracy - lowest) / max(highest - lowest, 1e-9)
    return Self.bottom - share * (Self.bottom - Self.top)
  }

  /// The drawing.
  var svg: Markup {
    """
    <svg class="chart" viewBox="0 0 \(Self.width) \(Self.height)" role="img"
    aria-label="Accuracy against the mean number of patches bought.">
    <clipPath id="plot"><rect x="\(Self.left)" y="\(Self.top - 6)"
    width="\(Self.right - Self.left + 8)" height="\(Self.bottom - Self.top + 6)"/></clipPath>
    \(axes)
    \(ends)
    <g clip-path="url(#plot)">
    \(study.curves.map(curve))
    </g>
    \(study.rows.map(point))
    </svg>
    """
  }

  private var axes: Markup {
    let heights = (0...12).map { lowest + Double($0) * step }.filter { $0 <= highest + 1e-9 }
    let shares = [0.0, 0.25, 0.5, 0.75, 1]
    let digits = step < 0.01 ? 1 : 0
    let horizontal = heights.map { height -> Markup in
      """
      <line class="grid" x1="\(Self.left)" x2="\(Self.right)" y1="\(y(height))" y2="\(y(height))"/>
      <text class="tick" x="\(Self.left - 8)" y="\(y(height) + 4)" text-anchor="end">\
      \(EvaluationFigures.percent(height, digits: digits)) %</text>
      """
    }
    let vertical = shares.map { share -> Markup in
      let place = x(share * Double(patchCount))
      let count = share * Double(patchCount)
      return """
        <line class="grid" x1="\(place)" x2="\(place)" y1="\(Self.bottom)" y2="\(Self.bottom + 5)"/>
        <text class="tick" x="\(place)" y="\(Self.bottom + 21)" text-anchor="middle">\(count)</text>
        <text class="tick soft" x="\(place)" y="\(Self.bottom + 40)" text-anchor="middle">\
        \(EvaluationFigures.percent(share, digits: 0)) %</text>
        """
    }
    return """
      \(horizontal)
      \(vertical)
      <text class="tick" x="\(Self.right)" y="\(Self.bottom + 62)" text-anchor="end">\
      S, patches bought of a chip, and their share of the cost</text>
      """
  }

  /// The classifiers that stand alone, as lines: nothing and everything.
  private var ends: Markup {
    Markup(
      study.rows.filter { $0.system == .lrCNN || $0.system == .hrCNN }.map { row in
        let place = y(row.accuracy)
        let isTop = row.system == .hrCNN
        return """
          <line class="end" x1="\(Self.left)" x2="\(Self.right)" y1="\(place)" y2="\(place)"/>
          <text class="label" x="\(Self.right)" y="\(isTop ? place - 7 : place + 16)"
          text-anchor="end">\(row.system.title) \(EvaluationFigures.percent(row.accuracy)) %</text>
          """
      })
  }

  private func curve(_ curve: EvaluationStudy.Curve) -> Markup {
    let path = curve.points.map { point -> Markup in
      "\(x(point.patches)),\(y(point.accuracy)) "
    }
    let isGate = curve.system == .lrMargin
    let dots: [Markup] =
      isGate
      ? []
      : curve.points.map { point in
        """
        <circle class="dot" cx="\(x(point.patches))" cy="\(y(point.accuracy))" r="2.5">\
        <title>\(curve.stage.title), S \(EvaluationFigures.number(point.patches)): \
        \(EvaluationFigures.percent(point.accuracy, digits: 2)) %</title></circle>
        """
      }
    return """
      <g class="\(isGate ? "gate" : curve.stage.rawValue)">
      <polyline class="curve" points="\(path)"/>
      \(dots)
      </g>
      """
  }

  private func point(_ row: EvaluationRow) -> Markup {
    guard let stage = row.stage, row.system != .lrMargin, row.system != .given else { return "" }
    let place = x(row.patches)
    let title: Markup = """
      <title>\(stage.title) \(row.system.title), S \(EvaluationFigures.number(row.patches)): \
      \(EvaluationFigures.percent(row.accuracy, digits: 2)) %</title>
      """
    guard row.accuracy >= lowest else {
      let end = Self.bottom - 3
      return """
        <path class="mark \(stage.rawValue)" d="M\(place - 5) \(end - 8)h10l-5 8z">\(title)</path>
        """
    }
    return """
      <g class="mark \(stage.rawValue)" transform="translate(\(place) \(y(row.accuracy)))">\
      \(Self.shape(row.system, interval: interval(row)))\(title)</g>
      """
  }

  /// The ends of an accuracy's interval, from its point, in the drawing's units.
  private func interval(_ row: EvaluationRow) -> (Double, Double)? {
    guard row.system == .patchDrop, let interval = row.accuracyInterval else { return nil }
    let place = y(row.accuracy)
    return (min(y(interval.low), Self.bottom) - place, max(y(interval.high), Self.top) - place)
  }

  /// The mark of a system around 0, 0.
  static func shape(_ system: EvaluationSystem, interval: (Double, Double)? = nil) -> Markup {
    switch system {
    case .fixedH: return #"<rect x="-7" y="-3" width="14" height="6"/>"#
    case .fixedV: return #"<rect x="-3" y="-7" width="6" height="14"/>"#
    case .stochastic: return #"<path d="M0 -6.5L6.5 0L0 6.5L-6.5 0z"/>"#
    default:
      let bar: Markup =
        interval.map { low, high in
          #"<path class="interval" d="M0 \#(low)V\#(high)M-4 \#(low)H4M-4 \#(high)H4"/>"#
        } ?? ""
      return #"\#(bar)<circle r="6.5"/>"#
    }
  }

  /// What the marks and lines mean, as a list under the drawing.
  var legend: Markup {
    let curves = study.curves.map { curve -> Markup in
      let isGate = curve.system == .lrMargin
      return """
        <li class="\(isGate ? "gate" : curve.stage.rawValue)">\
        <svg viewBox="0 0 26 12" aria-hidden="true"><path class="curve" d="M1 6H25"/></svg>\
        \(isGate ? "Margin gate with the \(curve.stage.title) classifier" : curve.stage.title)</li>
        """
    }
    let systems: [EvaluationSystem] = [.patchDrop, .fixedH, .fixedV, .stochastic]
    let marks = systems.map { system -> Markup in
      """
      <li><svg viewBox="-13 -8 26 16" aria-hidden="true"><g class="mark">\
      \(Self.shape(system))</g></svg>\
      \(system == .patchDrop ? "PatchDrop at its threshold" : system.title)</li>
      """
    }
    return #"<ul class="legend">\#(curves)\#(marks)</ul>"#
  }

  /// The systems whose points would lie below the drawing, in words; nil where there are none.
  var hidden: String? {
    let names = study.rows.filter { $0.stage != nil && $0.accuracy < lowest }.map { row in
      "\(row.stage?.title ?? "") \(row.system.title) "
        + "\(EvaluationFigures.percent(row.accuracy)) %"
    }
    return names.isEmpty ? nil : "Below the drawing: \(names.joined(separator: ", "))."
  }
}
