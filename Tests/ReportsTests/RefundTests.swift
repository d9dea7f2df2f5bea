// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Platform
import Reports
import TestSupport
import Testing

/// Money that moves after an order's end.
@Suite struct RefundTests {
  @Test func `a refund is a credit in the costs and less in the report`() async throws {
    let (report, text) = try await SampleJob.pool.run {
      let job = try SampleJob(tag: "refunded")
      let ledger = try Ledger(in: job.folder.url)
      let refund = VendorRefund(
        id: "R-1", vendorOrder: "V-1001", amount: try Money(parsing: "1.07 EUR"))
      try ledger.book(
        refund, from: "local", actor: "reconcile", at: Date(timeIntervalSince1970: 1_774_994_400))
      var inputs = job.inputs
      inputs.orders = try ledger.orders(job: SampleLedger.job)
      inputs.entries = try ledger.entries(budget: inputs.budget)
      try ledger.close()
      let before = try JobReport(job.inputs)
      let report = try job.write(inputs)
      #expect(report.money.refunded.minorUnits == 107)
      #expect(report.money.spent.minorUnits == before.money.spent.minorUnits - 107)
      #expect(
        report.orders[0].charged.minorUnits == before.orders[0].charged.minorUnits - 107)
      let costs = job.outputs.appending(path: "costs.csv")
      return (report, try String(contentsOf: costs, encoding: .utf8))
    }
    let lines = text.split(separator: "\n")
    let credits = lines.filter { $0.contains(",Credit,Correction,Refund,") }
    #expect(credits.count == 1)
    #expect(credits.first?.hasPrefix("-1.07,demo,EUR,2026-03-01T00:00:00Z,2026-04-01") == true)
    let sum = try lines.dropFirst().reduce(Int64(0)) { sum, line in
      let amount = line.prefix { $0 != "," }
      let cents = try Money(parsing: "\(amount.drop { $0 == "-" }) EUR").minorUnits
      return sum + (amount.hasPrefix("-") ? -cents : cents)
    }
    #expect(sum == report.money.spent.minorUnits)
  }

  @Test func `an order that waits for a person says why on the page and in the table`() async throws
  {
    let (page, table) = try await SampleJob.pool.run {
      let job = try SampleJob(tag: "disputed")
      let ledger = try Ledger(in: job.folder.url)
      let chip = try #require(job.inputs.wanted.first { $0.value.isEmpty }?.key)
      let place = PatchPosition(chip: chip, patch: 0, in: .paper)
      let draft = OrderDraft(
        product: try #require(job.inputs.product), grid: job.inputs.survey.grid,
        rectangles: [
          PatchRectangle(column: place.column, row: place.row, columnCount: 1, rowCount: 1)
        ])
      try SampleLedger(ledger: ledger).buy(
        draft, number: 3, failing: [], disputing: try Money(parsing: "12.53 EUR"))
      var inputs = job.inputs
      inputs.orders = try ledger.orders(job: SampleLedger.job)
      inputs.entries = try ledger.entries(budget: inputs.budget)
      try ledger.close()
      let report = try job.write(inputs)
      // Three cents a patch and fifty an order were agreed.
      #expect(report.orders[2].disputed.minorUnits == 1253 - 53)
      return try (
        String(contentsOf: job.outputs.appending(path: "report.html"), encoding: .utf8),
        String(contentsOf: job.outputs.appending(path: "report.csv"), encoding: .utf8)
      )
    }
    let note =
      "In dispute: the vendor charges 12.53 EUR, 0.53 EUR was agreed: <too> much. "
      + "The vendor charged too much. Ask the vendor."
    #expect(table.contains(",EUR,\"\(note)\"\n"), "\(table)")
    #expect(page.contains(note.replacing("<", with: "&lt;").replacing(">", with: "&gt;")))
  }
}
