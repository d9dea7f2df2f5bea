// SPDX-License-Identifier: Apache-2.0

import Foundation
import Neural
import Platform

/// What the rounds came to, as a table and as JSON.
struct NetworksReport {
  let rounds: NetworkRounds

  /// The tables with what they depend on.
  var text: String {
    let threads = rounds.conditions.threads
    let versions = Set(rounds.races.flatMap { $0.rounds.values.joined().map(\.version) })
    let head = """
      \(Machine.processor); \(threads) thread\(threads == 1 ? "" : "s"); \
      OpenBLAS core \(EngineMachine.blasCore); our instruction set \(EngineMachine.instructionSet)
      \(versions.sorted().joined(separator: ", ")); \(rounds.ceilings.count) rounds of \
      \(Figure.text(rounds.conditions.seconds)) s
      ceiling: sgemm 1024^3 \(Figure.text(rounds.sgemmGigaflops)) GFLOP/s on one thread, \
      times \(threads)
      """
    return ([head] + Pass.allCases.compactMap(speedTable) + [memoryTable]).joined(separator: "\n\n")
  }

  private func speedTable(_ pass: Pass) -> String? {
    let races = rounds.races.filter { $0.pass == pass }
    guard !races.isEmpty else { return nil }
    let runtime = pass == .inference ? ["ONNX Runtime", "%"] : []
    let table = Figure.table(
      ["\(pass.rawValue), images/s", "batch", "ours", "%"] + runtime
        + ["PyTorch", "%", "variant", "ours/better", "pairs"], races.map(speedRow))
    return """
      \(table)
      %: of the ceiling; ours/better: than the better peer; pairs: the median of the rounds' ratios
      """
  }

  private func speedRow(_ race: NetworkRounds.Race) -> [String] {
    func speed(_ contestant: Contestant?) -> [String] {
      guard let rate = contestant.flatMap({ race.rate($0) }) else { return ["-", "-"] }
      return [Figure.text(rate), Figure.text(100 * share(race, rate))]
    }
    var variant = "-"
    if case .pyTorch(let name)? = race.pyTorch { variant = name }
    return [race.net.name, "\(race.net.batchSize)"] + speed(.ours)
      + (race.pass == .inference ? speed(.onnxRuntime) : []) + speed(race.pyTorch)
      + [variant, Figure.text(race.ratio), Figure.text(race.pairRatio)]
  }

  private var memoryTable: String {
    Figure.table(
      ["peak memory, MiB", "pass", "ours", "ONNX Runtime", "PyTorch"],
      rounds.races.map { race in
        [race.net.name, race.pass.rawValue]
          + [.ours, .onnxRuntime, race.pyTorch].map { contestant in
            Figure.text(contestant.flatMap { race.peakMiB($0) })
          }
      })
  }

  /// The share of the ceiling that a rate is.
  private func share(_ race: NetworkRounds.Race, _ rate: Double) -> Double {
    rate * race.net.gigaflopPerImage(race.pass)
      / (rounds.sgemmGigaflops * Double(rounds.conditions.threads))
  }
}

/// As JSON: images a second, medians over the rounds; what was not measured is left out.
extension NetworksReport {
  private struct Document: Encodable {
    var networks: [Entry]
    var sgemmGflops: Double
    var cpu: String
    var openblasCore: String
    var instructionSet: String
    var threads: Int
    var rounds: Int
    var seconds: Double
  }

  private struct Entry: Encodable {
    var name: String
    var batch: Int
    var inference: Speeds?
    var training: Speeds?
    var peakMib: [String: Peaks] = [:]
  }

  private struct Speeds: Encodable {
    var ours: Double?
    var pytorch: Double?
    var onnxruntime: Double?
    var pytorchVariant: String?
    var better: String?
    var ratio: Double?
    var pairRatio: Double?
    var shareOfCeiling: Double?
    var gflopPerImage: Double
  }

  private struct Peaks: Encodable {
    var ours: Double?
    var pytorch: Double?
    var onnxruntime: Double?
  }

  /// The document's bytes.
  func json() throws -> Data {
    var entries: [Entry] = []
    for race in rounds.races {
      if entries.last?.name != race.net.name {
        entries.append(Entry(name: race.net.name, batch: race.net.batchSize))
      }
      let place = entries.count - 1
      switch race.pass {
      case .inference: entries[place].inference = speeds(race)
      case .training: entries[place].training = speeds(race)
      }
      entries[place].peakMib[race.pass.rawValue] = Peaks(
        ours: race.peakMiB(.ours), pytorch: race.pyTorch.flatMap(race.peakMiB),
        onnxruntime: race.peakMiB(.onnxRuntime))
    }
    let document = Document(
      networks: entries, sgemmGflops: rounds.sgemmGigaflops, cpu: Machine.processor,
      openblasCore: EngineMachine.blasCore, instructionSet: EngineMachine.instructionSet,
      threads: rounds.conditions.threads, rounds: rounds.ceilings.count,
      seconds: rounds.conditions.seconds)
    return try JSON.encoder(pretty: true).encode(document) + Data("\n".utf8)
  }

  private func speeds(_ race: NetworkRounds.Race) -> Speeds {
    var variant: String?
    if case .pyTorch(let name)? = race.pyTorch { variant = name }
    return Speeds(
      ours: race.rate(.ours), pytorch: race.pyTorch.flatMap(race.rate),
      onnxruntime: race.rate(.onnxRuntime), pytorchVariant: variant,
      better: race.bestPeer?.name, ratio: race.ratio, pairRatio: race.pairRatio,
      shareOfCeiling: race.rate(.ours).map { share(race, $0) },
      gflopPerImage: race.net.gigaflopPerImage(race.pass))
  }
}
