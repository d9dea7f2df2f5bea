// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Client
import Foundation
import Ledger
import Service
import TestSupport
import Testing
import Wire

/// SIGHUP to this very process, in which the daemon runs: all of a configuration, or none of it.
@Suite(.timeLimit(.minutes(10)), .serialized) struct ReloadTests {
  private let folder: TemporaryFolder
  private let manager: ServiceManager
  private let lines = LogLines()
  private var file: URL { folder.url.appending(path: "fovead.yaml") }

  init() throws {
    folder = try TemporaryFolder()
    manager = ServiceManager(in: folder)
  }

  private static func vendors(_ names: String...) -> String {
    let prices = TestPaths.root.appending(path: "etc/vendors/fovea-vendor.yaml").path
    return "vendors:\n"
      + names.map { name in
        "  - {name: \(name), url: \"unix:/nowhere\", trust: local, product: hr, prices: \(prices)}\n"
      }.joined()
  }

  private func reload(_ text: String) async throws {
    try Data(text.utf8).write(to: file)
    let before = manager.messages.count { $0 == "READY=1" }
    kill(getpid(), SIGHUP)
    #expect(await Samples.eventually { manager.messages.count { $0 == "READY=1" } > before })
    let messages = manager.messages
    let start = messages.lastIndex { $0.contains(/^RELOADING=1\nMONOTONIC_USEC=\d+$/) }
    let end = messages.lastIndex(of: "READY=1")
    #expect(try #require(start) < (try #require(end)))
  }

  private func daemon(_ text: String) async throws -> RunningDaemon {
    try Data(text.utf8).write(to: file)
    return try await RunningDaemon(
      folder, configuration: file, environment: ["NOTIFY_SOCKET": manager.path],
      log: lines.add)
  }

  @Test func `a whole configuration is put into force`() async throws {
    let daemon = try await daemon(Self.vendors("first"))
    #expect(try await daemon.client.vendors().map(\.name) == ["first"])
    try await reload(Self.vendors("first", "second") + "log_level: warning\n")
    #expect(try await daemon.client.vendors().map(\.name) == ["first", "second"])
    try await reload(
      Self.vendors("second") + "limits: {scene: {file_bytes: 1000}}\nlog_level: warning\n")
    #expect(try await daemon.client.vendors().map(\.name) == ["second"])
    let scene = TestPaths.root.appending(path: "etc/demo/eurosat_lr.tif")
    await #expect(throws: (any Error).self) {
      try await daemon.client.addScene(scene, name: "lr.tif")
    }
    try await daemon.stop()
    #expect(lines.all.contains { $0.contains(" info ready ") })
    // The level of the log is a part of it.
    #expect(!lines.all.contains { $0.contains(" info stopped") })
  }

  @Test(arguments: [
    ("jobs: {concurent: 2}", "unknown key \"jobs.concurent\""),
    ("state: /elsewhere\njobs: {compute_threads: 1}", "jobs.compute_threads: it cannot change"),
    ("socket: /elsewhere.sock", "socket: it cannot change from "),
    ("models: {folders: [/nowhere]}", "there is no folder /nowhere"),
    ("vendors: [{name: a, url: \"unix:/a\", trust: local, product: p, prices: none.yaml}]", "none"),
  ])
  func `a configuration with a mistake changes nothing`(text: String, reason: String) async throws {
    let daemon = try await daemon(Self.vendors("first"))
    try await reload(text)
    #expect(try await daemon.client.vendors().map(\.name) == ["first"])
    let told = lines.all.filter { $0.contains("the configuration stays as it was") }
    #expect(told.count == 1)
    #expect(told.first?.contains(reason.replacing("\"", with: "\\\"")) == true, "\(told)")
    let health = try await daemon.client.isReady()
    #expect(health.status == "degraded")
    #expect(health.checks?.first { $0.part == "configuration" }?.problem?.isEmpty == false)
    try await reload(Self.vendors("first"))
    #expect(try await daemon.client.isReady().status == "ok")
    try await daemon.stop()
  }

  @Test func `a vendor with an open order stays`() async throws {
    do {
      let ledger = try Ledger(in: folder.url)
      try ledger.createBudget("b", currency: Samples.euros(0).currency, actor: "a", at: Date())
      let grid = ChipGrid(
        crs: "EPSG:32632", chipPixels: 64, groundSampleDistanceMetres: 10, zoom: 8,
        patchGrid: .paper, origin: .crs, sceneCorner: ProjectedPoint(x: 0, y: 0))
      let draft = OrderDraft(
        product: ProductID(vendor: "first", product: "hr"), grid: grid,
        rectangles: [PatchRectangle(column: 0, row: 0, columnCount: 1, rowCount: 1)])
      try ledger.insertDrafts(
        [NewOrder(key: UUID(), job: UUID(), budget: "b", draft: draft)], at: Date())
      try ledger.close()
    }
    let daemon = try await daemon(Self.vendors("first", "second"))
    try await reload(Self.vendors("second"))
    #expect(try await daemon.client.vendors().map(\.name) == ["first", "second"])
    #expect(lines.all.contains { $0.contains("first has 1 open order, and the new") })
    try await daemon.stop()
  }
}
