// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import Wire

struct VendorsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vendors", abstract: "List the vendors of the daemon's configuration.")
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let vendors = try await connection.connect().vendors()
    if output.json { return try Printing.json(ItemList(items: vendors, next: nil)) }
    Printing.table(
      ["vendor", "product", "item", "currency", "address"],
      vendors.map { [$0.name, $0.product, $0.item, $0.currency, $0.url] })
  }
}

struct ModelsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models", abstract: "List the models that the daemon finds.")
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let models = try await connection.connect().models()
    if output.json { return try Printing.json(ItemList(items: models, next: nil)) }
    Printing.table(
      ["model", "id", "classes", "chip", "pixel size", "zoom", "patches"],
      models.map { model in
        [
          model.name, model.id, "\(model.classes.count)", "\(model.chipPixels) px",
          "\(model.groundSampleDistanceMetres) m", "\(model.zoom)", "\(model.patchCount)",
        ]
      })
  }
}
