// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Platform
import Raster
import Reports
import TestSupport
import Testing

/// The value behind `report.json`, the summary and the page.
@Suite struct JobReportTests {
  @Test func `money is the ledger's, to the cent`() async throws {
    let (job, report) = try await WrittenJob.shared.value.parts
    let ledger = try Ledger(reading: job.folder.url)
    let balance = try ledger.budget("demo")
    #expect(report.money.granted == balance.granted)
    #expect(report.money.spent == balance.spent)
    #expect(report.money.captured == balance.spent)
    #expect(report.money.saved?.minorUnits == 144 * 48 - balance.spent.minorUnits)
    let settled = try report.money.heldInAll.subtracting(report.money.released)
    #expect(settled == report.money.captured)
    #expect(balance.held.minorUnits == 0)
    #expect(report.orders.map(\.state) == [.settled, .settledInPart])
    #expect(report.orders[1].itemsBought == report.orders[1].items - 1)
    let charged = report.orders.reduce(0) { $0 + $1.charged.minorUnits }
    #expect(charged == balance.spent.minorUnits)
    try report.check(against: ledger.entries())
  }

  @Test func `entries of other budgets and jobs do not count`() async throws {
    let (job, report) = try await WrittenJob.shared.value.parts
    var fewer = job.inputs
    fewer.orders.removeLast()
    fewer.results = []
    let first = try JobReport(fewer)
    #expect(first.money.captured == report.orders[0].captured)
    #expect(first.money.granted == report.money.granted)
    fewer.budget = "another"
    #expect(try JobReport(fewer).money.granted.minorUnits == 0)
  }

