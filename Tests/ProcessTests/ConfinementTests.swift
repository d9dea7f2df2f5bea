// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The daemon and the program that decodes for it.
@Suite(.timeLimit(.minutes(10))) struct ConfinementTests {
  private let world: World

  init() throws { world = try World() }

  /// The running processes named fovea-decode that `parent` started.
  private func decoders(of parent: Int32) throws -> [Int32] {
    let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc")
      .compactMap { Int32($0) }
    return processes.filter { process in
      // One may end while the list is read.
      guard
        let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
      else { return false }
      return status.hasPrefix("Name:\tfovea-decode\n") && status.contains("PPid:\t\(parent)\n")
        && !status.contains("State:\tZ")
    }
  }

  /// The daemon's program, alone in a folder of its own.
  private func loneDaemon() throws -> URL {
    let program = world.folder.url.appending(path: "alone/fovead")
    try FileManager.default.createDirectory(
      at: program.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: Bundle.main.bundleURL.appending(path: "fovead"), to: program)
    return program
  }

  @Test func `the daemon says at its start how it decodes, and takes its decoders along`()
    async throws
  {
    let daemon = try await world.startDaemon()
    #expect(daemon.log.contains("files from outside are decoded apart"), "\(daemon.log)")
    #expect(daemon.log.contains("with seccomp and"), "\(daemon.log)")
    let found = try decoders(of: daemon.identifier)
    #expect(found.count == 1)
    daemon.signal(SIGKILL)
    try await waitUntil("the decoder to end") {
      found.allSatisfy { process in
        let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        return status?.contains("fovea-decode") != true || status?.contains("State:\tZ") == true
      }
    }
  }

  @Test func `a killed decoder is replaced when the next scene comes`() async throws {
    let daemon = try await world.startDaemon()
    for process in try decoders(of: daemon.identifier) { kill(process, SIGKILL) }
    let scene = try await world.run(
      "scene", "add", World.demo.appending(path: "eurosat_lr.tif").path, "--json")
    #expect(scene.status == 0, "\(scene.errors)")
  }

  @Test func `without its decoder the daemon does not start, and says where it looked`()
    async throws
  {
    let program = try loneDaemon()
    let folder = program.deletingLastPathComponent().path
    for arguments in [
      ["check-config", "--config", world.path("fovead.yaml"), "--state", world.state],
      ["--config", world.path("fovead.yaml"), "--state", world.state],
    ] {
      let output = try await world.run(at: program, arguments)
      #expect(output.status == 78)
      #expect(
        output.errors.contains("fovea-decode is not at \(folder)/fovea-decode or "),
        "\(output.errors)")
      #expect(output.errors.contains("libexec/fovea/fovea-decode"))
    }
    #expect(!FileManager.default.fileExists(atPath: world.state))
  }

  @Test func `check-config says how files are decoded`() async throws {
    let output = try await world.run(
      program: "fovead", ["check-config", "--config", world.path("fovead.yaml")])
    #expect(output.status == 0, "\(output.errors)")
    #expect(output.text.contains("decode.landlock: required"), "\(output.text)")
    #expect(output.text.contains("fovea-decode, with seccomp and Landlock"), "\(output.text)")
  }

  #if FOVEA_TEST_HOOKS
    // 201 is the probe of a kernel without Landlock.
    private static let withoutLandlock = ["FOVEA_DECODE_PROBE": "201"]

    @Test func `on a kernel without Landlock the daemon starts only where that was accepted`()
      async throws
    {
      let strict = try ChildProcess(
        "fovead", ["--config", world.path("fovead.yaml"), "--state", world.state],
        environment: Self.withoutLandlock, log: world.folder.url.appending(path: "strict.log"))
      #expect(try await strict.waitForExit() == 78)
      #expect(strict.log.contains("the kernel has no Landlock"), "\(strict.log)")
      #expect(strict.log.contains("landlock: if-available"), "\(strict.log)")

      let file = world.folder.url.appending(path: "lenient.yaml")
      try Data("decode: {landlock: if-available}\n".utf8).write(to: file)
      let lenient = try ChildProcess(
        "fovead", ["--config", file.path, "--state", world.state],
        environment: Self.withoutLandlock, log: world.folder.url.appending(path: "lenient.log"))
      try await waitUntil("the daemon: \(lenient.log)") {
        try #require(lenient.isRunning, "\(lenient.log)")
        return try await world.run("budget", "list").status == 0
      }
      #expect(lenient.log.contains("the filter of system calls alone"), "\(lenient.log)")
      let health = try await world.health()
      #expect(health["status"] as? String == "degraded")
      let checks = health["checks"] as? [[String: Any]] ?? []
      let decode = checks.first { $0["part"] as? String == "decode" }
      #expect((decode?["problem"] as? String)?.contains("no Landlock") == true, "\(health)")
      lenient.signal(SIGTERM)
      #expect(try await lenient.waitForExit() == 0)
    }
  #endif
}
