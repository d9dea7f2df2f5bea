// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Wire

/// A job and its plan in words.
enum JobDetails {
  private static let labelWidth = 19

  static func show(_ job: JobRecord, as output: OutputOptions) throws {
    if output.json { return try Printing.json(job) }
    let request = job.request
    var rows = [
      row("job", job.id),
      row("state", job.state.rawValue + (job.isCancelRequested ? ", to be cancelled" : "")),
      row("created", Printing.time(job.createdAt)), row("scene", request.scene),
      row("model", request.model), row("vendor", request.vendor), row("budget", request.budget),
      row("grid origin", request.gridOrigin.description),
    ]
    if let crs = request.gridCRS { rows.append(row("chips in", crs)) }
    if job.plan?.reading == nil {
      if let bands = request.bands {
        rows.append(row("bands", bands.map(String.init).joined(separator: ", ")))
      }
      if let stretch = request.stretch { rows.append(row("stretch", "\(stretch)")) }
    }
    if request.dryRun { rows.append(row("dry run", "yes: it ends with its plan")) }
    if request.priority != 0 { rows.append(row("priority", "\(request.priority)")) }
    if let cap = request.cap { rows.append(row("cap", "\(cap)")) }
    if let limit = request.approveOver { rows.append(row("approve over", "\(limit)")) }
    if let tag = request.tag { rows.append(row("tag", tag)) }
    if let plan = job.plan { rows += self.rows(of: plan) }
    if let progress = job.progress {
      rows.append(row("progress", "\(progress.stage) \(progress.completed) of \(progress.total)"))
    }
    if let money = job.money {
      rows.append(row("money", "held \(money.held), spent \(money.spent)"))
    }
    if !job.stages.isEmpty {
      let times = job.stages.map { "\($0.stage) \(Printing.decimals($0.durationS, 2)) s" }
      rows.append(row("time", times.joined(separator: ", ")))
    }
    if job.state == .awaitingApproval {
      rows.append(row("waits", "fovea job approve \(job.id), or fovea job cancel \(job.id)"))
    }
    if let trouble = job.trouble { rows.append(row("why", trouble.description)) }
    for row in rows { print(row) }
  }

  /// What a plan buys, and for how much.
  static func rows(of plan: PlanSummary) -> [String] {
    let everything = plan.priceOfEverything
    let share =
      everything.minorUnits > 0
      ? Double(plan.price.minorUnits) / Double(everything.minorUnits) : 0
    let patches = plan.patches
    var rows = [
      row("price", "\(plan.price), \(Printing.percent(share)) of \(everything) for everything"),
      row(
        "patches",
        "\(patches.toBuy) to buy, \(patches.owned) owned, \(patches.wanted) wanted, "
          + "\(patches.everything) in all"),
      row("orders", "\(plan.orderCount), of \(plan.itemCount) rectangles"),
      row(
        "area",
        squareKilometres(plan.neededAreaM2) + " needed"
          + (plan.billedAreaM2.map { ", " + squareKilometres($0) + " billed" } ?? "")),
      row("chips", chips(plan.chips)),
    ]
    if let reading = plan.reading {
      let lattice = SceneReading.name(ofCRS: reading.latticeCRS)
      let isOwn = reading.sceneCRS == reading.latticeCRS
      rows += [
        row(
          "grid",
          lattice + (isOwn ? "" : "; the scene is in \(SceneReading.name(ofCRS: reading.sceneCRS))")
        ),
        row("pixels", reading.resamplingWords), row("bands", reading.bandWords),
        row("stretch", reading.stretchWords),
      ]
    }
    if let low = plan.estimatedLowResolutionAccuracy, let expected = plan.estimatedAccuracy {
      rows.append(
        row(
          "expected accuracy",
          "\(Printing.percent(expected)), from low resolution alone \(Printing.percent(low))"))
    }
    return rows
  }

  static func row(_ label: String, _ text: String) -> String {
    label + String(repeating: " ", count: max(1, labelWidth - label.count)) + text
  }

  private static func chips(_ chips: PlanSummary.Chips) -> String {
    var text = "\(chips.surveyed) surveyed, \(chips.buying) with a purchase"
    if chips.tooFewValidPixels > 0 {
      text += "; \(chips.tooFewValidPixels) with too few valid pixels"
    }
    if chips.outsideScene > 0 { text += "; \(chips.outsideScene) outside of the scene" }
    return text
  }

  private static func squareKilometres(_ squareMetres: Double) -> String {
    Printing.decimals(squareMetres / 1e6, 3) + " km2"
  }
}