  @Test func `a report that the ledger does not bear out is refused`() async throws {
    let (job, report) = try await WrittenJob.shared.value.parts
    let last = try #require(job.inputs.entries.last { $0.operation == .capture })
    let entries = job.inputs.entries.filter { $0.seq != last.seq }
    #expect {
      try report.check(against: entries)
    } throws: { error in
      "\(error)".contains("captures is") && "\(error)".contains("fovea ledger verify")
    }
    // An item that was paid for and is not shown as bought.
    var inputs = job.inputs
    inputs.entries = entries
    #expect(throws: ReportError.self) { try JobReport(inputs) }
  }

  @Test func `records that contradict each other are refused`() async throws {
    let job = try await WrittenJob.shared.value.job
    var inputs = job.inputs
    let result = try #require(inputs.results.first)
    inputs.results[0] = ChipResult(
      chip: result.chip, mask: result.mask, probabilities: result.probabilities, classIndex: 10)
    #expect {
      try JobReport(inputs)
    } throws: {
      "\($0)".contains("is of class 10, and the model has 10")
    }
    inputs = job.inputs
    inputs.orders.append(inputs.orders[0])
    #expect {
      try JobReport(inputs)
    } throws: {
      "\($0)".contains("bought twice")
    }
  }

  @Test func `patches that came through another job count as owned`() async throws {
    let (job, report) = try await WrittenJob.shared.value.parts
    var inputs = job.inputs
    let result = try #require(inputs.results.first)
    inputs.results[0] = ChipResult(
      chip: result.chip, mask: .all(of: .paper), probabilities: result.probabilities,
      classIndex: result.classIndex)
    let other = try JobReport(inputs)
    #expect(other.patches.bought == report.patches.bought)
    #expect(other.patches.owned == report.patches.owned + 16 - result.mask.count)
    #expect(other.money == report.money)
  }

  @Test func `counts, areas and shares follow from the chips`() async throws {
    let (job, report) = try await WrittenJob.shared.value.parts
    #expect(report.chips.total == 144)
    #expect(report.chips.surveyed == 143)
    #expect(report.chips.notSurveyed.map(\.column) == [job.firstChip.column + 1])
    #expect(report.chips.notSurveyed.map(\.row) == [job.firstChip.row])
    #expect(report.chips.notSurveyed.map(\.reason) == ["too_few_valid_pixels"])
    #expect(report.patches.total == 143 * 16)
    let used = job.inputs.results.reduce(0) { $0 + $1.mask.count }
    #expect(report.patches.bought + report.patches.owned == used)
    #expect(report.patches.usedPerChip == Double(used) / 143)
    #expect(report.patches.owned > 0)
    #expect(report.grid.patchAreaM2 == 160 * 160)
    for area in report.classes {
      #expect(area.areaM2 == Double(area.chips) * 640 * 640)
      // The lattice is in a UTM zone: its areas are the ellipsoid's but for 1 in 1000.
      #expect(abs(area.geodesicAreaM2 - area.areaM2) <= 0.002 * area.areaM2)
    }
    let share = report.classes.reduce(0) { $0 + $1.share }
    #expect(abs(share - 1) < 1e-12)
    let bought = report.orders.reduce(0) { $0 + $1.areaM2 }
    #expect(bought == Double(report.patches.bought) * 25_600)
    let needed = report.orders.reduce(0) { $0 + $1.neededAreaM2 }
    #expect(needed == Double(report.orders.reduce(0) { $0 + $1.patches }) * 25_600)
    #expect(report.orders[0].billedAreaM2 == report.orders[0].neededAreaM2)
    #expect(report.choices.reduce(0) { $0 + $1.chips } == 143)
    #expect(
      report.attributions
        == ["© 2026 Example & Söhne", "Contains modified Copernicus Sentinel data 2018."])
  }

  @Test func `the file has the documented keys and reads back`() async throws {
    let report = try await WrittenJob.shared.value.report
    let data = try JSON.encoder(pretty: true).encode(report)
    #expect(try JSON.decoder().decode(JobReport.self, from: data) == report)
    let text = String(decoding: data, as: UTF8.self)
    let keys = [
      "accuracy", "area_m2", "area_km2", "attributions", "billed_area_m2", "captured",
      "chip_side_m", "cost_share",
      "estimated_from_low_resolution", "duration_s", "finished_at", "format", "geodesic_area_m2",
      "held_in_all", "items_bought",
      "needed_area_m2", "not_surveyed", "patches_per_chip", "price_of_everything", "saved",
      "used_per_chip",
      "vendor_order",
    ]
    for key in keys { #expect(text.contains("\"\(key)\""), "\(key)") }
    #expect(text.contains("\"2026-03-01T12:00:47.250Z\""))
    #expect(text.contains("\"settled_in_part\""))
  }

  @Test func `the summary says the most in a few lines`() async throws {
    let report = try await WrittenJob.shared.value.report
    let summary = ReportSummary.text(report)
    #expect(summary.split(separator: "\n").count <= 9)
    #expect(summary.contains("of 100.00 EUR granted, in 2 orders"))
    #expect(summary.contains("of 2,288 patches"))
    #expect(summary.contains("left out   1 chip,"))
    #expect(!summary.contains("\u{1B}"))
  }

  @Test func `the page escapes names that would be markup`() async throws {
    let job = try await WrittenJob.shared.value.job
    let page = try String(
      contentsOf: job.outputs.appending(path: "report.html"), encoding: .utf8)
    #expect(!page.contains("<script"))
    #expect(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;Ü&quot;"))
    // What a person wrote is never a template.
    #expect(page.contains("{{style}}</h1>"))
    #expect(page.components(separatedBy: "data:image/png;base64,").count == 4)
    #expect(!page.contains("http://") && !page.contains("https://"))
  }

  @Test func `a job without chips says so`() async throws {
    let job = try await WrittenJob.shared.value.job
    var inputs = job.inputs
    inputs.survey = Survey(
      grid: inputs.survey.grid, classes: inputs.survey.classes, chips: [],
      sceneDigest: "", modelDigest: "", lowResolutionTemperature: 1)
    inputs.orders = []
    #expect {
      try JobReport(inputs)
    } throws: { error in
      "\(error)".contains("has no chips") && "\(error)".contains("Give a region")
    }
  }
}

/// Colours of classes.
@Suite struct ClassPaletteTests {
  @Test func `no two of many classes look alike`() {
    let names = (0..<60).map { "class \($0)" }
    let colours = ClassPalette.table(for: names).colours
    #expect(Set(colours).count == 60)
    #expect(ClassPalette.table(for: names).colours == colours)
  }

  @Test func `names choose the colours that maps give them`() {
    let table = ClassPalette.table(for: ["AnnualCrop", "PermanentCrop", "River", "Forest", "x"])
    func isMostly(_ index: Int, _ part: (Colour) -> UInt8) -> Bool {
      let colour = table.colours[index]
      return part(colour) == max(colour.red, colour.green, colour.blue)
    }
    #expect(isMostly(2, \.blue))
    #expect(isMostly(3, \.green))
    #expect(Set(table.colours).count == 5)
  }
}
