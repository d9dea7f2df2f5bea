// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import PatchDrop
import Planning
import Platform
import Purchasing
import Raster
import Synchronization
import Transfer
import Vendors
import Wire

/// What jobs may name: the vendors of the configuration, and the models of its folders.
///
/// A reload puts another content in, whole; who works on with an entry keeps the one it has.
final class Catalogue: Sendable {
  /// A vendor with what its price list says.
  struct Entry: Sendable {
    let product: ProductID
    let vendor: any Vendor
    let prices: PriceRule
    /// Where the prices come from.
    let source: String
    let record: VendorRecord
    /// The vendor as the one who buys sees it: one for all jobs, which share what they learn of it.
    let seller: Seller
  }

  /// What one configuration gives.
  struct Content: Sendable {
    let vendors: [Entry]
    let models: ModelLocator
  }

  private let content: Mutex<Content>
  /// Told of every call to a vendor.
  let metrics: Metrics
  /// Decodes what vendors of kind cog are fetched from.
  let decoder: RasterDecoder

  /// The vendors, in the order of the configuration.
  var vendors: [Entry] { content.withLock(\.vendors) }
  /// Where models are looked up.
  var models: ModelLocator { content.withLock(\.models) }
  private let shelf = BundleShelf()

  /// Opens what the configuration names.
  ///
  /// - Throws: `ConfigurationError` with every price list and address that is wrong.
  init(
    _ configuration: Configuration, state: StateDirectory, client: HTTPClient, metrics: Metrics,
    decoder: RasterDecoder
  ) throws(ConfigurationError) {
    self.metrics = metrics
    self.decoder = decoder
    content = Mutex(
      try Self.content(
        of: configuration, state: state, client: client, metrics: metrics, decoder: decoder))
  }

  /// Puts another content into force.
  func replace(with content: Content) { self.content.withLock { $0 = content } }

  /// Opens what a configuration names.
  ///
  /// - Throws: `ConfigurationError` with every price list, credential, address and folder that is
  ///   wrong.
  static func content(
    of configuration: Configuration, state: StateDirectory, client: HTTPClient, metrics: Metrics,
    decoder: RasterDecoder
  ) throws(ConfigurationError) -> Content {
    var entries: [Entry] = []
    var issues: [ConfigurationError.Issue] = []
    for entry in configuration.vendors {
      do {
        entries.append(
          try Self.entry(
            entry, configuration.credentials, state: state, client: client, metrics: metrics,
            decoder: decoder))
      } catch {
        let trouble = Trouble(
          where: "vendor \(entry.name)", error: error, remedy: "Correct its entry.")
        issues.append(
          .init(
            place: trouble.place, what: String(trouble.what.dropLast()), remedy: trouble.remedy))
      }
    }
    for folder in configuration.modelFolders {
      var isFolder: ObjCBool = false
      if !FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder)
        || !isFolder.boolValue
      {
        issues.append(
          .init(
            place: "models.folders", what: "there is no folder \(folder.path)",
            remedy: "Make it, or take it off the list."))
      }
    }
    guard issues.isEmpty else { throw ConfigurationError(issues: issues) }
    return Content(
      vendors: entries, models: .standard([state.models] + configuration.modelFolders))
  }

  /// The vendor of a name, where the configuration has it.
  func vendor(_ name: String) -> Entry? { vendors.first { $0.product.vendor == name } }

  /// A model, loaded and checked; blocks where that was not done before.
  ///
  /// - Throws: `ModelError`. A path is no name here: clients do not choose what the daemon opens.
  func bundle(_ name: String) throws(ModelError) -> ModelBundle {
    guard !name.contains("/"), !name.hasPrefix(".") else {
      throw .notFound(name: name, folders: models.folders.map(\.path))
    }
    return try shelf.bundle(at: models.url(name))
  }

  private static func entry(
    _ entry: VendorEntry, _ credentials: CredentialFolder?, state: StateDirectory,
    client: HTTPClient, metrics: Metrics, decoder: RasterDecoder
  ) throws -> Entry {
    let product = ProductID(vendor: entry.name, product: entry.product, item: entry.item)
    let list = try PriceList(contentsOf: entry.pricesFile)
    let rule = try list.rule(for: product)
    let key = try entry.credential.map { name throws(CredentialError) in
      guard let credentials else { throw .noneGiven(name: name) }
      return try credentials.secret(name)
    }
    let configuration = VendorConfiguration(
      name: entry.name, url: entry.url, trustsLocal: entry.isLocal, product: entry.product,
      item: entry.item, pricesFile: entry.pricesFile, credential: key, hosts: entry.hosts,
      capabilities: entry.interface.capabilities)
    let adapter: any Vendor =
      switch entry.kind {
      case .fovea: try FoveaVendor(configuration, client: client)
      case .cog:
        try CogVendor(
          configuration, prices: rule, orders: state.receipts(entry.name), client: client,
          cut: { try await Self.cut($0, $1, $2, decoder) })
      }
    let vendor = CountedVendor(vendor: adapter, metrics: metrics)
    return Entry(
      product: product, vendor: vendor, prices: rule, source: list.source,
      record: VendorRecord(
        name: entry.name, kind: entry.kind.rawValue, url: entry.url, product: entry.product,
        item: entry.item, prices: try .init(rule, source: list.source),
        largestItemCount: vendor.capabilities.maxItems, licence: rule.licence),
      seller: Seller(vendor: vendor, isLocal: entry.isLocal) { draft in
        try await rule.price(of: vendor.measure(on: draft.grid)(draft)).total
      })
  }

  /// Where tiles of vendors of kind cog are decoded.
  private static let cutting = ComputePool(threadCount: 2)

  private static func cut(
    _ excerpt: URL, _ pixels: CogPixels, _ target: URL, _ decoder: RasterDecoder
  ) async throws {
    try await cutting.run {
      try Ingest.part(
        of: excerpt,
        PixelRect(
          column: pixels.column, row: pixels.row, width: pixels.width, height: pixels.height),
        to: target, decoder: decoder)
    }
  }
}
