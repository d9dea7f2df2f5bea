// SPDX-License-Identifier: Apache-2.0

import Acquisition
import ArgumentParser
import Foundation
import PatchDrop
import Platform
import Raster

struct PredictCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Look at single chips: what the policy would buy, and what would be answered.",
    discussion: """
      An image is one chip of the model, JPEG, PNG or GeoTIFF. Its low-resolution pixels are made \
      from its own. "Everything" is the answer of the stand-alone high-resolution classifier.
      """)

  @Option(help: "The model: a name, or a path with a / in it.")
  var model: String

  @Argument(help: "The images.")
  var images: [String]

  @Option(help: "pt, ft1 or ft2; the model's default one when not given.")
  var variant: String?

  @Option(help: "Buy patches with a keep probability above; the variant's when not given.")
  var threshold: Float?

  @Option(help: "A .png to draw: for each image its LR pixels, what is bought, what is seen.")
  var picture: String?

  @OptionGroup var models: ModelOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard threshold.map({ (0...1).contains($0) }) ?? true else {
      throw ValidationError("--threshold is a probability, from 0 to 1.")
    }
  }

  func run() async throws {
    try await ComputePool(threadCount: 1).run { [self] in try predict() }
  }

  private func predict() throws {
    let bundle = try models.load(model).bundle
    let variant = try chosenVariant(of: bundle)
    // Read first: an image that is no chip stops everything before any of it is said.
    let chips = try images.map { ($0, try Self.chip(at: $0, of: bundle)) }
    var picture = GlancePicture(card: bundle.card)
    var items: [Item] = []
    for (image, chip) in chips {
      let glance = bundle.glance(at: chip, variant: variant, threshold: threshold)
      picture.add(chip, glance)
      items.append(Item(image, glance, card: bundle.card))
    }
    if let path = self.picture, let window = picture.window {
      try PNG.write(window, to: URL(filePath: path))
    }
    let threshold = Double(threshold ?? bundle.agent(variant).threshold)
    if output.json {
      return try Printing.json(
        Report(
          model: bundle.card.name, id: bundle.id, variant: variant, threshold: threshold,
          items: items))
    }
    print(
      "model \(bundle.card.name), \(variant.rawValue), "
        + "threshold \(Printing.decimals(threshold, 3))")
    for item in items { item.print() }
  }

  private func chosenVariant(of bundle: ModelBundle) throws -> AgentVariant {
    guard let variant else { return bundle.card.defaultVariant }
    guard let chosen = bundle.variants.first(where: { $0.rawValue == variant }) else {
      let known = bundle.variants.map(\.rawValue).joined(separator: ", ")
      throw CommandFailure(
        "the model \(bundle.card.name) has no variant \(variant). Give one of \(known).", .badData)
    }
    return chosen
  }

  private static func chip(at path: String, of bundle: ModelBundle) throws -> Window<UInt8> {
    let url = URL(filePath: path)
    let image = try TrustedImages(image: url).decode(url.lastPathComponent)
    guard let misfit = bundle.misfit(of: image) else { return image }
    let side = bundle.card.design.chipPixels
    throw CommandFailure(
      "\(path) has \(misfit.found), and a chip of \(bundle.card.name) has \(misfit.expected). "
        + "Cut one out with gdal_translate -srcwin COLUMN ROW \(side) \(side), or give a whole "
        + "scene to fovea submit.", .badData)
  }

  private struct Report: Encodable {
    let model: String
    let id: String
    let variant: AgentVariant
    let threshold: Double
    let items: [Item]
  }
}

/// What is said of an image.
private struct Item: Encodable {
  struct Class: Encodable {
    let name: String
    let probability: Float

    private enum CodingKeys: String, CodingKey {
      case name = "class"
      case probability
    }
  }

  private static let shownClassCount = 3

  let image: String
  let mask: String
  let patches: Int
  /// Row by row of patches.
  let keepProbabilities: [[Float]]
  let nothing: [Class]
  let bought: [Class]
  let everything: [Class]
  private let drawing: [String]

  private enum CodingKeys: String, CodingKey {
    case image
    case mask
    case patches
    case keepProbabilities
    case nothing
    case bought
    case everything
  }

  init(_ image: String, _ glance: Glance, card: ModelCard) {
    let grid = card.design.patchGrid
    func best(_ answer: Agent.Answer) -> [Class] {
      let order = answer.probabilities.indices.sorted {
        (-answer.probabilities[$0], $0) < (-answer.probabilities[$1], $1)
      }
      return order.prefix(Self.shownClassCount).map {
        Class(name: card.classes[$0], probability: answer.probabilities[$0])
      }
    }
    self.image = image
    mask = glance.mask.hexadecimal(of: grid)
    patches = glance.mask.count
    keepProbabilities = (0..<grid.side).map { row in
      (0..<grid.side).map { glance.keepProbabilities[grid.patch(row: row, column: $0)] }
    }
    nothing = best(glance.nothing)
    bought = best(glance.bought)
    everything = best(glance.everything)
    drawing = (0..<grid.side).map { row in
      (0..<grid.side).map { column in
        glance.mask.contains(grid.patch(row: row, column: column)) ? "\u{25A0}" : "\u{25A1}"
      }.joined(separator: " ")
    }
  }

  func print() {
    func line(_ classes: [Class]) -> String {
      classes.map { "\($0.name) \(Printing.percent(Double($0.probability)))" }
        .joined(separator: ", ")
    }
    Swift.print("\n\(image)")
    let patchCount = keepProbabilities.count * keepProbabilities.count
    let said = [
      "buys \(patches) of \(patchCount) patches", "nothing bought   \(line(nothing))",
      "these bought     \(line(bought))", "everything       \(line(everything))",
    ]
    let blank = String(repeating: " ", count: drawing.first?.count ?? 0)
    for row in 0..<max(drawing.count, said.count) {
      let squares = row < drawing.count ? drawing[row] : blank
      Swift.print("  \(squares)   \(row < said.count ? said[row] : "")")
    }
  }
}
