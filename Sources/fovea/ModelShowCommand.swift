// SPDX-License-Identifier: Apache-2.0

import Acquisition
import ArgumentParser
import Foundation
import PatchDrop
import Platform

struct ModelShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print what a bundle says of itself: all that changes an answer, and its origin.")

  @Argument(help: "The model: a name, or a path with a / in it.")
  var model: String

  @OptionGroup var models: ModelOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let (bundle, url) = try models.load(model)
    let page = try ModelPage(bundle, url)
    if output.json { return try Printing.json(page.record) }
    page.printGeometry()
    page.printNetworks()
    page.printVariants()
    page.printTraining()
    page.printMeasured()
    page.printWarnings()
  }
}

/// What is shown of a bundle.
private struct ModelPage {
  /// The same as JSON.
  struct Record: Encodable {
    let id: String
    let sha256: String
    let path: String
    let sizeBytes: Int
    let card: ModelCard
    let networks: [NetworkSummary]
    let warnings: [String]
  }

  let record: Record
  private var card: ModelCard { record.card }
  private let variants: [(name: String, settings: ModelCard.Variant)]

  init(_ bundle: ModelBundle, _ url: URL) throws {
    let card = bundle.card
    variants = bundle.variants.compactMap { variant in
      card.variants[variant.rawValue].map { (variant.rawValue, $0) }
    }
    var warnings = variants.compactMap { name, settings in
      settings.collapse.map { "\(name): \($0.words)" }
    }
    if card.measured.isEmpty {
      warnings.append("nothing was measured: there was no val split")
    }
    record = Record(
      id: bundle.id, sha256: bundle.digest, path: url.path,
      sizeBytes: try Printing.byteCount(of: url), card: card, networks: bundle.networks,
      warnings: warnings)
  }

  func printGeometry() {
    let design = card.design
    let low = design.groundSampleDistanceMetres * Double(design.zoom)
    func list(_ values: [Double]) -> String {
      values.map { Printing.decimals($0, 4) }.joined(separator: " ")
    }
    facts([
      ("model", "\(card.name), id \(record.id)"),
      ("file", "\(record.path), \(Printing.size(bytes: record.sizeBytes)), format \(card.format)"),
      ("SHA-256", record.sha256),
      ("classes", "\(card.classes.count): \(card.classes.joined(separator: ", "))"),
      (
        "chip",
        "\(design.chipPixels) x \(design.chipPixels) px of "
          + "\(Printing.length(design.groundSampleDistanceMetres)), "
          + "\(design.patchGrid.side) x \(design.patchGrid.side) patches"
      ),
      (
        "LR pixels",
        "\(design.lowResolutionPixels) x \(design.lowResolutionPixels) px of "
          + "\(Printing.length(low)), zoom \(design.zoom), \(card.lrSource.rawValue)"
      ),
      ("bands", design.bands.joined(separator: ", ")),
      ("mean", list(card.normalisation.mean)), ("std", list(card.normalisation.std)),
      ("unbought", "\(card.maskValue.formatted()) after normalisation"),
    ])
  }

  func printNetworks() {
    head("Networks")
    Printing.table(
      ["network", "parameters", "shape"],
      record.networks.map { [$0.name, "\($0.parameterCount)", $0.shape] })
  }

  func printVariants() {
    head("Variants")
    Printing.table(
      ["variant", "threshold", "fusion", "last alpha", "temperature by patches bought"],
      variants.map { name, settings in
        [
          name + (name == card.defaultVariant.rawValue ? " (default)" : ""),
          Printing.decimals(settings.threshold, 3), settings.fusion.rawValue,
          Printing.decimals(settings.alphaEnd, 2),
          settings.calibration.map { range in
            "\(range.kFrom)-\(range.kTo): \(Printing.decimals(range.temperature, 2))"
          }.joined(separator: ", "),
        ]
      })
    guard let standard = card.variants[card.defaultVariant.rawValue] else { return }
    head("Gain in the truth's probability, \(card.defaultVariant.rawValue), by the LR margin")
    let patchCount = card.design.patchGrid.patchCount
    let counts = sequence(first: 1) { $0 * 2 }.prefix { $0 <= patchCount }
    let edges = standard.gain.marginEdges.map { "to \(Printing.decimals($0, 3))" } + ["above"]
    Printing.table(
      ["margin"] + counts.map { "\($0) bought" },
      zip(edges, standard.gain.gains).map { edge, curve in
        [edge] + counts.map { Printing.decimals(curve[$0], 3) }
      })
  }

