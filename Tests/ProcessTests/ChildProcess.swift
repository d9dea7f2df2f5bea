// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// A program of ours, started by a test; its output goes to a file that a failure can show.
final class ChildProcess {
  private let process = Process()
  private let logFile: URL

  /// Starts `name`, a program beside the test runner, with the environment's own variables and
  /// the given ones.
  init(_ name: String, _ arguments: [String], environment: [String: String] = [:], log: URL) throws
  {
    logFile = log
    if !FileManager.default.fileExists(atPath: log.path) {
      try Data().write(to: log)
    }
    let output = try FileHandle(forWritingTo: log)
    try output.seekToEnd()
    process.executableURL = Bundle.main.bundleURL.appending(path: name)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment
      .filter { !$0.key.hasPrefix("FOVEA_") && $0.key != "NOTIFY_SOCKET" }
      .merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }

  var isRunning: Bool { process.isRunning }
  var identifier: Int32 { process.processIdentifier }

  /// All that the program printed so far.
  var log: String { (try? String(contentsOf: logFile, encoding: .utf8)) ?? "" }

  /// Sends a signal.
  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// Waits for the end, at most so long; the exit status, or 128 + the signal's number.
  func waitForExit(seconds: Double = 60) async throws -> Int32 {
    try await waitUntil("the program to end: \(log.suffix(2000))", seconds: seconds) {
      !process.isRunning
    }
    return process.terminationReason == .exit
      ? process.terminationStatus : 128 + process.terminationStatus
  }
}

/// A wait that took too long, with what it waited for.
struct Timeout: Error, CustomStringConvertible {
  let description: String
}

/// Asks again and again until the condition holds, at most so long.
func waitUntil(
  _ what: @autoclosure () -> String, seconds: Double = 60, _ condition: () async throws -> Bool
) async throws {
  let end = ContinuousClock.now + .seconds(seconds)
  while try await !condition() {
    guard ContinuousClock.now < end else {
      throw Timeout(description: "waited \(seconds) s for \(what())")
    }
    try await Task.sleep(for: .milliseconds(20))
  }
}
