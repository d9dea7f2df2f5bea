// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The unit, as systemd itself judges it.
@Suite(.timeLimit(.minutes(10))) struct UnitFileTests {
  private static let unit = TestPaths.root.appending(path: "systemd/fovead.service")

  /// Where the tool may be missing it is a visible skip; the full tests install it, and fail then.
  private static let isWanted =
    FileManager.default.fileExists(atPath: "/usr/bin/systemd-analyze")
    || ProcessInfo.processInfo.environment["FOVEA_FULL"] != nil

  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func analyze(_ arguments: String...) throws -> (status: Int32, text: String) {
    let output = folder.url.appending(path: "output")
    try Data().write(to: output)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/systemd-analyze")
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = process.standardOutput
    try process.run()
    process.waitUntilExit()
    return (process.terminationStatus, try String(contentsOf: output, encoding: .utf8))
  }

  @Test(.enabled(if: isWanted, "systemd-analyze is not installed"))
  func `systemd finds nothing wrong with the unit`() throws {
    // The program need not be installed to test the unit.
    let text = try String(contentsOf: Self.unit, encoding: .utf8)
      .replacing("/usr/bin/fovead", with: "/bin/true")
    let copy = folder.url.appending(path: "fovead.service")
    try Data(text.utf8).write(to: copy)
    let (status, output) = try analyze("verify", "--man=no", copy.path)
    #expect(status == 0 && output.isEmpty, "\(output)")
  }

  @Test(.enabled(if: isWanted, "systemd-analyze is not installed"))
  func `little is exposed`() throws {
    let (status, output) = try analyze("security", "--offline=true", "--no-pager", Self.unit.path)
    #expect(status == 0, "\(output)")
    let line = try #require(output.split(separator: "\n").last { $0.contains("exposure level") })
    let level = try #require(line.firstMatch(of: /: (\d+\.\d)/).flatMap { Double($0.output.1) })
    #expect(level <= 1.5, "\(line)")
  }

  @Test func `the unit asks for what the daemon does`() throws {
    let lines = try String(contentsOf: Self.unit, encoding: .utf8).split(separator: "\n")
    for line in [
      "Type=notify", "WatchdogSec=30", "ExecReload=/bin/kill -HUP $MAINPID",
      "LoadCredential=vendor:/etc/fovea/credentials", "RestartPreventExitStatus=64 65 70 78",
      "SystemCallFilter=seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self",
    ] {
      #expect(lines.contains { $0 == line }, "\(line)")
    }
  }
}
