// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Client
import Foundation
import Platform
import Service
import TestSupport
import Testing
import Transfer
import Wire

/// `/metrics` as Prometheus reads it.
@Suite(.timeLimit(.minutes(10))) struct MetricsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The samples by name and labels; every line that is no sample must be a right comment.
  private func samples(_ daemon: RunningDaemon) async throws -> [String: Double] {
    let answer = try await daemon.send(.get, "/metrics")
    #expect(answer.fields["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
    let text = String(decoding: answer.body, as: UTF8.self)
    #expect(text.hasSuffix("\n"))
    var samples: [String: Double] = [:]
    var types: [String: String] = [:]
    for line in text.split(separator: "\n") {
      if let type = line.firstMatch(of: /^# TYPE (\w+) (counter|gauge|summary)$/) {
        #expect(types.updateValue(String(type.output.2), forKey: String(type.output.1)) == nil)
      } else if line.hasPrefix("# HELP ") {
        continue
      } else {
        let sample = try #require(
          line.wholeMatch(of: /([a-z_]+)(\{(?:[a-z_]+="[^"]*",?)*\})? (-?[0-9.e+]+)/), "\(line)")
        let name = String(sample.output.1)
        let family = name.replacing(/_(sum|count)$/, with: "")
        #expect(types[name] != nil || types[family] == "summary", "\(line)")
        if types[name] == "counter" { #expect(name.hasSuffix("_total")) }
        let key = name + (sample.output.2 ?? "")
        #expect(samples.updateValue(Double(sample.output.3) ?? .nan, forKey: key) == nil)
      }
    }
    return samples
  }

  @Test func `calls to a vendor are counted by how they ended`() async throws {
    let file = folder.url.appending(path: "fovead.yaml")
    let prices = TestPaths.root.appending(path: "etc/vendors/fovea-vendor.yaml").path
    let models = TestPaths.root.appending(path: "etc/models").path
    try Data(
      """
      models: {folders: ["\(models)"]}
      vendors:
        - {name: demo, url: "unix:/nowhere.sock", trust: local, product: hr, prices: "\(prices)"}
      """.utf8
    ).write(to: file)
    let daemon = try await RunningDaemon(folder, configuration: file)
    let scene = try await daemon.client.addScene(
      TestPaths.root.appending(path: "etc/demo/eurosat_lr.tif"), name: "lr.tif")
    _ = try await daemon.client.createBudget(
      BudgetRequest(id: "b", amount: Money(parsing: "50.00 EUR")))
    _ = try await daemon.client.submit(
      JobRequest(
        scene: scene.id, model: "eurosat-s2-10m", vendor: "demo", budget: "b", gridOrigin: .scene),
      idempotencyKey: "k")
    let quotes = #"fovea_vendor_requests_total{vendor="demo",phase="quote",outcome="unavailable"}"#
    #expect(try await Samples.eventually { try await samples(daemon)[quotes] ?? 0 > 0 })
    let found = try await samples(daemon)
    #expect(found[#"fovea_chips_total{step="survey"}"#] ?? 0 > 0)
    #expect(found["fovea_scenes"] == 1)
    try await daemon.stop()
  }

  @Test func `jobs, money, orders, steps and chips are counted`() async throws {
    _ = try SampleHoldings.write(to: folder.url)
    let daemon = try await RunningDaemon(
      folder,
      steps: QuickSteps.steps {
        for done in 1...7 { $0.progress(StageProgress(stage: "survey", completed: done, total: 7)) }
      })
    let before = try await samples(daemon)
    #expect(before[#"fovea_jobs{state="done"}"#] == 0)
    #expect(before[#"fovea_orders{vendor="demo",state="delivering"}"#] == 1)
    for (account, amount) in [("granted", 10_000.0), ("free", 9980), ("held", 5), ("spent", 15)] {
      let labels = #"{budget="b",account="\#(account)",currency="EUR"}"#
      #expect(before["fovea_budget_minor_units\(labels)"] == amount)
    }
    #expect(before[#"fovea_build_info{version="\#(ProgramVersion.text)"}"#] == 1)
    let started = try #require(before["fovea_process_start_time_seconds"])
    #expect(abs(started - Date().timeIntervalSince1970) < 60)
    let job = try await daemon.client.submit(Samples.request, idempotencyKey: "k")
    #expect(
      try await Samples.eventually { try await daemon.client.job(job.id).state == .done })
    let after = try await samples(daemon)
    #expect(after[#"fovea_jobs{state="done"}"#] == 1)
    #expect(after[#"fovea_chips_total{step="survey"}"#] == 7)
    #expect(after["fovea_scenes"] == 0)
    for step in ["survey", "choose", "buy", "classify", "report"] {
      #expect(after[#"fovea_step_duration_seconds_count{step="\#(step)"}"#] == 1)
      #expect(after[#"fovea_step_duration_seconds_sum{step="\#(step)"}"#] ?? -1 > 0)
    }
    try await daemon.stop()
  }
}
