// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Platform
import Synchronization
import Vendors

extension Purchaser {
  /// Fetches items, some side by side, and writes down together those that came.
  ///
  /// The ones under way are seen through when another fails: what came is kept, and the first
  /// failure then decides how to go on.
  func fetch(_ items: [Int], _ seller: Seller, _ course: inout Course) async throws {
    let order = course.order
    var outcomes: [(item: Int, result: Result<StoredItem, any Error>)] = []
    do {
      let deliveries = try await seller.vendor.deliveries(order.vendorOrderID ?? "")
      outcomes = await withTaskGroup(of: (Int, Result<StoredItem, any Error>).self) { group in
        for (index, item) in items.enumerated() {
          if index >= policy.concurrentItems, let outcome = await group.next() {
            outcomes.append(outcome)
            if case .failure = outcome.1 { break }
          }
          group.addTask { (item, await fetched(item, of: order, deliveries, seller)) }
        }
        return await group.reduce(into: outcomes) { $0.append($1) }
      }
    } catch {
      return try await recover(from: error, finally: nil, &course)
    }
    // A simulated end of the process ends it here: nothing is written down after it.
    for outcome in outcomes {
      if case .failure(let error) = outcome.result, error is SimulatedCrash { throw error }
    }
    let stored = outcomes.compactMap { try? $0.result.get() }.sorted { $0.number < $1.number }
    if !stored.isEmpty {
      course.order = try await commit(.stored(stored), to: order)
      try reach(.stored)
    }
    for outcome in outcomes {
      if case .failure(let error) = outcome.result {
        return try await failed(outcome.item, error, &course)
      }
    }
    course.recovered()
  }

  private func fetched(
    _ item: Int, of order: OrderRecord, _ deliveries: [Delivery], _ seller: Seller
  ) async -> Result<StoredItem, any Error> {
    do {
      return .success(try await fetch(item, of: order, deliveries, seller))
    } catch {
      return .failure(error)
    }
  }

  private func fetch(
    _ item: Int, of order: OrderRecord, _ deliveries: [Delivery], _ seller: Seller
  ) async throws -> StoredItem {
    guard let delivery = deliveries.first(where: { $0.itemNumber == item }) else {
      throw VendorError.malformedAnswer(
        vendor: order.vendor, reason: "there is no link to item \(item)")
    }
    let download = download(of: item, order)
    let path = "deliveries/\(order.key.text)/\(item).tif"
    try DurableFile.createFolder(download.deletingLastPathComponent())
    let crash = Mutex<SimulatedCrash?>(nil)
    try await seller.vendor.download(delivery, to: download) { [reach] byteCount in
      guard byteCount > 0 else { return }
      do { try reach(.downloading) } catch { crash.withLock { $0 = SimulatedCrash() } }
    }
    if let crash = crash.withLock({ $0 }) { throw crash }
    let file = try await receive(
      download, order.draft, item, stateDirectory.appending(path: path))
    // The clean copy is what counts; a download that cannot be removed costs space only.
    try? FileManager.default.removeItem(at: download)
    return StoredItem(number: item, path: path, file: file)
  }

  private func download(of item: Int, _ order: OrderRecord) -> URL {
    stateDirectory.appending(path: "deliveries/\(order.key.text)/\(item).download")
  }

  private func failed(_ item: Int, _ error: any Error, _ course: inout Course) async throws {
    switch error {
    case let rejection as DeliveryRejection:
      try await reject(item, rejection.description, &course)
    case VendorError.badDelivery(_, _, let reason):
      try await reject(item, reason, &course)
    case VendorError.refused(_, let status, let reason) where [401, 403, 404, 410].contains(status):
      // A link that has ended: the next round asks for a fresh one.
      try await reject(item, "its link answers \(status): \(reason)", &course)
    case let error as VendorError:
      try await recover(from: error, finally: nil, &course)
    default:
      throw error
    }
  }

  /// Fetches a bad item once more, then keeps it aside and disputes it: it is not paid.
  private func reject(_ item: Int, _ reason: String, _ course: inout Course) async throws {
    course.damageCounts[item, default: 0] += 1
    guard course.damageCounts[item, default: 0] >= policy.largestFetchCount else { return }
    let download = download(of: item, course.order)
    let aside = download.deletingPathExtension().appendingPathExtension("rejected")
    // Evidence for the dispute, where there is a file at all.
    try? FileManager.default.moveItem(at: download, to: aside)
    course.order = try await commit(.damaged(item: item, reason: reason), to: course.order)
  }

  /// Hashes the files again from disk, and pays for them.
  func capture(_ charges: [Int: Money], _ course: inout Course) async throws {
    let order = course.order
    for item in order.items where charges[item.number] != nil {
      let file = stateDirectory.appending(path: item.path ?? "")
      let digest = try await pool.run { try Digest.sha256(ofFileAt: file) }
      guard digest == item.sha256 else {
        course.order = try await commit(
          .stuck(
            reason: "the file \(file.path) is not the one that was verified",
            remedy: "Check the disk; item \(item.number) is not paid, and the hold stays "
              + "meanwhile."), to: order)
        return
      }
    }
    course.order = try await commit(.capturing(charges: charges), to: order)
    try reach(.captured)
  }
}

/// What a simulation throws at a crash point: the purchase ends there, as a process does.
package struct SimulatedCrash: Error {
  package init() {}
}
