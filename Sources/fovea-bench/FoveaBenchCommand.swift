// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The program: how fast the engine is, beside its peers.
@main
struct FoveaBenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fovea-bench",
    abstract: "Measure Fovea beside its peers, in one run.",
    discussion: """
      Every figure is of a process of its own, so that peak memory is one engine's. The peers are \
      Python scripts outside of this package; without them the program measures ours alone. \
      OPENBLAS_CORETYPE is taken out of the environment first, for both sides.
      """,
    subcommands: [
      NetworksCommand.self, SurveyCommand.self, ScaleCommand.self, CheckCommand.self,
      StartupCommand.self, ListCommand.self, MeasureCommand.self, MeasureSurveyCommand.self,
      MeasureScaleCommand.self,
    ])

  static func main() {
    ChildProcess.freeEnvironment()
    main(nil)
  }
}

/// What ends a benchmark without a result.
enum BenchError: Error, CustomStringConvertible {
  /// A child ended without success; its last words.
  case childFailed(command: String, status: Int32, words: String)
  /// A child's answer is no line of JSON that is understood.
  case unreadableAnswer(command: String, answer: String)
  /// A program that is to be measured did not become ready.
  case notReady(command: String, words: String)
  /// A program that is to be measured is not there.
  case noProgram(path: String)
  /// A folder holds no exported network.
  case noExports(path: String)

  var description: String {
    switch self {
    case .childFailed(let command, let status, let words):
      "\(command) ended with status \(status): \(words). Run it by hand to see why."
    case .unreadableAnswer(let command, let answer):
      "\(command) answered \"\(answer)\", not a line of JSON. Give the peers' script of this "
        + "version with --peers."
    case .notReady(let command, let words):
      "\(command) did not become ready: \(words). Run it by hand to see why."
    case .noProgram(let path):
      "there is no program \(path). Build all with swift build -c release, or give the folder of "
        + "installed programs with --bin."
    case .noExports(let path):
      "\(path) holds no exported network. Make some with peer_networks.py --export \(path)."
    }
  }
}
