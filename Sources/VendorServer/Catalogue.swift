// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Planning
import Platform
import Raster

/// What is for sale, and for how much.
struct Catalogue: Sendable {
  /// The most items that one order may have.
  static let mostItems = 500
  /// The one acquisition: a seamless layer.
  static let item = "mosaic"

  let product: String
  let layout: RasterLayout
  let rule: PriceRule

  /// An item, found on the image's pixels.
  struct Selection: Hashable, Sendable {
    let number: Int
    let pixels: PixelRect
    let areaSquareMillimetres: Int64
  }

  /// What a request comes to.
  struct Offer: Sendable {
    let items: [Selection]
    let areaSquareMillimetres: Int64
    let price: Money
  }

  /// The name of the image's reference system: a code, or the hash of its definition.
  var crs: String {
    layout.crs.hasPrefix("EPSG:") ? layout.crs : "sha256:\(Digest.sha256(Data(layout.crs.utf8)))"
  }

  var document: Documents.Product {
    Documents.Product(
      product: product, item: Self.item, crs: crs,
      groundSampleDistanceM: layout.transform.pixelSize, bandCount: layout.bandCount,
      pixelType: layout.pixelType, extent: layout.extent, currency: rule.currency.code)
  }

  /// Finds what is asked for on the image and prices it.
  ///
  /// - Throws: `Problem`, which says what is wrong with which item.
  func offer(_ request: Documents.Request) throws -> Offer {
    guard request.product == product, request.item == Self.item else {
      throw Problem.refused(
        "Unknown product",
        "\(request.product.prefix(64))/\(request.item.prefix(64)) is not sold here; "
          + "\(product)/\(Self.item) is.")
    }
    guard request.crs == crs else {
      throw Problem.refused(
        "Other reference system",
        "The rectangles are in \(request.crs.prefix(80)), and the product is in \(crs).")
    }
    guard (1...Self.mostItems).contains(request.items.count) else {
      throw Problem.refused(
        "Number of items",
        "\(request.items.count) items were asked for; an order has 1 to \(Self.mostItems).")
    }
    guard request.items.enumerated().allSatisfy({ $0.offset == $0.element.number }) else {
      throw Problem.refused("Numbers of items", "Items are numbered 0, 1, 2 and so on.")
    }
    let items = try request.items.map(selection)
    try refuseOverlaps(items)
    let area = items.reduce(0) { $0 + $1.areaSquareMillimetres }
    return Offer(
      items: items, areaSquareMillimetres: area,
      price: try rule.price(of: quantity(items, area: area)).total)
  }

  /// Prices the whole image, so that a rule which counts what requests do not say is refused at the
  /// start, and not with each quote.
  func checkRule() throws(PlanningError) {
    let whole = selection(number: 0, pixels: layout.bounds)
    _ = try rule.price(of: quantity([whole], area: whole.areaSquareMillimetres))
  }

  private func quantity(_ items: [Selection], area: Int64) -> OrderQuantity {
    func side(_ first: Int?, _ last: Int?) -> Int64 {
      let pixels = Double((last ?? 0) - (first ?? 0))
      return Int64((pixels * layout.transform.pixelSize * 1000).rounded(.toNearestOrEven))
    }
    let pixels = items.map(\.pixels)
    var quantity = OrderQuantity()
    quantity.areaSquareMillimetres = area
    quantity.boundingBox = OrderQuantity.Box(
      width: side(pixels.map(\.column).min(), pixels.map { $0.column + $0.width }.max()),
      height: side(pixels.map(\.row).min(), pixels.map { $0.row + $0.height }.max()))
    quantity.requestCount = Int64(items.count)
    quantity.sceneCount = 1
    return quantity
  }

  private func selection(_ item: Documents.Item) throws -> Selection {
    guard let pixels = layout.pixels(of: item.ground) else {
      throw Problem.refused(
        "Off the pixels",
        "Item \(item.number) does not begin and end on the product's pixels, which are "
          + "\(layout.transform.pixelSize) m wide, from \(layout.extent.west) east and "
          + "\(layout.extent.north) north on.")
    }
    guard layout.bounds.contains(pixels) else {
      throw Problem.refused(
        "Outside the product",
        "Item \(item.number) reaches beyond the product's extent: \(layout.extent.west) to "
          + "\(layout.extent.east) east, \(layout.extent.south) to \(layout.extent.north) north.")
    }
    return selection(number: item.number, pixels: pixels)
  }

  private func selection(number: Int, pixels: PixelRect) -> Selection {
    let side = layout.transform.pixelSize * 1000
    let area = Double(pixels.width) * side * Double(pixels.height) * side
    return Selection(
      number: number, pixels: pixels, areaSquareMillimetres: Int64(area.rounded(.toNearestOrEven)))
  }

  private func refuseOverlaps(_ items: [Selection]) throws {
    for (index, one) in items.enumerated() {
      for other in items[..<index] {
        let (a, b) = (one.pixels, other.pixels)
        if a.column < b.column + b.width, b.column < a.column + a.width,
          a.row < b.row + b.height, b.row < a.row + a.height
        {
          throw Problem.refused(
            "Overlapping items", "Items \(other.number) and \(one.number) overlap.")
        }
      }
    }
  }
}
