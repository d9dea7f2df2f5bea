// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Client
import Foundation
import Logging
import Platform
import Service
import TestSupport
import Testing
import Wire

/// Starts, stops and restarts of a whole daemon in this process.
@Suite(.timeLimit(.minutes(10))) struct DaemonTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func daemon(socket: String? = nil) throws -> Daemon {
    let configuration = try Configuration.load(
      file: nil, environment: [:],
      overrides: .init(state: folder.url.path, socket: socket))
    return Daemon(
      configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      environment: [:], replacingSteps: nil)
  }

  @Test func `a second daemon on one state directory names the first`() async throws {
    let first = try await RunningDaemon(folder)
    let second = try daemon(socket: folder.url.appending(path: "other.sock").path)
    let error = await #expect(throws: PlatformError.self) { try await second.run() }
    #expect(error.flatMap { Daemon.exitCode(of: $0) } == .tryLater)
    let description = error?.description ?? ""
    #expect(description.contains("process \(getpid())"))
    #expect(try await first.client.isReady().status == "ok")
    try await first.stop()
  }

  @Test func `a job that a stop cut off is done after the next start`() async throws {
    let reached = AsyncStream<Void>.makeStream()
    let first = try await RunningDaemon(
      folder,
      steps: QuickSteps.steps { _ in
        reached.continuation.yield()
        try await Task.sleep(for: .seconds(50))
      })
    let job = try await first.client.submit(Samples.request, idempotencyKey: "k")
    for await _ in reached.stream { break }
    try await first.stop()
    let second = try await RunningDaemon(folder, steps: QuickSteps.steps())
    #expect(try await Samples.eventually { try await second.client.job(job.id).state == .done })
    try await second.stop()
  }

  @Test func `the socket is the group's, and a left one is replaced`() async throws {
    for _ in 1...2 {
      let running = try await RunningDaemon(folder)
      let attributes = try FileManager.default.attributesOfItem(
        atPath: running.client.address)
      #expect(attributes[.posixPermissions] as? Int == 0o660)
      try await running.stop()
      // As a killed daemon leaves it: a socket where nobody listens.
      try leaveSocket(at: running.client.address)
    }
  }

  @Test func `a socket path that is too long, or another file, is refused`() async throws {
    let long = try daemon(
      socket: folder.url.appending(path: String(repeating: "s", count: 120)).path)
    let error = await #expect(throws: PlatformError.self) { try await long.run() }
    #expect(error.flatMap { Daemon.exitCode(of: $0) } == .configuration)
    let file = folder.url.appending(path: "notes.txt")
    try Data("notes".utf8).write(to: file)
    await #expect(throws: PlatformError.self) { try await daemon(socket: file.path).run() }
    #expect(try Data(contentsOf: file) == Data("notes".utf8))
  }

  @Test func `without a daemon the client names the socket and the way to start one`() async throws
  {
    let path = folder.url.appending(path: "fovead.sock").path
    let client = try DaemonClient(socketPath: path)
    do {
      _ = try await client.jobs()
      Issue.record("nobody answers there")
    } catch {
      #expect(error.exitCode == .unavailable)
      #expect("\(error)".contains(path))
      #expect("\(error)".contains("systemctl start fovead"))
    }
  }

  private func leaveSocket(at path: String) throws {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(result == 0)
  }
}
