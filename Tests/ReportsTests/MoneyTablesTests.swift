// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Reports
import TestSupport
import Testing

/// The tables of money, as a spreadsheet reads them.
@Suite struct MoneyTablesTests {
  /// The lines of a table, each by its columns.
  private static func rows(_ name: String) async throws -> [[String: String]] {
    let job = try await WrittenJob.shared.value.job
    // OGR's driver for tables reads quotes and commas as spreadsheets do.
    let text = try GDALTools.text(
      "ogr2ogr",
      ["-f", "GeoJSON", "/vsistdout/", job.outputs.path + "/\(name)", "-oo", "HEADERS=YES"])
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    let features = try #require(object?["features"] as? [[String: Any]])
    return features.map { $0["properties"] as? [String: String] ?? [:] }
  }

  private static func cents(_ text: String?) throws -> Int64 {
    let text = try #require(text)
    let sign: Int64 = text.hasPrefix("-") ? -1 : 1
    let amount = try Money(parsing: "\(text.drop { $0 == "-" }) EUR")
    return sign * amount.minorUnits
  }

  @Test func `orders have a line each, and the total is their sum`() async throws {
    let report = try await WrittenJob.shared.value.report
    let rows = try await Self.rows("report.csv")
    #expect(rows.count == 3)
    #expect(rows.map { $0["order"] } == report.orders.map(\.key) + ["total"])
    for column in ["quoted", "captured", "charged", "disputed"] {
      let parts = try rows.dropLast().reduce(0) { try $0 + Self.cents($1[column]) }
      #expect(try Self.cents(rows[2][column]) == parts, "\(column)")
    }
    #expect(try Self.cents(rows[2]["charged"]) == report.money.spent.minorUnits)
    let needed = report.orders[0].neededAreaM2 / 1e6
    #expect(Double(rows[0]["needed_km2"] ?? "") == needed)
    #expect(rows[0]["billed_km2"] == rows[0]["needed_km2"])
    #expect(rows[1]["state"] == "settled_in_part")
  }

  @Test func `FOCUS lines add up to what was spent`() async throws {
    let (job, report) = try await WrittenJob.shared.value.parts
    let rows = try await Self.rows("costs.csv")
    #expect(rows.count == report.orders.reduce(0) { $0 + $1.itemsBought })
    let billed = try rows.reduce(0) { try $0 + Self.cents($1["BilledCost"]) }
    #expect(billed == report.money.spent.minorUnits)
    let effective = try rows.reduce(0) { try $0 + Self.cents($1["EffectiveCost"]) }
    #expect(effective == billed)
    // The first order came whole, so its items' list costs are its quote.
    let first = rows.filter { $0["x_Order"] == report.orders[0].key }
    let listed = try first.reduce(0) { try $0 + Self.cents($1["ListCost"]) }
    #expect(listed == report.orders[0].price?.minorUnits)
    let area = first.reduce(0.0) { $0 + (Double($1["PricingQuantity"] ?? "") ?? 0) }
    #expect(abs(area - report.orders[0].areaM2 / 1e6) < 1e-6)
    for row in rows {
      #expect(row["ChargeCategory"] == "Purchase")
      #expect(row["BillingCurrency"] == "EUR")
      #expect(row["PricingUnit"] == "km2")
      #expect(row["BillingPeriodStart"] == "2026-03-01T00:00:00Z")
      #expect(row["BillingPeriodEnd"] == "2026-04-01T00:00:00Z")
      #expect(row["x_Licence"] == "example-standard-3")
      #expect(row["x_Attribution"]?.hasPrefix("© 2026 Example & Söhne; ") == true)
      #expect(row["x_Job"] == job.inputs.job.id)
    }
  }
}
