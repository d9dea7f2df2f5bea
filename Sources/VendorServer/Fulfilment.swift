// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Logging
import Platform
import Raster
import ServiceLifecycle

/// Cuts what was ordered, one order after another, as a service beside the HTTP server.
///
/// An order that a stop interrupted is cut again at the next start: nothing of it was sold yet.
struct Fulfilment: Service {
  let shop: Shop
  let imageFile: URL
  let pool: ComputePool
  let orders: AsyncStream<Void>
  let logger: Logger

  func run() async throws {
    try await cancelWhenGracefulShutdown {
      do {
        try await workThroughOrders()
        for await _ in orders { try await workThroughOrders() }
      } catch is CancellationError {
        return
      }
    }
  }

  private func workThroughOrders() async throws {
    while let order = try await shop.books.beginNext() {
      let wait = order.ready.timeIntervalSince(shop.now())
      if wait > 0 { try await Task.sleep(for: .seconds(wait)) }
      try await fulfil(order)
    }
  }

  private func fulfil(_ order: OrderRow) async throws {
    do {
      let selections = order.items.map(\.selection)
      let charges = try order.price.parts(byWeights: selections.map(\.areaSquareMillimetres))
      var items: [Books.CutItem] = []
      for (selection, charge) in zip(selections, charges) {
        let file = try await cut(selection, to: shop.file(of: order.id, item: selection.number))
        items.append(Books.CutItem(byteCount: file.byteCount, sha256: file.sha256, charge: charge))
      }
      let isSold = try await shop.books.deliver(order.id, items)
      logger.info(
        isSold ? "order delivered" : "order was cancelled",
        metadata: ["order": "\(order.id)", "items": "\(items.count)", "price": "\(order.price)"])
    } catch let error as CancellationError {
      throw error
    } catch {
      logger.error("order failed", metadata: ["order": "\(order.id)", "reason": "\(error)"])
      _ = try await shop.books.end(order.id, as: .failed)
    }
  }

  private func cut(
    _ selection: Catalogue.Selection, to file: URL
  ) async throws -> (byteCount: Int64, sha256: String) {
    try await pool.run { [imageFile] in
      try DurableFile.createFolder(file.deletingLastPathComponent())
      try Dataset(trusted: imageFile).cut(selection.pixels, to: file)
      let values = try FileManager.default.attributesOfItem(atPath: file.path)
      let byteCount = (values[.size] as? NSNumber)?.int64Value ?? 0
      return (byteCount, try Digest.sha256(ofFileAt: file))
    }
  }
}
