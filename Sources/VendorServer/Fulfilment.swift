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
      let files = try await cut(selections, of: order.id)
      let items = zip(files, charges).map {
        Books.CutItem(byteCount: $0.byteCount, sha256: $0.sha256, charge: $1)
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

  private struct CutFile: Sendable {
    let byteCount: Int64
    let sha256: String
  }

  /// Cuts all items, as many at a time as the pool has threads; in the order of the items.
  private func cut(_ selections: [Catalogue.Selection], of order: String) async throws -> [CutFile]
  {
    try await withThrowingTaskGroup(of: (Int, CutFile).self) { group in
      for (index, selection) in selections.enumerated() {
        group.addTask {
          (index, try await cut(selection, to: shop.file(of: order, item: selection.number)))
        }
      }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        .sorted { $0.key < $1.key }.map(\.value)
    }
  }

  private func cut(_ selection: Catalogue.Selection, to file: URL) async throws -> CutFile {
    try await pool.run { [imageFile] in
      try DurableFile.createFolder(file.deletingLastPathComponent())
      try Dataset(trusted: imageFile).cut(selection.pixels, to: file)
      let values = try FileManager.default.attributesOfItem(atPath: file.path)
      let byteCount = (values[.size] as? NSNumber)?.int64Value ?? 0
      return CutFile(byteCount: byteCount, sha256: try Digest.sha256(ofFileAt: file))
    }
  }
}
