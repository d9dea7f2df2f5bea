// SPDX-License-Identifier: Apache-2.0

import Acquisition
import PatchDrop

/// An evaluation as one file for a browser, without script or anything loaded.
struct EvaluationPage {
  let evaluation: Evaluation
  let study: EvaluationStudy
  /// What was scored.
  let name: String
  let split: String?
  let published: PublishedDataSet

  private var card: ModelCard { evaluation.bundle.card }
  private var grid: PatchGrid { card.design.patchGrid }
  private var patchDrop: EvaluationRow? {
    row(.patchDrop, stage: card.defaultVariant)
  }

  private func row(_ system: EvaluationSystem, stage: AgentVariant?) -> EvaluationRow? {
    study.rows.first { $0.system == system && $0.stage == stage }
  }

  /// The whole page.
  ///
  /// - Throws: `RasterError` where a picture cannot be made.
  func html() throws -> String {
    let page: Markup = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(card.name) on \(name) · Fovea</title>
      <style>\(Self.styleSheet)</style>
      </head>
      <body>
      <main>
      \(header)
      \(warnings)
      \(accuracy)
      <section>
      <h2>What it saw, bought and answered</h2>
      <p class="lead">Left: the low-resolution image, all that the agent knows before it pays.
      Middle: the high-resolution image, what was bought in a frame. Right: what the
      high-resolution classifier is given. From class to class there are chips for which little
      was bought, chips for which much was, and the wrong answers that were surest of themselves;
      each chip's pictures are stretched to the page's range of brightness.</p>
      \(try ChipGallery(evaluation: evaluation, cases: study.cases).markup())
      </section>
      \(purchases)
      \(reliability)
      \(EvaluationRows(
        lines: EvaluationLine.lines(study.rows, published: published), data: published
      ).markup)
      \(footer)
      </main>
      </body>
      </html>

      """
    return page.text
  }

  private var header: Markup {
    let images = EvaluationFigures.count(evaluation.count)
    return """
      <header>
      <p class="eyebrow">Fovea · evaluation</p>
      <h1>\(card.name)</h1>
      <p class="subtitle">\(name)\(split.map { ", \($0)" } ?? ""), \(images) chips of
      \(card.classes.count) classes</p>
      \(headline)
      </header>
      """
  }

  /// The result in a sentence, then in figures.
  private var headline: Markup {
    guard let patchDrop, let whole = row(.hrCNN, stage: nil), let coarse = row(.lrCNN, stage: nil)
    else { return "" }
    func percent(_ share: Double) -> String { "\(EvaluationFigures.percent(share)) %" }
    let interval = patchDrop.accuracyInterval.map {
      "95 % interval \(EvaluationFigures.percent($0.low)) to "
        + EvaluationFigures.percent($0.high)
    }
    let points = EvaluationFigures.points(patchDrop.accuracy - whole.accuracy, minus: "−")
    let gap = whole.patchDropDifference.map {
      "95 % interval \(EvaluationFigures.points($0.interval.low, minus: "−")) to "
        + EvaluationFigures.points($0.interval.high, minus: "−")
    }
    let error = patchDrop.eceInterval.map {
      "95 % interval \(EvaluationFigures.percent($0.low)) to "
        + EvaluationFigures.percent($0.high)
    }
    return """
      <p class="headline"><b>\(percent(patchDrop.accuracy))</b> of the answers are right with
      <b>\(EvaluationFigures.percent(patchDrop.costShare, digits: 0)) %</b> of the imagery.
      All of it would give \(percent(whole.accuracy)), low resolution alone
      \(percent(coarse.accuracy)).</p>
      <div class="figures">
      \(figure("Accuracy", EvaluationFigures.percent(patchDrop.accuracy), "%", interval ?? ""))
      \(figure(
        "Patches a chip", EvaluationFigures.number(patchDrop.patches),
        "of \(grid.patchCount)", "\(percent(patchDrop.costShare)) of the full cost"))
      \(figure("Against HR-CNN", points, "points", gap ?? ""))
      \(figure(
        "Calibration error", EvaluationFigures.percent(patchDrop.ece ?? 0), "%",
        error ?? "15 bins"))
      \(figure(
        "Different masks", EvaluationFigures.count(patchDrop.distinctMasks), "",
        "on \(EvaluationFigures.count(evaluation.count)) chips"))
      </div>
      """
  }

  private func figure(_ label: String, _ value: String, _ unit: String, _ note: String) -> Markup {
    """
    <div><p class="label">\(label)</p>
    <p class="value">\(value) <span class="unit">\(unit)</span></p>
    <p class="note">\(note)</p></div>
    """
  }

  /// Policies that are none.
  private var warnings: Markup {
    Markup(
      study.rows.compactMap { row in
        guard let stage = row.stage, let collapse = row.collapse else { return nil }
        return #"<p class="warning"><b>\#(stage.title):</b> \#(collapse.words).</p>"#
      })
  }

  private var accuracy: Markup {
    let chart = AccuracyChart(
      study, standard: card.defaultVariant, patchCount: grid.patchCount)
    let hidden: Markup = chart.hidden.map { #"<p class="note">\#($0)</p>"# } ?? ""
    return """
      <section>
      <h2>Accuracy against cost</h2>
      <p class="lead">Each curve is a policy whose keep threshold moves from “nothing” to
      “everything”; a mark shows what its own threshold gives, with the 95 % interval. The gate
      buys whole chips, those first of which the low-resolution classifier is least sure. Marks in
      the colours of the curves are the comparison systems at the same cost.</p>
      <div class="plot">\(chart.svg)
      \(chart.legend)</div>
      \(hidden)
      </section>
      """
  }

  private var purchases: Markup {
    let pictures = PurchasePictures(cases: study.cases, classes: card.classes, grid: grid)
    let stage = card.defaultVariant.title
    return """
      <section>
      <h2>Where it looks</h2>
      <p class="lead">How often \(stage) buys each patch, by the true class.</p>
      \(pictures.maps)
      </section>
      <section class="pair">
      <div>
      <h2>How much it buys</h2>
      \(pictures.distribution)
      </div>
      <div>
      <h2>The masks it buys most</h2>
      \(pictures.frequentMasks)
      </div>
      </section>
      """
  }

  private var reliability: Markup {
    """
    <section class="pair">
    <div>
    <h2>Can its probabilities be believed?</h2>
    \(ReliabilityDiagram(cases: study.cases).svg)
    </div>
    <div class="aside">
    <p>A bar is as high as the share of right answers among those of its probability; the stroke
    across it is where the bar should end. Bars below the diagonal are too sure of themselves,
    bars above it not sure enough; pale bars stand for fewer than ten answers.</p>
    <p>The planner weighs chips by these probabilities, and a job's report states them, so they are
    measured like the accuracy: the expected calibration error is the mean distance between bar
    and stroke, each weighed by its answers.</p>
    </div>
    </section>
    """
  }

  private var footer: Markup {
    var facts = [
      ("Model", card.name), ("SHA-256", evaluation.bundle.digest),
      ("Trained on", card.data.name),
      (
        "Ground",
        "\(EvaluationFigures.number(card.design.groundSampleDistanceMetres, digits: 1)) m"
          + " a pixel, low resolution \(card.design.zoom) times coarser"
      ),
      ("Made with", card.command),
    ]
    if !card.remedies.isEmpty {
      facts.append(("Beside the paper", card.remedies.joined(separator: "; ")))
    }
    let list = facts.map { name, value -> Markup in
      "<div><dt>\(name)</dt><dd>\(value)</dd></div>"
    }
    return """
      <footer><dl>\(list)</dl>
      <p>\(card.data.attribution)</p></footer>
      """
  }
}
