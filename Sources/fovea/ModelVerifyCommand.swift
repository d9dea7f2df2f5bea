// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import PatchDrop
import Platform

struct ModelVerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check all of a bundle, and with --data that it does what its rows say.",
    discussion: "Ends with 0 where everything holds, with 65 where something does not.")

  @Argument(help: "The model: a name, or a path with a / in it.")
  var model: String

  @Option(help: "Labelled images to repeat the evaluation on: a folder, a .tar or a .csv.")
  var data: String?

  @Option(
    help: "The split of --data: train, tune or val, as the stored rows.",
    transform: DataSplit.init(argument:))
  var split = DataSplit.val

  @OptionGroup var models: ModelOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    try await ComputePool(threadCount: 1).run { [self] in try verify() }
  }

  private func verify() throws {
    let (bundle, url) = try models.load(model)
    let networks = bundle.networks
    let weights = networks.reduce(0) { $0 + $1.parameterCount }
    let answers = try bundle.checkAnswers()
    let checks = [
      "\(url.path): \(try Printing.byteCount(of: url)) bytes, SHA-256 \(bundle.digest)",
      "format \(bundle.card.format); every field is there and goes with the others",
      "\(networks.count) networks of \(weights) weights: all there, of the right shapes, finite",
      "\(answers) answers about a flat grey chip are probabilities",
    ]
    if !output.json { for check in checks { print("ok  \(check)") } }
    let repeated = try data.map { try Repetition(bundle: bundle, data: $0, split: split) }
    if output.json {
      try Printing.json(
        Report(
          model: bundle.card.name, id: bundle.id, checks: checks, data: repeated?.name,
          split: repeated.map { _ in split }, images: repeated?.imageCount,
          rows: repeated?.comparisons, isGood: repeated?.isGood ?? true))
    } else {
      repeated?.print()
    }
    if let repeated, !repeated.isGood {
      throw CommandFailure(
        "the bundle \(url.path) does not do on \(repeated.name) what its rows say. "
          + "Check that these are the images of its card, or train it again.", .badData)
    }
  }

  private struct Report: Encodable {
    let model: String
    let id: String
    let checks: [String]
    let data: String?
    let split: DataSplit?
    let images: Int?
    let rows: [MeasuredComparison]?
    let isGood: Bool
  }
}

/// The evaluation of a bundle once more.
private struct Repetition {
  let name: String
  let imageCount: Int
  let onSameChips: Bool
  let comparisons: [MeasuredComparison]

  init(bundle: ModelBundle, data: String, split: DataSplit) throws {
    let url = URL(filePath: data)
    guard !bundle.card.measured.isEmpty else {
      throw CommandFailure(
        "the bundle \(bundle.card.name) stores no rows to compare with. "
          + "Measure it with fovea evaluate.", .badData)
    }
    let chips = try LabelledChips(
      contentsOf: url, zoom: bundle.card.design.zoom, wanted: [split],
      options: DataOptions(
        sidePixels: bundle.card.design.chipPixels, lowSource: bundle.card.lrSource))
    name = url.lastPathComponent
    imageCount = chips.count
    onSameChips = split == .val && chips.count == bundle.card.data.images[split.rawValue]
    comparisons = MeasuredComparison.all(
      stored: bundle.card.measured, found: try Evaluation(bundle: bundle, chips: chips).rows(),
      onSameChips: onSameChips)
  }

  var isGood: Bool { comparisons.allSatisfy(\.agrees) }

  func print() {
    Swift.print("\n\(name), \(imageCount) images")
    Printing.table(
      ["", "system", "stage", "stored", "found", "stored S", "found S"],
      comparisons.map { row in
        [
          row.agrees ? "ok" : "NO", row.stored.system.rawValue, row.stored.stage?.rawValue ?? "-",
          Printing.percent(row.stored.accuracy),
          row.found.map { Printing.percent($0.accuracy) } ?? "-",
          Printing.decimals(row.stored.patches, 2),
          row.found.map { Printing.decimals($0.patches, 2) } ?? "-",
        ]
      })
    if !onSameChips {
      Swift.print("Other images than the card's: rows agree where their 95 % intervals overlap.")
    }
  }
}
