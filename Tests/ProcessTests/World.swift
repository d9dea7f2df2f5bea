// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing
import Transfer

/// A vendor and a daemon on a folder of their own, used as a person uses them: by commands.
final class World {
  struct Output {
    let status: Int32
    let text: String
    let errors: String

    /// The answer as JSON.
    func object() throws -> [String: Any] {
      let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
      return try #require(value as? [String: Any], "\(text)")
    }

    /// The `items` of an answer.
    func items() throws -> [[String: Any]] {
      try #require(try object()["items"] as? [[String: Any]], "\(text)")
    }
  }

  static let demo = TestPaths.root.appending(path: "etc/demo")
  static let prices = TestPaths.root.appending(path: "etc/vendors/fovea-vendor.yaml")
  static let models = TestPaths.root.appending(path: "etc/models")

  let folder: TemporaryFolder
  private(set) var vendor: ChildProcess?
  private(set) var daemon: ChildProcess?

  init() throws {
    folder = try TemporaryFolder()
    try """
    vendors:
      - name: demo
        url: unix:\(path("vendor.sock"))
        trust: local
        product: hr
        prices: \(Self.prices.path)
    models:
      folders: [\(Self.models.path)]
    """.write(to: folder.url.appending(path: "fovead.yaml"), atomically: true, encoding: .utf8)
  }

  deinit {
    daemon?.signal(SIGKILL)
    vendor?.signal(SIGKILL)
  }

  func path(_ name: String) -> String { folder.url.appending(path: name).path }
  var state: String { path("state") }

  /// Starts the vendor and waits until it listens.
  func startVendor(faults: [String] = []) async throws {
    let process = try ChildProcess(
      "fovea-vendor",
      [
        "--hr", Self.demo.appending(path: "eurosat_hr.tif").path, "--prices", Self.prices.path,
        "--product", "hr",
        "--listen", "unix:\(path("vendor.sock"))", "--state", path("vendor"),
      ] + faults.flatMap { ["--fault", $0] },
      log: folder.url.appending(path: "vendor.log"))
    vendor = process
    try await waitUntil("the vendor: \(process.log)") {
      try #require(process.isRunning, "\(process.log)")
      return FileManager.default.fileExists(atPath: path("vendor.sock"))
    }
  }

  /// Starts the daemon; waits until it answers, unless it is to die on the way.
  @discardableResult
  func startDaemon(crashAt point: String? = nil, waits: Bool = true) async throws -> ChildProcess {
    let process = try ChildProcess(
      "fovead", ["--config", path("fovead.yaml"), "--state", state],
      environment: point.map { ["FOVEA_CRASH_AT": $0] } ?? [:],
      log: folder.url.appending(path: "daemon.log"))
    daemon = process
    if waits {
      try await waitUntil("the daemon: \(process.log.suffix(2000))") {
        try #require(process.isRunning, "\(process.log.suffix(2000))")
        return try await run("budget", "list").status == 0
      }
    }
    return process
  }

  /// Runs a client command against the daemon.
  func run(_ arguments: String...) async throws -> Output {
    try await run(program: "fovea", arguments + ["--state", state])
  }

  /// Runs a program to its end.
  func run(program: String, _ arguments: [String]) async throws -> Output {
    try await run(at: Bundle.main.bundleURL.appending(path: program), arguments)
  }

  /// Runs a program of another folder to its end.
  func run(at program: URL, _ arguments: [String]) async throws -> Output {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    // Files, not pipes: a pipe that nobody empties stops its writer.
    let name = UUID().uuidString
    let files = ["out", "err"].map { folder.url.appending(path: "\(name).\($0)") }
    for file in files { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    try process.run()
    try await waitUntil("\(program.path) \(arguments)", seconds: 120) { !process.isRunning }
    let texts = try files.map { try String(contentsOf: $0, encoding: .utf8) }
    return Output(status: process.terminationStatus, text: texts[0], errors: texts[1])
  }

  /// Creates a budget, adds the demo's scene and submits a job over it; the job's id.
  func submit(budget: String, extra: [String] = []) async throws -> String {
    let created = try await run("budget", "create", "b", budget)
    #expect(created.status == 0, "\(created.errors)")
    let scene = try await run(
      "scene", "add", Self.demo.appending(path: "eurosat_lr.tif").path, "--json")
    #expect(scene.status == 0, "\(scene.errors)")
    let id = try #require(try scene.object()["id"] as? String)
    let job = try await run(
      program: "fovea",
      [
        "submit", "--scene", id, "--model", "eurosat-s2-10m", "--vendor", "demo", "--budget", "b",
        "--grid-origin", "scene", "--json", "--state", state,
      ] + extra)
    #expect(job.status == 0, "\(job.errors)")
    return try #require(try job.object()["id"] as? String, "\(job.text)")
  }

  /// Waits until a job is in one of the states.
  @discardableResult
  func wait(for job: String, _ states: Set<String>) async throws -> [String: Any] {
    var record: [String: Any] = [:]
    try await waitUntil("job \(record): \(daemon?.log.suffix(3000) ?? "")", seconds: 120) {
      record = try await run("job", "show", job, "--json").object()
      return states.contains(record["state"] as? String ?? "")
    }
    return record
  }

  /// The budget's account, in minor units.
  func account(_ name: String) async throws -> Int {
    let budget = try await run("budget", "show", "b", "--json").object()
    let money = try #require(budget[name] as? [String: Any])
    return try #require(money["minor_units"] as? Int)
  }

  /// What the daemon says of its health.
  func health() async throws -> [String: Any] {
    let client = HTTPClient()
    let response = try await client.send(
      HTTPRequest(.get, "/readyz", to: Endpoint(unixSocket: "\(state)/fovead.sock")))
    let value = try JSONSerialization.jsonObject(with: response.body)
    return try #require(value as? [String: Any])
  }

  /// What the vendor's own books say.
  func books() async throws -> [String: Any] {
    let client = HTTPClient()
    let response = try await client.send(
      HTTPRequest(.get, "/books", to: Endpoint(unixSocket: path("vendor.sock"))))
    let value = try JSONSerialization.jsonObject(with: response.body)
    return try #require(value as? [String: Any])
  }
}
