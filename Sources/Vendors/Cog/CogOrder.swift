// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Platform

/// An order of tiles of a file: what was agreed, kept on our own disk.
///
/// There is nobody else who would know of it, so the file is the receipt: it is written once, under
/// the order's key, and never changed.
struct CogOrder: Codable, Hashable {
  let reference: String
  let draft: OrderDraft
  let price: Money
  let version: CogVersion

  /// What each item costs: shares of the price by area that sum up to it exactly.
  var charges: [Money] {
    price.parts(byWeights: draft.rectangles.map { Int64($0.patchCount) })
  }

  var receipt: Receipt { Receipt(vendorOrderID: reference, state: .delivered, price: price) }
}

/// The orders of one vendor, a file each; its calls block.
struct CogOrders: Sendable {
  let folder: URL

  /// The order's bytes, or nil.
  func bytes(_ reference: String) throws -> Data? {
    let file = file(reference)
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    return try Data(contentsOf: file)
  }

  func order(_ reference: String) throws -> CogOrder? {
    // A name that is no key of ours could lead out of the folder.
    guard UUID(uuidString: reference) != nil else { return nil }
    return try bytes(reference).map { try JSON.decoder().decode(CogOrder.self, from: $0) }
  }

  /// Keeps an order; durable when it returns.
  func keep(_ bytes: Data, as reference: String) throws {
    try DurableFile.createFolder(folder)
    try DurableFile.write(bytes, to: file(reference))
  }

  private func file(_ reference: String) -> URL { folder.appending(path: "\(reference).json") }
}
