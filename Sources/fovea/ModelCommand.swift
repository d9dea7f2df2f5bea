// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import PatchDrop
import Platform

struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract:
      "Look at model bundles: which there are, what they say of themselves, whether it holds.",
    subcommands: [ModelListCommand.self, ModelShowCommand.self, ModelVerifyCommand.self])
}

/// How a command finds a bundle without the daemon.
struct ModelOptions: ParsableArguments {
  @Option(
    name: .customLong("models"), help: "A folder to look for models in first; may be given again.")
  var folders: [String] = []

  var locator: ModelLocator { .standard(folders.map { URL(filePath: $0) }) }

  /// A bundle and its file, by name or by a path with a `/` in it.
  func load(_ name: String) throws -> (bundle: ModelBundle, url: URL) {
    let url = try locator.url(name)
    return (try ModelBundle.load(from: url), url)
  }
}

extension ModelBundle {
  /// The name by which jobs know the model: the start of its digest.
  var id: String { String(digest.prefix(16)) }

  /// What PatchDrop's default variant did on `val`; nil where that was not measured.
  var headline: EvaluationRow? {
    card.measured.first { $0.system == .patchDrop && $0.stage == card.defaultVariant }
  }
}

struct ModelListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the bundles in the models' folders.",
    discussion: "Files that cannot be used are named with the reason, after the others.")

  @OptionGroup var models: ModelOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    var items: [Item] = []
    var problems: [Problem] = []
    for name in models.locator.names() {
      do {
        let (bundle, url) = try models.load(name)
        items.append(Item(name, bundle, byteCount: try Printing.byteCount(of: url)))
      } catch let error as ModelError {
        problems.append(Problem(name: name, problem: "\(error)"))
      }
    }
    if output.json { return try Printing.json(List(items: items, problems: problems)) }
    if items.isEmpty, problems.isEmpty {
      print("no models in \(models.locator.folders.map(\.path).joined(separator: ", "))")
      return
    }
    Printing.table(
      [
        "model", "id", "classes", "chip", "pixel", "zoom", "variants", "accuracy", "S", "size",
      ], items.map(\.cells))
    for problem in problems { print("\(problem.name) cannot be used: \(problem.problem)") }
  }

  private struct List: Encodable {
    let items: [Item]
    let problems: [Problem]
  }

  private struct Problem: Encodable {
    let name: String
    let problem: String
  }

  private struct Item: Encodable {
    let name: String
    let id: String
    let classCount: Int
    let chipPixels: Int
    let groundSampleDistanceM: Double
    let zoom: Int
    let variants: [AgentVariant]
    let defaultVariant: AgentVariant
    let accuracy: Double?
    let patches: Double?
    let sizeBytes: Int

    init(_ name: String, _ bundle: ModelBundle, byteCount: Int) {
      let card = bundle.card
      self.name = name
      id = bundle.id
      classCount = card.classes.count
      chipPixels = card.design.chipPixels
      groundSampleDistanceM = card.design.groundSampleDistanceMetres
      zoom = card.design.zoom
      variants = bundle.variants
      defaultVariant = card.defaultVariant
      accuracy = bundle.headline?.accuracy
      patches = bundle.headline?.patches
      sizeBytes = byteCount
    }

    /// The variants with the default one in front.
    private var variantNames: String {
      ([defaultVariant] + variants.filter { $0 != defaultVariant }).map(\.rawValue)
        .joined(separator: " ")
    }

    var cells: [String] {
      [
        name, id, "\(classCount)", "\(chipPixels) px", Printing.length(groundSampleDistanceM),
        "\(zoom)", variantNames, accuracy.map { Printing.percent($0) } ?? "-",
        patches.map { Printing.decimals($0, 2) } ?? "-", Printing.size(bytes: sizeBytes),
      ]
    }
  }
}
