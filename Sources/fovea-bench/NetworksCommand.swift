// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

struct NetworksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "networks",
    abstract: "Inference and training, beside ONNX Runtime and PyTorch.")

  @OptionGroup var peerOptions: PeerOptions
  @Option(help: "How often each contestant is measured; medians are printed.")
  var rounds = 5
  @Option(help: "How long each measurement takes.")
  var seconds = 3.0
  @Option(help: "Threads of each contestant; all cores by default.")
  var threads = ProcessInfo.processInfo.activeProcessorCount
  @Option(
    name: .customLong("net"), help: "A network to measure; may be given again. Default: all.",
    transform: BenchmarkNetwork.init(argument:))
  var nets: [BenchmarkNetwork] = []
  @Option(help: "Only inference, or only training.")
  var only: Pass?
  @Option(help: "A file for the figures as JSON; - prints them instead of the table.")
  var json: String?

  func validate() throws {
    guard rounds > 0, seconds > 0, threads > 0 else {
      throw ValidationError("--rounds, --seconds and --threads must be above 0.")
    }
  }

  func run() throws {
    let folder = try TemporaryFolder()
    let peers = peerOptions.find(modules: ["torch", "onnx", "onnxruntime"], folder: folder.url)
    var measured = NetworkRounds(
      nets.isEmpty ? BenchmarkNetwork.all : nets, passes: only.map { [$0] } ?? Pass.allCases,
      peers: peers, conditions: Conditions(threads: threads, seconds: seconds))
    for round in 1...rounds {
      try measured.measure { Progress.line("round \(round) of \(rounds): \($0)") }
    }
    let report = NetworksReport(rounds: measured)
    if json == "-" {
      try FileHandle.standardOutput.write(contentsOf: report.json())
    } else {
      print(report.text)
      if let json { try report.json().write(to: URL(filePath: json), options: .atomic) }
    }
  }
}

/// The networks without a measurement.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "The networks that are measured, with their arithmetic.")

  func run() {
    print(
      Figure.table(
        ["network", "side", "batch", "GFLOP/image", "training"],
        BenchmarkNetwork.all.map { net in
          [
            net.name, "\(net.side)", "\(net.batchSize)",
            String(format: "%.5f", net.gigaflopPerImage(.inference)),
            net.isTrained ? String(format: "%.5f", net.gigaflopPerImage(.training)) : "-",
          ]
        }))
  }
}

/// Where the peers are.
struct PeerOptions: ParsableArguments {
  @Option(help: "The peers' script; without it only ours is measured.")
  var peers: String?
  @Option(help: "The Python that has the peers' packages.")
  var python = "python3"

  /// The peers, where they are there; else says so on standard error.
  func find(modules: [String], folder: URL) -> PeerScript? {
    let found = PeerScript.find(
      script: peers, python: python, modules: modules, folder: folder)
    if let problem = found.problem { Progress.line(problem) }
    return found.peers
  }
}

/// Lines for whoever waits.
enum Progress {
  /// Writes a line to standard error.
  static func line(_ text: String) {
    // Progress that nobody can read is no reason to stop.
    try? FileHandle.standardError.write(contentsOf: Data("fovea-bench: \(text)\n".utf8))
  }
}

/// A folder that is gone when its owner is.
struct TemporaryFolder: ~Copyable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appending(path: "fovea-bench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit {
    // What is left of a temporary folder harms nobody.
    try? FileManager.default.removeItem(at: url)
  }
}
