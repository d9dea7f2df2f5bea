// SPDX-License-Identifier: Apache-2.0

import Acquisition
import ArgumentParser
import Client
import Wire

struct VendorsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vendors", abstract: "The vendors of the daemon's configuration.",
    subcommands: [List.self, Unfreeze.self], defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the vendors, and why one gets no new orders.")
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let vendors = try await connection.connect().vendors()
      if output.json { return try Printing.json(ItemList(items: vendors, next: nil)) }
      Printing.table(
        ["vendor", "product", "item", "price", "state", "address"],
        vendors.map { vendor in
          [
            vendor.name, vendor.product, vendor.item, VendorsCommand.price(vendor.prices),
            vendor.state.rawValue.replacing("_", with: " "), vendor.url,
          ]
        })
      for vendor in vendors {
        if let reason = vendor.stateReason { print("\(vendor.name): \(reason)") }
      }
    }
  }

  struct Unfreeze: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let a vendor have new orders again, when what froze it is settled.")
    @Argument(help: "The vendor's name.") var name: String
    @Option(help: "Why; kept with your user id.") var reason: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let left = try await connection.connect().unfreeze(name, reason: reason)
      if output.json { return try Printing.json(ItemList(items: left, next: nil)) }
      print("\(name) gets orders again")
    }
  }

  /// The first rate, and that there are more; a rate is decimal text in minor units.
  private static func price(_ prices: VendorRecord.Prices) -> String {
    let rate = prices.tiers.first.map(\.rate) ?? "0"
    let more = prices.tiers.count > 1 ? " and less" : ""
    guard let minorUnits = Int64(rate), let currency = try? Currency(code: prices.currency),
      let amount = try? Money(minorUnits: minorUnits, currency: currency)
    else { return "\(rate)\(more) minor units of \(prices.currency) per \(prices.per)" }
    return "\(amount)\(more) per \(prices.per)"
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
