// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform
import TestSupport
import Testing

@Suite struct ServiceNotifierTests {
  private let manager: ServiceManager
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    manager = ServiceManager(in: folder)
  }

  /// What the manager was told, once there are so many messages.
  private func messages(_ count: Int) async throws -> [String] {
    let end = ContinuousClock.now + .seconds(10)
    while manager.messages.count < count, ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(5))
    }
    return manager.messages
  }

  @Test func `each call is one datagram`() async throws {
    let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": manager.path])
    notifier.ready(status: "2 jobs")
    notifier.status("1 job")
    notifier.watchdog()
    notifier.extendTimeout(by: .milliseconds(1500))
    notifier.reloaded()
    notifier.stopping()
    #expect(
      try await messages(6) == [
        "READY=1\nSTATUS=2 jobs", "STATUS=1 job", "WATCHDOG=1", "EXTEND_TIMEOUT_USEC=1500000",
        "READY=1", "STOPPING=1\nSTATUS=stopping",
      ])
  }

  @Test func `a reload names its time on the monotonic clock`() async throws {
    func now() throws -> Int {
      let text = try String(contentsOfFile: "/proc/uptime", encoding: .utf8)
      return Int(try #require(text.split(separator: " ").first.flatMap { Double($0) }) * 1_000_000)
    }
    let before = try now()
    ServiceNotifier(environment: ["NOTIFY_SOCKET": manager.path]).reloading()
    let message = try #require(try await messages(1).first)
    let time = try #require(
      message.wholeMatch(of: /RELOADING=1\nMONOTONIC_USEC=(\d+)/).flatMap { Int($0.output.1) })
    let after = try now()
    // The uptime has two decimals.
    #expect((before - 20_000...after + 20_000).contains(time))
  }

  @Test func `without a manager nothing is sent, and nobody is to be fed`() {
    ServiceNotifier(environment: [:]).ready(status: "nobody listens")
    ServiceNotifier(environment: ["NOTIFY_SOCKET": folder.url.path + "/gone"]).watchdog()
    #expect(ServiceNotifier(environment: ["WATCHDOG_USEC": "30000000"]).watchdogLimit == nil)
  }

  @Test(arguments: [
    ("30000000", nil, Duration.seconds(30)), ("30000000", "1", nil), ("0", nil, nil),
    ("soon", nil, nil),
  ])
  func `the watchdog is for the process that it names`(
    limit: String, pid: String?, expected: Duration?
  ) {
    var environment = ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": limit]
    environment["WATCHDOG_PID"] = pid
    #expect(ServiceNotifier(environment: environment).watchdogLimit == expected)
  }

  @Test func `the journal is where the standard error leads, not where a variable says`() {
    var status = stat()
    fstat(STDERR_FILENO, &status)
    let own = "\(status.st_dev):\(status.st_ino)"
    #expect(JournalStream.isStandardError(environment: ["JOURNAL_STREAM": own]))
    #expect(!JournalStream.isStandardError(environment: ["JOURNAL_STREAM": "8:1"]))
    #expect(!JournalStream.isStandardError(environment: [:]))
  }
}
