// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Planning

/// The sentences of the page.
extension ReportPage {
  static func figures(of report: JobReport) -> [Figure] {
    let (money, patches) = (report.money, report.patches)
    var figures = [
      Figure(
        label: "Spent", value: amount(money.spent), unit: money.spent.currency.code,
        note: "of \(Figures.money(money.granted)) granted to \(money.budget)")
    ]
    if let saved = money.saved, let everything = money.priceOfEverything {
      let share = money.costShare.map { "\(Figures.percent(1 - $0)) of " } ?? "of "
      figures.append(
        Figure(
          label: "Saved", value: amount(saved), unit: saved.currency.code,
          note: "\(share)\(Figures.money(everything)) for everything"))
    }
    let owned = patches.owned > 0 ? "; \(Figures.count(patches.owned)) more were owned" : ""
    figures.append(
      Figure(
        label: "Patches bought", value: Figures.count(patches.bought),
        unit: "of \(Figures.count(patches.total))",
        note: "\(Figures.decimal(patches.usedPerChip, digits: 2)) of "
          + "\(report.grid.patchesPerChip) used a chip\(owned)"))
    if let estimated = report.accuracy.estimated {
      let alone = report.accuracy.estimatedFromLowResolution.map {
        "; from the scene alone \(Figures.percent($0))"
      }
      figures.append(
        Figure(
          label: "Expected accuracy", value: Figures.plain(100 * estimated, digits: 1), unit: "%",
          note: "an estimate, not measured\(alone ?? "")"))
    }
    return figures
  }

  private static func amount(_ money: Money) -> String {
    let text = Figures.money(money)
    return String(text.dropLast(money.currency.code.count + 1))
  }

  static func mosaicNote(_ report: JobReport, pixelSizeMetres: Double) -> String {
    report.patches.bought + report.patches.owned == 0
      ? "Nothing was bought: all answers come from the scene itself."
      : "The pixels that were paid for, at \(Figures.length(metres: pixelSizeMetres)) a pixel, "
        + "over the faded scene."
  }

  /// What the expected accuracy means; nil where there is no answer.
  static func accuracyNote(_ accuracy: JobReport.Accuracy) -> String? {
    accuracy.estimated.map {
      "Every answer comes with a calibrated probability of being right. Their mean is "
        + "\(Figures.percent($0)): of 100 such answers about \(Int((100 * $0).rounded())) should "
        + "be right, as long as this scene is like those that the model was trained on. Nothing "
        + "here was compared with the truth."
    }
  }

  static func leftOut(_ chips: [JobReport.NotSurveyed]) -> [LeftOut] {
    Dictionary(grouping: chips, by: \.reason).sorted { $0.key < $1.key }.map { reason, chips in
      let places = chips.prefix(12).map { "r\($0.row)c\($0.column)" }
      let rest = chips.count > 12 ? " and \(Figures.count(chips.count - 12)) more" : ""
      return LeftOut(
        count: Figures.counted(chips.count, "chip"),
        reason: "not planned, \(words(reason))", places: places.joined(separator: ", ") + rest)
    }
  }

  static func facts(of report: JobReport) -> [ReportFact] {
    let seconds = report.job.finishedAt.timeIntervalSince(report.job.submittedAt)
    let grid = report.grid
    return [
      ReportFact("Job", report.job.id),
      ReportFact(
        "Submitted",
        "\(Figures.time(report.job.submittedAt)), took \(Figures.duration(seconds: seconds))"),
      ReportFact(
        "Chips",
        "\(Figures.counted(report.chips.total, "chip")) of "
          + "\(Figures.length(metres: grid.chipSideM)), \(grid.patchesPerChip) patches each, "
          + "\(grid.crs.hasPrefix("EPSG:") ? grid.crs : "a system without an EPSG code")"),
      ReportFact(
        "Scene",
        "\(report.scene.name), \(Figures.length(metres: report.scene.pixelSizeM)) a pixel, "
          + "SHA-256 \(report.scene.digest.prefix(16))"),
    ]
      + readingFacts(report.reading) + [
        ReportFact("Model", "\(report.model.name), SHA-256 \(report.model.digest.prefix(16))"),
        ReportFact(
          "Money",
          "held \(Figures.money(report.money.heldInAll)) in all, "
            + "captured \(Figures.money(report.money.captured)), "
            + "released \(Figures.money(report.money.released)), by the ledger's entries; "
            + "net of tax"),
      ]
      + (report.product.map { [ReportFact("Product", $0.description)] } ?? [])
      + (report.priceSource.map { [ReportFact("Prices", $0)] } ?? []) + report.facts
  }

  /// How the scene was read.
  private static func readingFacts(_ reading: SceneReading?) -> [ReportFact] {
    guard let reading else { return [] }
    let scene = SceneReading.name(ofCRS: reading.sceneCRS)
    let lattice = SceneReading.name(ofCRS: reading.latticeCRS)
    return [
      ReportFact(
        "Low resolution",
        "pixels \(reading.resamplingWords)"
          + (scene == lattice ? "" : ", from \(scene) to \(lattice)")),
      ReportFact(
        "Bands", "\(reading.bandWords) of the scene; stretch \(reading.stretchWords)"),
    ]
  }

  /// What the licence asks of those who use the imagery.
  static func duties(of report: JobReport) -> [ReportFact] {
    // Without imagery there is nothing that the licence could be about.
    guard let licence = report.licence, report.patches.bought + report.patches.owned > 0 else {
      return []
    }
    var duties = [
      ReportFact("Licence", licence.url.map { "\(licence.id), \($0)" } ?? licence.id)
    ]
    if let seats = licence.seats {
      duties.append(ReportFact("Seats", Figures.counted(seats, "user")))
    }
    let restrictions = licence.restrictions.map(words)
    if !restrictions.isEmpty {
      duties.append(ReportFact("Restrictions", restrictions.joined(separator: "; ")))
    }
    return duties
  }

  private static func words(_ restriction: Licence.Restriction) -> String {
    switch restriction {
    case .internalUse: "for use within your organisation only"
    case .noRedistribution: "the imagery is not to be passed on"
    case .nonCommercial: "no commercial use"
    case .noTraining: "no training of models on the imagery"
    }
  }

  /// Why a chip gets what it gets.
  static func words(_ reason: PlanReason) -> String {
    switch reason {
    case .notWanted: "no patch wanted: the scene itself said enough"
    case .owned: "all that was wanted was owned already"
    case .bought: "all that was wanted was to be bought"
    case .boughtInPart: "a part of what was wanted, as far as the money reached"
    case .overBudget: "nothing, as the money did not reach them"
    case .claimed: "nothing, as another job is buying what was wanted"
    }
  }

  /// A state of a file, such as `in_doubt`, as words.
  static func words(_ name: String) -> String { name.replacing("_", with: " ") }
}
