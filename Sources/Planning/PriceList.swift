// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation

/// The prices of one vendor, as its YAML file gives them.
///
/// ```yaml
/// vendor: example
/// currency: EUR
/// source: "where the figures come from, and when"
/// products:
///   hr-10m: {per: km2, rate: "850", minimum_charge: 500, fee_per_order: 150}
///   hr-50cm: {per: km2, rate: "2250", bill_by: bbox, minimum_area: 5 km2}
/// ```
public struct PriceList: Hashable, Sendable {
  /// The vendor's name.
  public let vendor: String
  /// The currency of all prices.
  public let currency: Currency
  /// Where the figures come from, and when.
  public let source: String
  /// The rule of each product, by name.
  public let products: [String: PriceRule]

  /// Reads a file.
  ///
  /// - Throws: `PlanningError.priceList` with file and line.
  public init(contentsOf file: URL) throws(PlanningError) {
    let text: String
    do {
      text = try String(contentsOf: file, encoding: .utf8)
    } catch {
      throw .priceList(
        place: file.path, what: "the price list cannot be read",
        remedy: "Check that the file exists, is readable and is UTF-8.")
    }
    try self.init(yaml: text, file: file.lastPathComponent)
  }

  /// Reads YAML text, and refuses keys that it does not know.
  ///
  /// - Parameter file: the name in messages.
  /// - Throws: `PlanningError.priceList` with file and line.
  public init(yaml: String, file: String) throws(PlanningError) {
    var top = try PriceListSection(yaml: yaml, file: file)
    vendor = try top.text("vendor")
    let currency = try top.currency("currency")
    self.currency = currency
    source = try top.text("source")
    var products: [String: PriceRule] = [:]
    for (name, var section) in try top.sections("products") {
      products[name] = try PriceRule(&section, currency: currency)
    }
    self.products = products
    try top.finish()
  }

  /// The rule for a product.
  ///
  /// - Throws: `PlanningError.unknownProduct`.
  public func rule(for product: ProductID) throws(PlanningError) -> PriceRule {
    guard let rule = products[product.product] else {
      throw .unknownProduct(
        vendor: vendor, product: product.product, known: products.keys.sorted())
    }
    return rule
  }
}
