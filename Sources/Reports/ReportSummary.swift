// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation

/// A report in a few lines, for a terminal.
///
/// ```swift
/// print(ReportSummary.text(report))
/// ```
public enum ReportSummary {
  /// The lines, without a line end after the last.
  public static func text(_ report: JobReport) -> String {
    let (job, money, chips, accuracy) = (report.job, report.money, report.chips, report.accuracy)
    let seconds = job.finishedAt.timeIntervalSince(job.submittedAt)
    let name = job.tag.map { "\(job.id) (\(printable($0)))" } ?? job.id
    var lines = [
      "job        \(name)",
      "state      \(job.state.rawValue), \(Figures.duration(seconds: seconds))",
      "bought     \(boughtLine(report.patches))",
      "spent      \(spentLine(report))",
    ]
    if let everything = money.priceOfEverything, let saved = money.saved {
      let share = money.costShare.map { " (\(Figures.percent(1 - $0)))" } ?? ""
      lines.append(
        "saved      \(Figures.money(saved))\(share) of \(Figures.money(everything)) for everything")
    }
    lines.append("classes    \(classesLine(report))")
    if !chips.notSurveyed.isEmpty {
      lines.append("left out   \(Figures.counted(chips.notSurveyed.count, "chip")), see the report")
    }
    if let estimated = accuracy.estimated {
      let alone = accuracy.estimatedFromLowResolution.map {
        "; \(Figures.percent($0)) from the scene alone"
      }
      lines.append("accuracy   \(Figures.percent(estimated)), an estimate\(alone ?? "")")
    }
    return lines.joined(separator: "\n").replacing("\u{A0}", with: " ")
  }

  private static func boughtLine(_ patches: JobReport.Patches) -> String {
    let owned = patches.owned > 0 ? ", \(Figures.count(patches.owned)) more were owned" : ""
    return "\(Figures.count(patches.bought)) of \(Figures.counted(patches.total, "patch")) "
      + "(\(Figures.percent(patches.boughtShare)))\(owned), "
      + "\(Figures.decimal(patches.usedPerChip, digits: 2)) used a chip"
  }

  private static func spentLine(_ report: JobReport) -> String {
    let orders = Figures.counted(report.orders.count { $0.charged.minorUnits > 0 }, "order")
    return
      "\(Figures.money(report.money.spent)) of \(Figures.money(report.money.granted)) granted, "
      + "in \(orders)"
  }

  private static func classesLine(_ report: JobReport) -> String {
    let largest = report.classes.filter { $0.chips > 0 }
      .sorted { ($1.chips, $0.index) < ($0.chips, $1.index) }
    let named = largest.prefix(4).map { "\(printable($0.name)) \($0.chips)" }
    let rest = largest.count > 4 ? ", and \(largest.count - 4) more" : ""
    let list = named.isEmpty ? "" : ": \(named.joined(separator: ", "))\(rest)"
    return "\(Figures.counted(report.chips.classified, "chip"))\(list)"
  }

  // A terminal obeys control characters, and a tag may come from anyone.
  private static func printable(_ text: String) -> String {
    String(
      text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
  }
}
