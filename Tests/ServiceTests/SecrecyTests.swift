// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Client
import Foundation
import Service
import TestSupport
import Testing
import Wire

/// A key goes to its vendor, and nowhere else.
@Suite(.timeLimit(.minutes(10))) struct SecrecyTests {
  private static let key = "marked-s3cret-5f1e"

  private let folder: TemporaryFolder
  private let lines = LogLines()

  init() throws { folder = try TemporaryFolder() }

  /// All bytes below a folder.
  private func allBytes(in folder: URL) throws -> [(name: String, bytes: Data)] {
    try FileManager.default.subpathsOfDirectory(atPath: folder.path).compactMap { name in
      // Folders and sockets have no bytes.
      (try? Data(contentsOf: folder.appending(path: name))).map { (name, $0) }
    }
  }

  @Test func `neither log, state nor API ever has the key`() async throws {
    let keys = folder.url.appending(path: "keys")
    try FileManager.default.createDirectory(
      at: keys, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    try Data("\(Self.key)\n".utf8).write(to: keys.appending(path: "demo-key"))
    let vendor = ScriptedServer(
      path: folder.url.appending(path: "v.sock").path,
      [.answer("HTTP/1.1 401 Unauthorized\r\nContent-Length: 13\r\n\r\nno such key: \r\n")])
    let file = folder.url.appending(path: "fovead.yaml")
    try Data(
      """
      log_level: debug
      vendors:
        - {name: demo, url: "unix:\(vendor.path)", trust: local, product: hr,
           prices: \(TestPaths.root.path)/etc/vendors/fovea-vendor.yaml, credential: demo-key}
      models: {folders: ["\(TestPaths.root.path)/etc/models"]}
      """.utf8
    ).write(to: file)
    let state = try TemporaryFolder()
    let daemon = try await RunningDaemon(
      state, configuration: file, credentials: keys, log: lines.add)
    let client = daemon.client
    let scene = try await client.addScene(
      TestPaths.root.appending(path: "etc/demo/eurosat_lr.tif"), name: "lr.tif")
    _ = try await client.createBudget(BudgetRequest(id: "b", amount: Samples.euros(5000)))
    let job = try await client.submit(
      JobRequest(
        scene: scene.id, model: "eurosat-s2-10m", vendor: "demo", budget: "b", gridOrigin: .scene),
      idempotencyKey: "j")
    #expect(await Samples.eventually { !vendor.requests.isEmpty })
    #expect(
      vendor.requests.allSatisfy { $0.contains("Authorization: Bearer \(Self.key)\r\n") },
      "\(vendor.requests)")
    var told = [
      "\(try await client.vendors())", "\(try await client.isReady())",
      "\(try await client.job(job.id))",
    ]
    let options = Configuration.Overrides(state: state.url.path, credentials: keys.path)
    let configuration = try Configuration.load(file: file, environment: [:], overrides: options)
    told.append(configuration.summary + "\(configuration)")
    told += try Daemon.check(configuration)
    try await daemon.stop()
    told += lines.all
    #expect(lines.all.contains { $0.contains(" info ready ") })
    for text in told { #expect(!text.contains(Self.key)) }
    for (name, bytes) in try allBytes(in: state.url) {
      #expect(bytes.range(of: Data(Self.key.utf8)) == nil, "\(name)")
    }
  }
}
