// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

struct StartupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "startup",
    abstract: "How long the programs take to be there, and how large they are.")

  @Option(help: "The folder of the programs; this one's by default.")
  var bin: String?
  @Option(help: "How often each is started; medians are printed.")
  var rounds = 10

  private static let programs = ["fovea", "fovead", "fovea-vendor", "fovea-bench"]

  func validate() throws {
    guard rounds > 0 else { throw ValidationError("--rounds must be above 0.") }
  }

  func run() throws {
    let folder = bin.map { URL(filePath: $0) } ?? ChildProcess.own.deletingLastPathComponent()
    func program(_ name: String) throws -> URL {
      let url = folder.appending(path: name)
      guard FileManager.default.isExecutableFile(atPath: url.path) else {
        throw BenchError.noProgram(path: url.path)
      }
      return url
    }
    let (fovea, fovead) = (try program("fovea"), try program("fovead"))
    var (daemon, help): ([Double], [Double]) = ([], [])
    for _ in 0..<rounds {
      daemon.append(try Self.secondsUntilReady(fovead))
      help.append(try Self.start(fovea, ["--help"]).seconds)
    }
    func row(_ name: String, _ seconds: [Double]) -> [String] {
      [name]
        + [seconds.median, seconds.min(), seconds.max()].map { Figure.text($0.map { 1000 * $0 }) }
    }
    print(
      Figure.table(
        ["milliseconds, of \(rounds)", "median", "least", "most"],
        [row("fovead, empty state, until ready", daemon), row("fovea --help", help)]))
    print(
      "\n"
        + Figure.table(
          ["program", "MB"],
          Self.programs.compactMap { name in
            // A program that was not built is left out.
            let size =
              try? FileManager.default.attributesOfItem(
                atPath: folder.appending(path: name).resolvingSymlinksInPath().path)[.size] as? Int
            return size.map { [name, String(format: "%.1f", Double($0) / 1e6)] }
          }))
  }

  /// The time from the start of a daemon without a state to its line that says it is ready.
  private static func secondsUntilReady(_ program: URL) throws -> Double {
    let folder = try TemporaryFolder()
    let configuration = folder.url.appending(path: "fovead.yaml")
    try "vendors: []\n".write(to: configuration, atomically: true, encoding: .utf8)
    let state = folder.url.appending(path: "state")
    let started = try start(
      program, ["--config", configuration.path, "--state", state.path], until: "ready")
    guard started.output.contains("ready") else {
      throw BenchError.notReady(
        command: program.path,
        words: started.output.trimmingCharacters(in: .whitespacesAndNewlines))
    }
    return started.seconds
  }

  /// Starts a program and reads what it writes until there is a word in it, or until its end.
  ///
  /// The time is to there, not to the wait for the process, which looks only now and then.
  private static func start(
    _ program: URL, _ arguments: [String], until word: String? = nil
  ) throws -> (seconds: Double, output: String) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = program
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment
      .filter { !$0.key.hasPrefix("FOVEA_") && $0.key != "NOTIFY_SOCKET" }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    var output = ""
    let time = try ContinuousClock().measure {
      try process.run()
      var part = pipe.fileHandleForReading.availableData
      while !part.isEmpty {
        output += String(decoding: part, as: UTF8.self)
        if let word, output.contains(word) { break }
        part = pipe.fileHandleForReading.availableData
      }
    }
    process.terminate()
    process.waitUntilExit()
    return (time.seconds, output)
  }
}
