// SPDX-License-Identifier: Apache-2.0

import Foundation
import Neural

/// Surveys of one scene, ours and the peer's in turn, each in a process of its own.
struct SurveyRace {
  let low: String
  let high: String
  let bundle: URL
  private(set) var ours: [SurveyMeasurement] = []
  private(set) var peers: [SurveyMeasurement] = []

  init(low: String, high: String, bundle: URL) {
    self.low = low
    self.high = high
    self.bundle = bundle
  }

  /// The rows of the table, with the parts that each side reports.
  ///
  /// Reading and masking stand together: the peer turns bytes into floats in the one, ours in the
  /// other.
  private static let stages: [(name: String, parts: [String])] = [
    ("open", ["open"]), ("read LR", ["read_lr"]), ("policy", ["policy"]),
    ("LR classes", ["classify_lr"]), ("choose", ["choose"]),
    ("read HR, mask", ["read_hr", "mask"]), ("classify", ["classify"]),
  ]

  /// Measures each side once; each second time the peer first.
  mutating func measure(
    peers script: PeerScript?, exports: URL?, progress: (String) -> Void
  ) throws {
    let own = ChildProcess(
      executable: ChildProcess.own,
      arguments: ["measure-survey", "--lr", low, "--hr", high, "--bundle", bundle.path])
    for isPeer in ours.count.isMultiple(of: 2) ? [false, true] : [true, false] {
      let found: SurveyMeasurement
      if !isPeer {
        found = try own.answer()
        ours.append(found)
      } else if let script, let exports {
        found = try peer(script, exports).answer()
        peers.append(found)
      } else {
        continue
      }
      progress(
        "\(isPeer ? "rasterio + ONNX Runtime" : "ours"): \(found.chips) chips in "
          + "\(Figure.text(found.seconds["total"])) s, \(Figure.text(found.peakMiB)) MiB")
    }
  }

  private func peer(_ networks: PeerScript, _ exports: URL) -> ChildProcess {
    let survey = PeerScript(
      python: networks.python,
      script: networks.script.deletingLastPathComponent().appending(path: "peer_survey.py"),
      folder: networks.folder)
    let threads = ProcessInfo.processInfo.activeProcessorCount
    return survey.child(
      [
        "--lr", low, "--hr", high, "--chip", "64", "--zoom", "\(SurveyBundle.zoom)", "--grid", "4",
        "--policy-onnx", exports.appending(path: "\(SurveyBundle.policy).onnx").path, "--hr-onnx",
        exports.appending(path: "\(SurveyBundle.classifier).onnx").path, "--threads", "\(threads)",
      ], threads: threads)
  }

  /// The table, with what it depends on.
  var text: String {
    guard let first = ours.first else { return "" }
    let names = Self.stages.map(\.name)
    var rows = zip(names, Self.stages).map { name, stage in
      row(name) { $0.seconds(of: stage.parts) }
    }
    let all = Self.stages.flatMap(\.parts)
    rows.append(row("rest") { ($0.seconds["total"] ?? 0) - $0.seconds(of: all) })
    rows.append(row("total") { $0.seconds["total"] ?? 0 })
    rows.append(row("peak MiB") { $0.peakMiB })
    let verdict =
      peers.first.map { peer in
        first.difference(from: peer) ?? "both chose the same patches and found the same classes"
      } ?? "no peer was measured"
    return """
      \(low), \(high): \(first.chips) chips, \(first.chipsRead) read, \
      \(first.patchesChosen) patches chosen; \(verdict)
      \(Machine.processor); OpenBLAS core \(EngineMachine.blasCore); \(ours.count) rounds

      \(Figure.table(["seconds", "ours", "rasterio + ONNX Runtime", "theirs/ours"], rows))
      LR classes: the peer has no LR classifier. rest: what no stage counts.
      """
  }

  private func row(_ name: String, _ value: (SurveyMeasurement) -> Double) -> [String] {
    let own = ours.map(value).median
    let peer = peers.map(value).median
    var ratio: Double?
    if let own, let peer, own > 0, peer > 0 { ratio = peer / own }
    return [name, Self.text(own), Self.text(peer), Figure.text(ratio)]
  }

  private static func text(_ value: Double?) -> String {
    value.map { $0 < 1 ? String(format: "%.4f", $0) : Figure.text($0) } ?? "-"
  }

  /// The measurements as they came.
  struct Document: Encodable {
    let lr: String
    let hr: String
    let ours: [SurveyMeasurement]
    let peer: [SurveyMeasurement]
  }

  /// All measurements.
  var document: Document { Document(lr: low, hr: high, ours: ours, peer: peers) }
}
