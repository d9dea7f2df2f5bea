// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The daemon as a service manager sees it: a process, its messages, its signals, its exit code.
@Suite(.timeLimit(.minutes(10))) struct DaemonLifeTests {
  private let folder: TemporaryFolder
  private let manager: ServiceManager
  private var configuration: URL { folder.url.appending(path: "fovead.yaml") }

  init() throws {
    folder = try TemporaryFolder()
    manager = ServiceManager(in: folder)
  }

  private func start(_ text: String = "", arguments: [String] = []) async throws -> ChildProcess {
    try Data(text.utf8).write(to: configuration)
    let process = try ChildProcess(
      "fovead",
      ["--config", configuration.path, "--state", folder.url.appending(path: "state").path]
        + arguments,
      environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "600000"],
      log: folder.url.appending(path: "log"))
    try await waitUntil("READY: \(process.log)") {
      try #require(process.isRunning, "\(process.log)")
      return manager.messages.contains { $0.hasPrefix("READY=1\nSTATUS=serving ") }
    }
    return process
  }

  @Test func `ready, fed, reloaded, stopped`() async throws {
    let daemon = try await start()
    try await waitUntil("WATCHDOG and STATUS: \(manager.messages)") {
      manager.messages.contains("WATCHDOG=1")
        && manager.messages.contains("STATUS=0 jobs running, 0 queued")
    }
    try Data("log_level: wrong\n".utf8).write(to: configuration)
    daemon.signal(SIGHUP)
    try await waitUntil("the old configuration: \(daemon.log)") {
      daemon.log.contains("the configuration stays as it was")
        && daemon.log.contains("is no value of \\\"log_level\\\"")
        && manager.messages.contains("READY=1")
    }
    try Data("log_level: debug\n".utf8).write(to: configuration)
    daemon.signal(SIGHUP)
    try await waitUntil("the new configuration: \(daemon.log)") {
      daemon.log.contains("the configuration was read anew")
        && manager.messages.count { $0 == "READY=1" } == 2
    }
    #expect(manager.messages.count { $0.contains(/^RELOADING=1\nMONOTONIC_USEC=\d+$/) } == 2)
    daemon.signal(SIGTERM)
    #expect(try await daemon.waitForExit() == 0, "\(daemon.log)")
    #expect(manager.messages.contains("STOPPING=1\nSTATUS=stopping"))
    #expect(daemon.log.contains("stopped"))
  }

  @Test func `a second daemon names the first and says to try later`() async throws {
    let first = try await start()
    let second = try ChildProcess(
      "fovead",
      ["--state", folder.url.appending(path: "state").path, "--config", configuration.path],
      log: folder.url.appending(path: "second.log"))
    #expect(try await second.waitForExit() == 75)
    #expect(second.log.contains("in use by process \(first.identifier)"))
    first.signal(SIGTERM)
    #expect(try await first.waitForExit() == 0)
  }

  @Test func `a configuration with mistakes ends with 78 and all of them`() async throws {
    try Data("stat: /a\nvendors: [{name: a}]\n".utf8).write(to: configuration)
    for command in [[], ["check-config"]] {
      let log = folder.url.appending(path: "bad-\(command.count).log")
      let daemon = try ChildProcess("fovead", command + ["--config", configuration.path], log: log)
      #expect(try await daemon.waitForExit() == 78)
      #expect(daemon.log.contains("Did you mean \"state\"?"))
      #expect(daemon.log.contains("there is no \"vendors[0].url\""))
    }
  }
}
