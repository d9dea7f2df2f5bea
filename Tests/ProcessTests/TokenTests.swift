// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// A token as a person makes, uses and revokes it.
@Suite(.timeLimit(.minutes(10))) struct TokenTests {
  private let folder: TemporaryFolder
  private var state: String { folder.url.appending(path: "state").path }

  init() throws { folder = try TemporaryFolder() }

  @Test func `a token opens the port for what its role says, until it is revoked`() async throws {
    let world = try World()
    let url = "http://127.0.0.1:\(try FreePort.find())"
    let daemon = try ChildProcess(
      "fovead", ["--state", state],
      environment: ["FOVEA_API_LISTEN": String(url.dropFirst("http://".count))],
      log: folder.url.appending(path: "log"))
    try await waitUntil("the daemon: \(daemon.log)") {
      try #require(daemon.isRunning, "\(daemon.log)")
      return daemon.log.contains("tokens are taken over TCP")
    }
    let made = try await world.run(
      program: "fovead",
      ["token", "create", "--role", "read", "--until", "2099-12-31", "--state", state])
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.text.hasPrefix("fovea_") && made.text.count == 50)
    let file = folder.url.appending(path: "token")
    try Data(made.text.utf8).write(to: file)
    let door = ["--url", url, "--token-file", file.path]
    let listed = try await world.run(program: "fovea", ["budget", "list", "--json"] + door)
    #expect(listed.status == 0, "\(listed.errors)")
    #expect(try listed.items().isEmpty)
    let refused = try await world.run(
      program: "fovea", ["budget", "create", "b", "5.00 EUR"] + door)
    #expect(refused.status == 77)
    #expect(refused.errors.contains("role admin"), "\(refused.errors)")
    let closed = try await world.run(program: "fovea", ["jobs", "--url", url])
    #expect(closed.status == 77)
    #expect(closed.errors.contains("fovead token create"), "\(closed.errors)")
    let tokens = try await world.run(program: "fovead", ["token", "list", "--state", state])
    let id = try #require(tokens.text.split(separator: " ").first.map(String.init))
    #expect(tokens.text.contains("read") && !made.text.contains(id))
    let revoked = try await world.run(
      program: "fovead", ["token", "revoke", id, "--state", state])
    #expect(revoked.status == 0, "\(revoked.errors)")
    let late = try await world.run(program: "fovea", ["jobs"] + door)
    #expect(late.status == 77)
    daemon.signal(SIGTERM)
    #expect(try await daemon.waitForExit() == 0, "\(daemon.log)")
    #expect(!daemon.log.contains(made.text.trimmingCharacters(in: .newlines)))
  }

  @Test(arguments: [
    ["--role", "king", "--until", "2099-12-31"], ["--role", "spend", "--until", "2099-12-31"],
    ["--role", "read", "--until", "2020-01-01"], ["--role", "read"],
    ["--role", "read", "--budget", "b", "--until", "2099-12-31"],
  ])
  func `a token that makes no sense is not made`(arguments: [String]) async throws {
    let refused = try await World().run(
      program: "fovead", ["token", "create", "--state", state] + arguments)
    #expect(refused.status == 64)
    #expect(refused.text.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: state + "/tokens.json"))
  }
}
