// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Raster

/// The documents of the interface, as the vendor reads and writes them.
enum Documents {
  /// One item of a request: ground in metres of the request's CRS.
  struct Item: Codable {
    let number: Int
    let west: Double
    let south: Double
    let east: Double
    let north: Double

    var ground: ProjectedRectangle {
      ProjectedRectangle(west: west, south: south, east: east, north: north)
    }
  }

  /// What a client asks for; the last three belong to orders.
  struct Request: Codable {
    let product: String
    let item: String
    let crs: String
    let items: [Item]
    let reference: String?
    let quoteId: String?
    let price: Money?
  }

  struct Quote: Codable {
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

  struct Order: Codable {
    let orderId: String
    let reference: String
    let state: String
    let price: Money
    let charged: Money
    let items: [OrderItem]
  }

  struct Delivery: Codable {
    let number: Int
    let url: String
    let byteCount: Int64
    let sha256: String
  }

  struct List<Element: Codable>: Codable {
    let items: [Element]
    // Lists are never cut here; a client finds the member that other lists have.
    let next: String? = nil

    private enum CodingKeys: CodingKey {
      case items
      case next
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(items, forKey: .items)
      try container.encode(next, forKey: .next)
    }
  }

  struct Product: Codable {
    let product: String
    let item: String
    let crs: String
    let groundSampleDistanceM: Double
    let bandCount: Int
    let pixelType: PixelType
    let extent: ProjectedRectangle
    let currency: String
  }

  /// One item that was sold.
  struct Sale: Codable {
    let orderId: String
    let reference: String
    let item: Int
    let areaMm2: Int64
    let charge: Money
    let pixels: PixelRect
  }

  struct Refund: Codable {
    let refundId: String
    let orderId: String
    let amount: Money
    let at: Date
  }

  struct Books: Codable {
    let orders: [Order]
    let sales: [Sale]
    /// The sum of the sales.
    let total: Money
    let refunds: [Refund]
  }

  /// What a client has ordered and got back since some day, for its own comparison.
  struct Statement: Codable {
    let orders: [Order]
    let refunds: [Refund]
  }

  struct Capabilities: Codable {
    let repeatSafeSubmit: String
    let lookUp: String
    let lookUpLagSeconds: Double
    let quoteTtlSeconds: Double
    let cancel: String
    let maxItems: Int
    let checksum: String
    let ranges: Bool
    let retryAfterUnit: String
  }
}
