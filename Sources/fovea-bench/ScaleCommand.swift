// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

struct ScaleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scale",
    abstract: "How the cost of a job grows with its chips, step by step, without pixels.",
    discussion: """
      What the agent says is drawn at random; planning, the plan's file, the ledger, the purchase's \
      rules and the report are the product's own. The budget pays for 5 % of what is wanted. Files \
      go to a temporary folder: with TMPDIR in memory, the time that the disk takes to sync is \
      left out.
      """)

  @Option(parsing: .upToNextOption, help: "The sizes of job, in chips.")
  var chips = [1_000, 10_000, 100_000, 1_000_000]
  @Option(help: "Earlier figures, a file that --json printed, instead of new ones.")
  var figures: String?
  @Option(help: "A file for a plot, as SVG.")
  var plot: String?
  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard !chips.isEmpty, chips.allSatisfy({ (1...1_000_000).contains($0) }) else {
      throw ValidationError("--chips must be from 1 to 1000000.")
    }
  }

  func run() throws {
    let measurements = try figures.map(Self.read) ?? measure()
    if let plot {
      try ScalePlot(measurements).svg.write(toFile: plot, atomically: true, encoding: .utf8)
    }
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      print(String(decoding: try encoder.encode(measurements), as: UTF8.self))
    } else {
      print(Self.table(measurements))
    }
  }

  private static func read(_ path: String) throws -> [ScaleMeasurement] {
    try JSONDecoder().decode(
      [ScaleMeasurement].self, from: Data(contentsOf: URL(filePath: path)))
  }

  /// Each size in a process of its own, so that one's memory is not the next one's.
  private func measure() throws -> [ScaleMeasurement] {
    try chips.sorted().map { count in
      try ChildProcess(
        executable: ChildProcess.own, arguments: ["measure-scale", "--chips", "\(count)"]
      ).answer()
    }
  }

  /// Seconds, the processor's microseconds a chip and memory of each step at each size.
  private static func table(_ measurements: [ScaleMeasurement]) -> String {
    func rows(_ figure: (ScaleStep, Int) -> String) -> [[String]] {
      (measurements.first?.steps ?? []).map(\.name).map { name in
        [name]
          + measurements.map { measurement in
            measurement.steps.first { $0.name == name }.map { figure($0, measurement.chips) } ?? "-"
          }
      }
    }
    let sizes = measurements.map { "\($0.chips) chips" }
    return [
      Figure.table(["seconds"] + sizes, rows { step, _ in Figure.text(step.seconds) }),
      Figure.table(
        ["microseconds of processor a chip"] + sizes,
        rows { step, chips in Figure.text(step.processorSeconds * 1e6 / Double(chips)) }),
      Figure.table(["peak MiB"] + sizes, rows { step, _ in Figure.text(step.peakMiB) }),
    ].joined(separator: "\n\n")
  }
}

/// One size of job, in this process; `scale` starts it.
struct MeasureScaleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "measure-scale", abstract: "Measure one size of job.", shouldDisplay: false)

  @Option var chips: Int

  func run() throws {
    let folder = try TemporaryFolder()
    let job = try ScaleJob(chipCount: chips, folder: folder.url)
    let measurement = ScaleMeasurement(chips: chips, steps: try job.run())
    print(String(decoding: try JSONEncoder().encode(measurement), as: UTF8.self))
  }
}
