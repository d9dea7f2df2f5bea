// SPDX-License-Identifier: Apache-2.0

import PatchDrop

/// An evaluation as a person reads it in a terminal.
struct EvaluationTable {
  let text: String

  /// - Parameter data: whose published figures stand beside the measured ones.
  init(_ rows: [EvaluationRow], published data: PublishedDataSet) {
    let lines = EvaluationLine.lines(rows, published: data)
    let heads = [
      "stage", "system", "accuracy %", "(95 %)", "S", "cost %", "ECE %", "NLL", "masks", "epochs",
      "PatchDrop leads by", "\(data.title) %", "S",
    ]
    text = (Self.columns(heads, lines.map(Self.cells)) + [""] + Self.notes(lines, data))
      .joined(separator: "\n")
  }

  private static func cells(_ line: EvaluationLine) -> [String] {
    let published = [
      line.published.map { EvaluationFigures.percent($0.accuracy) } ?? "-",
      line.published.map { EvaluationFigures.number($0.patches, digits: 1) } ?? "-",
    ]
    let names = [line.stage?.title ?? "-", line.system.title]
    guard let row = line.row else {
      return names + [String](repeating: "-", count: 9) + published
    }
    return names + [
      EvaluationFigures.percent(row.accuracy, digits: 2),
      row.accuracyInterval.map {
        "\(EvaluationFigures.percent($0.low))-\(EvaluationFigures.percent($0.high))"
      } ?? "-",
      EvaluationFigures.number(row.patches), EvaluationFigures.percent(row.costShare),
      row.ece.map { EvaluationFigures.percent($0, digits: 2) } ?? "-",
      row.nll.map { EvaluationFigures.number($0, digits: 3) } ?? "-", "\(row.distinctMasks)",
      row.epochs.map { $0 == 0 ? "none" : "\($0)" } ?? "-",
      row.patchDropDifference.map(lead) ?? "-",
    ] + published
  }

  /// A difference in points with its interval, and a star where it is clear.
  private static func lead(_ difference: EvaluationRow.Difference) -> String {
    let (low, high) = (difference.interval.low, difference.interval.high)
    return "\(EvaluationFigures.points(difference.mean)) (\(EvaluationFigures.points(low)) to "
      + "\(EvaluationFigures.points(high)))" + (difference.isClear ? " *" : "  ")
  }

  private static func notes(_ lines: [EvaluationLine], _ data: PublishedDataSet) -> [String] {
    var notes = [
      "* beyond chance: the 95 % interval of the paired difference leaves 0 out. Right: the "
        + "paper's figures on \(data.title)."
    ]
    if lines.contains(where: \.lacksTraining) {
      notes.append(
        "epochs none: the bundle has no classifier for these masks, so PatchDrop's own answered.")
    }
    for line in lines {
      guard let stage = line.stage, let row = line.row else { continue }
      if let interval = row.eceInterval {
        notes.append(
          "\(stage.title)'s calibration error: 95 % interval "
            + "\(EvaluationFigures.percent(interval.low, digits: 2)) to "
            + "\(EvaluationFigures.percent(interval.high, digits: 2)) %.")
      }
      if let collapse = row.collapse { notes.append("\(stage.title): \(collapse.words).") }
    }
    return notes
  }

  /// Columns as wide as their widest field: names to the left, numbers to the right.
  private static func columns(_ heads: [String], _ lines: [[String]]) -> [String] {
    let widths = heads.indices.map { column in
      ([heads] + lines).map { $0[column].count }.max() ?? 0
    }
    return ([heads] + lines).map { fields in
      fields.enumerated().map { column, field in
        let space = String(repeating: " ", count: widths[column] - field.count)
        return column < 2 ? field + space : space + field
      }.joined(separator: "  ")
    }
  }
}
