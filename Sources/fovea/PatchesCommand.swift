// SPDX-License-Identifier: Apache-2.0

import Acquisition
import ArgumentParser
import Client
import Wire

struct PatchesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "patches", abstract: "List the patches that are owned: later jobs use them free.")
  @Option(help: "Only this vendor's.") var vendor: String?
  @Option(help: "Only this product.") var product: String?
  @Option(help: "Only those in WEST,SOUTH,EAST,NORTH, in degrees.") var bbox: String?
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let patches = try await connection.connect().patches(
      vendor: vendor, product: product, bbox: bbox)
    if output.json { return try Printing.json(ItemList(items: patches, next: nil)) }
    Printing.table(
      ["vendor", "product", "column", "row", "price", "bought", "order", "item", "licence"],
      patches.map { patch in
        [
          patch.vendor, patch.product, "\(patch.column)", "\(patch.row)", "\(patch.price)",
          Printing.time(patch.boughtAt), patch.order, "\(patch.item)", patch.licence?.id ?? "",
        ]
      })
  }
}
