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

  @OptionGroup var imagery: ImageryOptions

  @Option(name: .customLong("grid-origin"), help: "Where chips begin: scene.")
  var gridOrigin = "scene"

  @Option(
    name: [.customLong("threshold"), .customLong("plan-threshold")],
    help: "Buy patches with a keep probability above; the model's own threshold if not given.")
  var threshold: Float?

  @Option(
    help: """
      Whose published figures to show beside the measured ones: cifar10, cifar100, imagenet or \
      fmow; the closest to the model's classes if not given.
      """, transform: PublishedDataSet.init(argument:))
  var published: PublishedDataSet?

  @Option(help: "The side to which the middle of each image of --data is brought, in pixels.")
  var side: Int?

  @Option(help: "A file for a page with pictures.")
  var html: String?

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
    guard threshold.map({ (0...1).contains($0) }) ?? true else {
      throw ValidationError("--threshold is a probability, from 0 to 1.")
    }
    guard scenes == 3 || (imagery.bands == nil && imagery.ranges.isEmpty) else {
      throw ValidationError("--bands and --stretch are of scenes: give --lr, --hr and --truth.")
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
    let published = published ?? .closest(toClasses: bundle.card.classes)
    var rows = try rows(of: evaluation, subject: subject, published: published)
    var chosen = evaluation.masks(threshold: threshold)
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
      print(EvaluationTable(rows, published: published).text)
    }
  }

  /// The rows; with what pictures need, and the page, where one is wanted.
  private func rows(
    of evaluation: Evaluation, subject: Subject, published: PublishedDataSet
  ) throws -> [EvaluationRow] {
    var bar = ProgressBar()
    defer { bar.clear() }
    func show(_ done: Int, _ total: Int) { bar.show("answers", completed: done, total: total) }
    guard let html else { return evaluation.rows(threshold: threshold, progress: show) }
    let study = evaluation.study(threshold: threshold, progress: show)
    let page = EvaluationPage(
      evaluation: evaluation, study: study, name: subject.name, split: subject.split,
      published: published)
    try DurableFile.write(Data(try page.html().utf8), to: URL(filePath: html))
    return study.rows
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
        card: bundle.card, bands: command.imagery.bandNumbers, stretch: command.imagery.stretch)
      (chips, places, indices) = (pair.chips, pair.places, Array(0..<pair.chips.count))
      (name, split) = (URL(filePath: hr).lastPathComponent, nil)
    } else {
      var bar = ProgressBar()
      defer { bar.clear() }
      let url = URL(filePath: command.data ?? "")
      chips = try LabelledChips(
        contentsOf: url, zoom: bundle.card.design.zoom, wanted: [command.split],
        options: DataOptions(
          sidePixels: command.side, lowSource: bundle.card.lrSource,
          cache: DataOptions.userCache())
      ) { done, total in
        bar.show("decoding", completed: done, total: total)
        return true
      }
      if let warning = chips.cacheWarning { Printing.error(warning) }
      (indices, places) = (Array(0..<chips.count), [])
      (name, split) = (url.lastPathComponent, command.split.rawValue)
    }
  }
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

extension PublishedDataSet {
  /// The data set that a person named.
  fileprivate init(argument: String) throws {
    guard let data = PublishedDataSet(rawValue: argument) else {
      throw ValidationError(
        "\"\(argument)\" has no published figures: give "
          + "\(PublishedDataSet.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    self = data
  }
}
