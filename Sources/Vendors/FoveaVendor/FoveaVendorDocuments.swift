// SPDX-License-Identifier: Apache-2.0

internal import Acquisition
internal import Foundation

/// The documents of fovea-vendor's interface, as a client reads and writes them.
enum FoveaVendorDocuments {
  /// One item: its index and its ground in metres of the order's CRS.
  struct Item: Codable {
    let number: Int
    let west: Double
    let south: Double
    let east: Double
    let north: Double
  }

  /// What is asked for, with what a submission adds.
  struct Order: Codable {
    let product: String
    let item: String
    let crs: String
    let items: [Item]
    /// Our key, by which the vendor can be asked again.
    let reference: String?
    let quoteId: String?
    /// The price that we agree to.
    let price: Money?

    init(_ draft: OrderDraft, reference: String? = nil, quote: Quote? = nil) {
      product = draft.product.product
      item = draft.product.item
      crs = draft.grid.lattice.crs
      items = draft.rectangles.enumerated().map { number, rectangle in
        let ground = rectangle.ground(on: draft.grid)
        return Item(
          number: number, west: ground.west, south: ground.south, east: ground.east,
          north: ground.north)
      }
      self.reference = reference
      quoteId = quote?.vendorQuoteID
      price = quote?.price
    }
  }

  struct QuoteAnswer: Codable {
    let quoteId: String
    let price: Money
    let areaMm2: Int64
    let validUntil: Date
  }

  struct OrderItem: Codable {
    let number: Int
    let state: String
    let charge: Money?
  }

  struct OrderAnswer: Codable {
    let orderId: String
    let reference: String
    let state: String
    let price: Money
    let charged: Money
    let items: [OrderItem]
  }

  struct DeliveryAnswer: Codable {
    let number: Int
    let url: String
    let byteCount: Int64
    let sha256: String
  }

  struct List<Element: Codable>: Codable {
    let items: [Element]
  }

  struct Refund: Codable {
    let refundId: String
    let orderId: String
    let amount: Money
  }

  struct Statement: Codable {
    let orders: [OrderAnswer]
    let refunds: [Refund]
  }

  struct Capabilities: Codable {
    let repeatSafeSubmit: String
    let lookUp: String
    let lookUpLagSeconds: Double
    let cancel: String
    let maxItems: Int
  }

  /// RFC 9457, as far as it is shown, with what some vendors hide in it.
  struct Problem: Codable {
    struct Inner: Codable { let code: Int? }

    let title: String?
    let detail: String?
    /// A status inside the body that differs from the answer's.
    let error: Inner?
    let requiredQuota: Double?
  }
}

extension VendorOrderState {
  /// A word of fovea-vendor's; one that is not known means that the order goes on.
  init(foveaVendor word: String) {
    let spelling = word.lowercased().replacing("-", with: "_")
    self = VendorOrderState(rawValue: spelling == "canceled" ? "cancelled" : spelling) ?? .running
  }
}
