// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Hummingbird
import Ledger
import Platform
import Wire

/// `/metrics`, for Prometheus: what was counted, and what the databases know without reading all of
/// what happened.
struct MetricsRoutes: Sendable {
  let metrics: Metrics
  let store: JobStore
  let scenes: SceneStore
  let ledger: Ledger
  /// Where the ledger is asked, which blocks.
  let pool: ComputePool

  func add(to routes: inout RouteTable) {
    routes.get("metrics") { _, _ in
      Answer.data(Data(try await text().utf8), mediaType: MetricsText.mediaType)
    }
  }

  private func text() async throws -> String {
    var text = MetricsText()
    Self.add(process: metrics, to: &text)
    let jobs = try await store.counts()
    text.family("jobs", .gauge, "Jobs by state.")
    for state in JobState.allCases {
      text.sample("jobs", ["state": state.rawValue], jobs[state] ?? 0)
    }
    text.family("scenes", .gauge, "Scenes that were taken in and not removed.")
    text.sample("scenes", [:], try await scenes.count())
    let (orders, budgets) = try await pool.run { [ledger] in
      (try ledger.orderCounts(), try ledger.budgets())
    }
    text.family("orders", .gauge, "Orders by vendor and state.")
    for order in orders {
      text.sample("orders", ["vendor": order.vendor, "state": order.state], order.count)
    }
    Self.add(money: budgets, to: &text)
    Self.add(counts: metrics.counts, to: &text)
    return text.text
  }

  private static func add(process metrics: Metrics, to text: inout MetricsText) {
    text.family("build_info", .gauge, "Always 1; the version is the label.")
    text.sample("build_info", ["version": ProgramVersion.text], 1)
    text.family("process_start_time_seconds", .gauge, "When the daemon started, Unix time.")
    text.sample("process_start_time_seconds", [:], metrics.startedAt.timeIntervalSince1970)
  }

  private static func add(money budgets: [BudgetBalance], to text: inout MetricsText) {
    text.family(
      "budget_minor_units", .gauge,
      "Money by budget and account, in minor units of the currency; free, held, spent and disputed "
        + "add up to granted.")
    for budget in budgets {
      let accounts = [
        ("granted", budget.granted), ("free", budget.free), ("held", budget.held),
        ("spent", budget.spent), ("disputed", budget.disputed),
      ]
      for (account, amount) in accounts {
        text.sample(
          "budget_minor_units",
          ["budget": budget.id, "account": account, "currency": amount.currency.code],
          Int(amount.minorUnits))
      }
    }
  }

  private static func add(counts: Metrics.Counts, to text: inout MetricsText) {
    text.family("chips_total", .counter, "Chips surveyed and classified since the start.")
    for step in ["survey", "classify"] {
      text.sample("chips_total", ["step": step], counts.chips[step] ?? 0)
    }
    text.family("step_duration_seconds", .summary, "How long steps of jobs took.")
    for step in ["survey", "choose", "buy", "classify", "report"] {
      let time = counts.steps[step] ?? Metrics.StepTime()
      text.sample("step_duration_seconds_sum", ["step": step], time.seconds)
      text.sample("step_duration_seconds_count", ["step": step], time.count)
    }
    text.family("vendor_requests_total", .counter, "Calls to vendors by what was asked and how.")
    for (call, count) in counts.vendorCalls.sorted(by: { $0.key < $1.key }) {
      text.sample(
        "vendor_requests_total",
        ["vendor": call.vendor, "phase": call.phase, "outcome": call.outcome], count)
    }
    text.family("downloaded_bytes_total", .counter, "Bytes of deliveries since the start.")
    for (vendor, count) in counts.downloadedBytes.sorted(by: { $0.key < $1.key }) {
      text.sample("downloaded_bytes_total", ["vendor": vendor], Int(count))
    }
  }
}
