// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A program that is run to its end, for its answer.
struct ChildProcess {
  let executable: URL
  let arguments: [String]
  /// What the child's environment has beside ours.
  var environment: [String: String] = [:]

  /// This very program.
  static var own: URL { URL(filePath: "/proc/self/exe").resolvingSymlinksInPath() }

  /// The program on the search path, or at its own path where that has a slash.
  static func named(_ program: String, _ arguments: [String]) -> ChildProcess {
    ChildProcess(executable: URL(filePath: "/usr/bin/env"), arguments: [program] + arguments)
  }

  /// Starts this program anew where the environment tells OpenBLAS which kernels to take, or not
  /// to keep to one thread: the library reads both while it is loaded, before `main`.
  static func freeEnvironment() {
    guard getenv("OPENBLAS_CORETYPE") != nil || getenv("OPENBLAS_NUM_THREADS") == nil else {
      return
    }
    unsetenv("OPENBLAS_CORETYPE")
    setenv("OPENBLAS_NUM_THREADS", "1", 1)
    var arguments = CommandLine.arguments.map { strdup($0) }
    arguments.append(nil)
    execv("/proc/self/exe", &arguments)
    perror("fovea-bench: cannot start anew without OPENBLAS_CORETYPE")
    exit(71)
  }

  /// What the program wrote to standard output.
  ///
  /// - Throws: `BenchError.childFailed` with the end of what it wrote to standard error.
  func output() throws -> Data {
    let errors = FileManager.default.temporaryDirectory
      .appending(path: "fovea-bench-\(UUID().uuidString).log")
    try Data().write(to: errors)
    defer { try? FileManager.default.removeItem(at: errors) }  // A temporary file.
    let process = Process()
    let pipe = Pipe()
    process.executableURL = executable
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      let words = try String(contentsOf: errors, encoding: .utf8).suffix(500)
      throw BenchError.childFailed(
        command: command, status: process.terminationStatus,
        words: words.trimmingCharacters(in: .whitespacesAndNewlines))
    }
    return output
  }

  /// The last line of the program's output, decoded from JSON.
  func answer<Answer: Decodable>(_: Answer.Type = Answer.self) throws -> Answer {
    let line = try output().split(separator: UInt8(ascii: "\n")).last ?? Data()
    do {
      return try JSONDecoder().decode(Answer.self, from: line)
    } catch is DecodingError {
      throw BenchError.unreadableAnswer(
        command: command, answer: String(String(decoding: line, as: UTF8.self).prefix(200)))
    }
  }

  private var command: String {
    ([executable.lastPathComponent] + arguments).joined(separator: " ")
  }
}
