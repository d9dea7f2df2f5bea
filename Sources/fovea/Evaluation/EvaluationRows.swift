// SPDX-License-Identifier: Apache-2.0

import PatchDrop

/// The table of an evaluation's page.
struct EvaluationRows {
  let lines: [EvaluationLine]
  let data: PublishedDataSet

  var markup: Markup {
    let stages = [nil] + AgentVariant.allCases.map(Optional.some)
    let bodies = stages.map { stage -> Markup in
      let lines = lines.filter { $0.stage == stage }
      guard !lines.isEmpty else { return "" }
      return "<tbody>\(heading(stage))\(lines.map(line))</tbody>"
    }
    return """
      <section>
      <h2>All systems</h2>
      <p class="lead">Intervals hold 95 % of 10,000 bootstrap resamples of these chips. PatchDrop's
      lead is over the same chips, resampled in pairs; it is bold where the interval leaves 0 out.
      On the right, what the paper reports for \(data.title), where images, sizes and networks are
      others: compare patterns, not numbers.\(training)</p>
      <div class="scroll"><table>
      <thead>
      <tr><th></th><th colspan="6" class="group">measured here</th>
      <th></th><th colspan="2" class="group">paper, \(data.title)</th></tr>
      <tr><th>System</th><th class="n">Accuracy</th><th class="n">S</th><th class="n">Cost</th>
      <th class="n">ECE</th><th class="n">NLL</th><th class="n">Masks</th>
      <th class="n">PatchDrop leads by</th><th class="n">Accuracy</th><th class="n">S</th></tr>
      </thead>
      \(bodies)
      </table></div>
      </section>
      """
  }

  /// How long the comparisons' classifiers were fine-tuned.
  private var training: String {
    let epochs = Set(lines.compactMap { $0.row?.epochs }).sorted()
    let own = epochs.filter { $0 > 0 }.map { "\($0)" }.joined(separator: " or ")
    var text = ""
    if !own.isEmpty {
      text +=
        " Fixed-H, Fixed-V and Stochastic have classifiers of their own in Ft-1 and Ft-2, "
        + "fine-tuned on their masks for \(own) epochs."
    }
    if epochs.first == 0 {
      text +=
        " Where a system is marked °, the bundle has no classifier for its masks, and "
        + "PatchDrop's own answered."
    }
    return text
  }

  private func heading(_ stage: AgentVariant?) -> Markup {
    let title = stage.map { "\($0.title): \($0.summary)" } ?? "Classifiers that stand alone"
    return #"<tr class="stage"><th colspan="10" scope="rowgroup">\#(title)</th></tr>"#
  }

  private func line(_ line: EvaluationLine) -> Markup {
    let mark = line.lacksTraining ? "°" : ""
    let name: Markup = """
      <th scope="row" title="\(line.system.summary)">\(line.system.title)\(mark)</th>
      """
    return """
      <tr class="\(line.system.rawValue)\(line.row == nil ? " paper" : "")">\(name)
      \(measured(line.row))
      <td class="n published">\(line.published.map {
        EvaluationFigures.percent($0.accuracy) } ?? "")</td>
      <td class="n published">\(line.published.map {
        EvaluationFigures.number($0.patches, digits: 1) } ?? "")</td></tr>
      """
  }

  private func measured(_ row: EvaluationRow?) -> Markup {
    guard let row else {
      return #"<td colspan="7">in the paper only</td>"#
    }
    let interval: Markup =
      row.accuracyInterval.map {
        """
        <span class="range">\(EvaluationFigures.percent($0.low))–\
        \(EvaluationFigures.percent($0.high))</span>
        """
      } ?? ""
    return """
      <td class="n">\(interval) \(EvaluationFigures.percent(row.accuracy)) %</td>
      <td class="n">\(EvaluationFigures.number(row.patches))</td>
      <td class="n">\(EvaluationFigures.percent(row.costShare)) %</td>
      <td class="n">\(row.ece.map { EvaluationFigures.percent($0) + " %" } ?? "")</td>
      <td class="n">\(row.nll.map { EvaluationFigures.number($0, digits: 3) } ?? "")</td>
      <td class="n">\(EvaluationFigures.count(row.distinctMasks))</td>
      <td class="n">\(row.patchDropDifference.map(lead) ?? "")</td>
      """
  }

  private func lead(_ difference: EvaluationRow.Difference) -> Markup {
    let mean = EvaluationFigures.points(difference.mean, minus: "−")
    let kind = !difference.isClear ? "unclear" : difference.mean > 0 ? "ahead" : "behind"
    return """
      <span class="range">\(EvaluationFigures.points(difference.interval.low, minus: "−")) to \
      \(EvaluationFigures.points(difference.interval.high, minus: "−"))</span> \
      <span class="\(kind)">\(mean)</span>
      """
  }
}
