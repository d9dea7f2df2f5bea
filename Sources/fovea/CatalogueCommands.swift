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
      ["vendor", "product", "item", "price", "state", "address"],
      vendors.map { vendor in
        [
          vendor.name, vendor.product, vendor.item, Self.price(vendor.prices),
          vendor.state.rawValue.replacing("_", with: " "), vendor.url,
        ]
      })
  }

  /// The first rate, and that there are more; amounts are in minor units.
  private static func price(_ prices: VendorRecord.Prices) -> String {
    let rate = prices.tiers.first.map(\.rate) ?? "0"
    let more = prices.tiers.count > 1 ? " and less" : ""
    return "\(rate)\(more) minor \(prices.currency) per \(prices.per)"
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
      ["model", "id", "classes", "chip", "pixel size", "zoom", "patches", "accuracy", "S"],
      models.map { model in
        [
          model.name, model.id, "\(model.classes.count)", "\(model.chipPixels) px",
          "\(model.groundSampleDistanceMetres) m", "\(model.zoom)", "\(model.patchCount)",
          Self.measured(model).map { Printing.percent($0.accuracy) } ?? "",
          Self.measured(model).map { Printing.decimals($0.patches, 1) } ?? "",
        ]
      })
  }

  /// What was measured of the variant that jobs use.
  private static func measured(_ model: ModelRecord) -> ModelRecord.Measured? {
    model.measured.first { $0.system == "patchdrop" && $0.stage == model.variant }
  }
}
