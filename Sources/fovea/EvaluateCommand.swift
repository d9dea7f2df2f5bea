// SPDX-License-Identifier: Apache-2.0

import Acquisition
import ArgumentParser
import Foundation
import PatchDrop
import Platform

struct EvaluateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Score a model: PatchDrop beside buying nothing, everything, and fixed patches.",
    discussion: """
      Give labelled images with --data, or a scene pair with --lr, --hr and --truth (a pixel a \
      chip, classes named CLASS_00, CLASS_01, ...).
      """)

  @Option(help: "The model: a name, or a path with a / in it.")
  var model: String

  @Option(help: "A folder or .tar of images with a labels.tsv (path, class, split).")
  var data: String?

  @Option(
    help: "The split of --data to score: train, tune or val.", transform: DataSplit.init(argument:))
  var split = DataSplit.val

  @Option(help: "The low-resolution scene.")
  var lr: String?

  @Option(help: "The high-resolution scene of the same ground.")
  var hr: String?

  @Option(help: "The class of each chip.")
  var truth: String?

  @Option(name: .customLong("grid-origin"), help: "Where chips begin: scene.")
  var gridOrigin = "scene"

  @Option(name: .customLong("plan-threshold"), help: "Buy patches with a keep probability above.")
  var planThreshold: Float?

  @Option(
    help: "Masks to score too: tab-separated row, column, hexadecimal mask of a scene's chips.")
  var masks: String?

  @Option(help: "A file for a line of JSON a chip: name, truth, mask, class, probability.")
  var predictions: String?

  @Flag(help: "Print JSON.")
  var json = false

  @Option(
    name: .customLong("models"), help: "A folder to look for models in first; may be given again.")
  var folders: [String] = []

  func validate() throws {
    let scenes = [lr, hr, truth].compactMap { $0 }.count
    guard (data != nil) != (scenes > 0), scenes == 0 || scenes == 3 else {
      throw ValidationError("Give either --data, or all of --lr, --hr and --truth.")
    }
    guard gridOrigin == "scene" else {
      throw ValidationError("Only --grid-origin scene is scored: a truth pixel must be a chip.")
    }
    guard masks == nil || scenes == 3 else {
      throw ValidationError("--masks names chips of a scene: give --lr, --hr and --truth.")
    }
  }

  func run() async throws {
    try await ComputePool(threadCount: 1).run { [self] in try evaluate() }
  }

  private func evaluate() throws {
    let locator = ModelLocator.standard(folders.map { URL(filePath: $0) })
    let bundle = try ModelBundle.load(from: locator.url(model))
    let subject = try Subject(self, bundle: bundle)
    let evaluation = try Evaluation(
      bundle: bundle, chips: subject.chips, indices: subject.indices)
    var rows = evaluation.rows(threshold: planThreshold)
    var chosen = evaluation.masks(threshold: planThreshold)
    if let masks {
      let table = try MaskTable(
        String(contentsOfFile: masks, encoding: .utf8), path: masks,
        grid: bundle.card.design.patchGrid)
      chosen = subject.places.map { table.masks[$0] ?? .none }
      rows.append(evaluation.row(masks: chosen))
    }
    if let predictions {
      let lines = try evaluation.predictions(masks: chosen).map { prediction in
        try JSON.encoder().encode(prediction) + Data("\n".utf8)
      }
      try DurableFile.write(Data(lines.joined()), to: URL(filePath: predictions))
    }
    if json {
      let report = EvaluationReport(
        rows: rows, data: subject.name, split: subject.split, images: evaluation.count,
        unreadable: subject.chips.unreadable.count, model: String(bundle.digest.prefix(16)))
      print(String(decoding: try JSON.encoder(pretty: true).encode(report), as: UTF8.self))
    } else {
      for (path, reason) in subject.chips.unreadable { print("left out \(path): \(reason)") }
      print("\(subject.name), \(evaluation.count) chips, model \(bundle.card.name)")
      print(EvaluationTable(rows).text)
    }
  }
}

/// What is scored.
private struct Subject {
  let chips: LabelledChips
  let indices: [Int]
  /// The places of a scene's chips; empty for labelled images.
  let places: [ChipIndex]
  let name: String
  let split: String?

  init(_ command: EvaluateCommand, bundle: ModelBundle) throws {
    if let lr = command.lr, let hr = command.hr, let truth = command.truth {
      let pair = try ScenePair(
        low: URL(filePath: lr), high: URL(filePath: hr), truth: URL(filePath: truth),
        card: bundle.card)
      (chips, places, indices) = (pair.chips, pair.places, Array(0..<pair.chips.count))
      (name, split) = (URL(filePath: hr).lastPathComponent, nil)
    } else {
      let url = URL(filePath: command.data ?? "")
      chips = try LabelledChips(
        contentsOf: url, zoom: bundle.card.design.zoom, wanted: [command.split])
      (indices, places) = (Array(0..<chips.count), [])
      (name, split) = (url.lastPathComponent, command.split.rawValue)
    }
  }
}

/// The answer as a person reads it.
private struct EvaluationTable {
  let text: String

  init(_ rows: [EvaluationRow]) {
    let head = ["system", "stage", "accuracy %", "S", "cost %", "masks", "ECE %"]
    let lines = rows.map { row in
      [
        row.system.rawValue, row.stage?.rawValue ?? "-", Self.number(100 * row.accuracy),
        Self.number(row.patches), Self.number(100 * row.costShare), "\(row.distinctMasks)",
        row.ece.map { Self.number(100 * $0) } ?? "-",
      ]
    }
    let widths = head.indices.map { column in
      ([head] + lines).map { $0[column].count }.max() ?? 0
    }
    text = ([head] + lines).map { fields in
      fields.enumerated().map { column, field in
        let space = String(repeating: " ", count: widths[column] - field.count)
        return column < 2 ? field + space : space + field
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }

  private static func number(_ value: Double) -> String { String(format: "%.2f", value) }
}

extension DataSplit {
  /// The split that a person named.
  init(argument: String) throws {
    guard let split = DataSplit(rawValue: argument) else {
      throw ValidationError("\"\(argument)\" is no split: give train, tune or val.")
    }
    self = split
  }
}
