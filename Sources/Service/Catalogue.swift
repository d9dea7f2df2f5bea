// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import PatchDrop
import Planning
import Purchasing
import Transfer
import Vendors
import Wire

/// What jobs may name: the vendors of the configuration, and the models of its folders.
struct Catalogue: Sendable {
  /// A vendor with what its price list says.
  struct Entry: Sendable {
    let product: ProductID
    let vendor: any Vendor
    let prices: PriceRule
    /// Where the prices come from.
    let source: String
    let record: VendorRecord

    /// The vendor as the one who buys sees it.
    var seller: Seller {
      Seller(vendor: vendor) { [prices] in try prices.price(of: $0) }
    }
  }

  /// The vendors, in the order of the configuration.
  let vendors: [Entry]
  /// Where models are looked up.
  let models: ModelLocator

  /// Opens what the configuration names.
  ///
  /// - Throws: `ConfigurationError` with every price list and address that is wrong.
  init(
    _ configuration: Configuration, state: StateDirectory, client: HTTPClient
  ) throws(ConfigurationError) {
    var entries: [Entry] = []
    var issues: [ConfigurationError.Issue] = []
    for entry in configuration.vendors {
      do {
        entries.append(try Self.entry(entry, client: client))
      } catch {
        let trouble = Trouble(
          where: "vendor \(entry.name)", error: error, remedy: "Correct its entry.")
        issues.append(
          .init(
            place: trouble.place, what: String(trouble.what.dropLast()), remedy: trouble.remedy))
      }
    }
    guard issues.isEmpty else { throw ConfigurationError(issues: issues) }
    vendors = entries
    models = .standard([state.models] + configuration.modelFolders)
  }

  /// The vendor of a name, where the configuration has it.
  func vendor(_ name: String) -> Entry? { vendors.first { $0.product.vendor == name } }

  /// Loads and checks a model; blocks.
  ///
  /// - Throws: `ModelError`. A path is no name here: clients do not choose what the daemon opens.
  func bundle(_ name: String) throws(ModelError) -> ModelBundle {
    guard !name.contains("/"), !name.hasPrefix(".") else {
      throw .notFound(name: name, folders: models.folders.map(\.path))
    }
    return try ModelBundle.load(from: models.url(name))
  }

  private static func entry(_ entry: VendorEntry, client: HTTPClient) throws -> Entry {
    let product = ProductID(vendor: entry.name, product: entry.product, item: entry.item)
    let list = try PriceList(contentsOf: entry.pricesFile)
    let rule = try list.rule(for: product)
    let configuration = VendorConfiguration(
      name: entry.name, url: entry.url, trustsLocal: entry.isLocal, product: entry.product,
      item: entry.item, pricesFile: entry.pricesFile)
    let vendor: any Vendor =
      switch entry.kind {
      case .fovea: try FoveaVendor(configuration, client: client)
      }
    return Entry(
      product: product, vendor: vendor, prices: rule, source: list.source,
      record: VendorRecord(
        name: entry.name, kind: entry.kind.rawValue, url: entry.url, product: entry.product,
        item: entry.item, currency: rule.currency.code))
  }
}