  func printTraining() {
    head("Training")
    let training = card.training
    var rows = [
      ["hr", "\(training.hr.epochs)", "\(training.hr.batchSize)", training.hr.words],
      ["lr", "\(training.lr.epochs)", "\(training.lr.batchSize)", training.lr.words],
      ["warm", "\(training.warm.epochs)", "\(training.warm.batchSize)", training.warm.words],
    ]
    for (name, stage) in [("pt", training.pt), ("ft1", training.ft1), ("ft2", training.ft2)] {
      rows.append([name, "\(stage.epochs)", "\(stage.batchSize)", stage.words])
    }
    rows.append([
      "comparisons", "\(training.comparisons.epochs)", "\(training.comparisons.batchSize)",
      training.comparisons.words,
    ])
    Printing.table(["stage", "epochs", "batch", "how"], rows)
    print()
    let images = DataSplit.allCases.map { split in
      "\(card.data.images[split.rawValue] ?? 0) \(split.rawValue)"
    }
    facts([
      ("remedies", card.remedies.isEmpty ? "none" : card.remedies.joined(separator: "; ")),
      ("seed", "\(training.seed)"),
      ("images", "\(card.data.name): \(images.joined(separator: ", "))"),
      ("attribution", card.data.attribution.isEmpty ? "not given" : card.data.attribution),
      ("command", card.command),
    ])
  }

  func printMeasured() {
    guard !card.measured.isEmpty else { return }
    head("Measured on val")
    Printing.measured(card.measured)
  }

  func printWarnings() {
    guard !record.warnings.isEmpty else { return }
    head("Warnings")
    for warning in record.warnings { print(warning) }
  }

  private func head(_ title: String) { print("\n\(title)") }

  private func facts(_ facts: [(name: String, value: String)]) {
    let width = facts.map(\.name.count).max() ?? 0
    for (name, value) in facts {
      print(name.padding(toLength: width + 2, withPad: " ", startingAt: 0) + value)
    }
  }
}

extension Printing {
  /// Rows of an evaluation, with their intervals where they have some.
  static func measured(_ rows: [EvaluationRow]) {
    table(
      ["system", "stage", "accuracy", "95 % interval", "S", "masks", "ECE"],
      rows.map { row in
        [
          row.system.rawValue, row.stage?.rawValue ?? "-", percent(row.accuracy),
          row.accuracyInterval.map { "\(decimals(100 * $0.low, 1)) to \(percent($0.high))" } ?? "-",
          decimals(row.patches, 2), "\(row.distinctMasks)", row.ece.map { percent($0) } ?? "-",
        ]
      })
  }
}

extension ClassifierOptions {
  fileprivate var words: String {
    "rate \(learningRate.formatted())" + (distillation == nil ? "" : ", taught by hr")
  }
}

extension MaskedOptions {
  fileprivate var words: String {
    epochs == 0 ? "left out" : "rate \(learningRate.formatted())"
  }
}

extension PolicyOptions {
  fileprivate var words: String {
    let rewarded =
      switch reward {
      case .paper(let penalty): "the paper's reward, penalty \(penalty.formatted())"
      case .linear(let price): "a linear reward, price \(price.formatted())"
      case .dense(let price): "a dense linear reward, price \(price.formatted())"
      }
    let masks = drawsPerChip == 1 ? "1 mask" : "\(drawsPerChip) masks"
    let compared = baseline == .selfCritical ? "the greedy mask" : "the other masks"
    return "\(rewarded); \(masks) a chip against \(compared); "
      + "alpha \(exploration.start.formatted()) to \(exploration.end.formatted())"
  }
}
