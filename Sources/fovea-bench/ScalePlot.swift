// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A plot of the processor's seconds against chips, both logarithmic, as SVG: what grows in step with the chips is
/// parallel to the dashed lines.
struct ScalePlot {
  private static let width = 760.0
  private static let height = 480.0
  /// The plotted area: left, top, right, bottom.
  private static let area = (left: 84.0, top: 20.0, right: 590.0, bottom: 430.0)
  private static let colours = [
    "#4c78a8", "#f58518", "#e45756", "#72b7b2", "#54a24b", "#b79a20", "#b279a2", "#ff9da6",
    "#9d755d", "#7f7f7f", "#17becf", "#1f3b73", "#000000",
  ]

  private let measurements: [ScaleMeasurement]
  private let chipDecades: ClosedRange<Int>
  private let secondDecades: ClosedRange<Int>

  init(_ measurements: [ScaleMeasurement]) {
    self.measurements = measurements
    func decades(_ values: [Double]) -> ClosedRange<Int> {
      let first = Int(log10(values.min() ?? 1).rounded(.down))
      return first...max(first + 1, Int(log10(values.max() ?? 1).rounded(.up)))
    }
    chipDecades = decades(measurements.map { Double($0.chips) })
    secondDecades = decades(
      measurements.flatMap { $0.steps.map { max(1e-4, $0.processorSeconds) } })
  }

  /// The drawing.
  var svg: String {
    ([
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Int(Self.width)) "
        + "\(Int(Self.height))\" font-family=\"sans-serif\" font-size=\"12\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
    ] + axes + guides + lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  /// A power of ten in full: 0.001, 1, 1000.
  private static func power(_ decade: Int) -> String {
    let zeros = String(repeating: "0", count: max(0, abs(decade) - (decade < 0 ? 1 : 0)))
    return decade < 0 ? "0.\(zeros)1" : "1\(zeros)"
  }

  private func x(_ chips: Double) -> Double {
    Self.area.left + (Self.area.right - Self.area.left)
      * (log10(chips) - Double(chipDecades.lowerBound)) / Double(chipDecades.count - 1)
  }

  private func y(_ seconds: Double) -> Double {
    Self.area.bottom - (Self.area.bottom - Self.area.top)
      * (log10(max(1e-4, seconds)) - Double(secondDecades.lowerBound))
      / Double(secondDecades.count - 1)
  }

  private func line(
    _ points: [(x: Double, y: Double)], colour: String, style: String = ""
  ) -> String {
    let text = points.map { String(format: "%.1f,%.1f", $0.x, $0.y) }.joined(separator: " ")
    return "<polyline points=\"\(text)\" fill=\"none\" stroke=\"\(colour)\" \(style)/>"
  }

  private func text(_ words: String, x: Double, y: Double, anchor: String = "start") -> String {
    String(format: "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%@\" fill=\"#333333\">", x, y, anchor)
      + words + "</text>"
  }

  private var axes: [String] {
    var parts: [String] = []
    for decade in chipDecades {
      let place = x(pow(10, Double(decade)))
      parts.append(
        line([(place, Self.area.top), (place, Self.area.bottom)], colour: "#e4e4e4"))
      parts.append(
        text(
          Self.power(decade), x: place, y: Self.area.bottom + 18, anchor: "middle"))
    }
    for decade in secondDecades {
      let place = y(pow(10, Double(decade)))
      parts.append(
        line([(Self.area.left, place), (Self.area.right, place)], colour: "#e4e4e4"))
      parts.append(
        text(
          "\(Self.power(decade)) s", x: Self.area.left - 8, y: place + 4,
          anchor: "end"))
    }
    parts.append(
      text(
        "chips; the processor's seconds", x: (Self.area.left + Self.area.right) / 2,
        y: Self.area.bottom + 38,
        anchor: "middle"))
    return parts
  }

  /// Lines of growth in step with the chips.
  private var guides: [String] {
    let (first, last) = (
      pow(10, Double(chipDecades.lowerBound)), pow(10, Double(chipDecades.upperBound))
    )
    return secondDecades.dropLast().compactMap { decade in
      let seconds = pow(10, Double(decade))
      let end = min(last, first * pow(10, Double(secondDecades.upperBound - decade)))
      return line(
        [(x(first), y(seconds)), (x(end), y(seconds * end / first))], colour: "#c8c8c8",
        style: "stroke-dasharray=\"3 4\"")
    }
  }

  /// A line for each step, named at its end; the names keep apart.
  private var lines: [String] {
    let names = (measurements.first?.steps ?? []).map(\.name)
    var labels: [(name: String, colour: String, y: Double, place: (x: Double, y: Double))] = []
    var parts: [String] = []
    for (index, name) in names.enumerated() {
      let colour = Self.colours[index % Self.colours.count]
      let points = measurements.compactMap { measurement in
        measurement.steps.first { $0.name == name }.map {
          (x: x(Double(measurement.chips)), y: y($0.processorSeconds))
        }
      }
      parts.append(line(points, colour: colour, style: "stroke-width=\"2\""))
      if let last = points.last { labels.append((name, colour, last.y, last)) }
    }
    var lowest = -Double.infinity
    for label in labels.sorted(by: { $0.y < $1.y }) {
      let place = max(label.y, lowest + 15)
      lowest = place
      parts.append(
        line(
          [label.place, (Self.area.right + 14, place)], colour: label.colour,
          style: "stroke-width=\"0.7\""))
      parts.append(text(label.name, x: Self.area.right + 18, y: place + 4))
    }
    return parts
  }
}
