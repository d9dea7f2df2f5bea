// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Platform
import Vendors

extension Purchaser {
  /// Does one step and commits what came of it.
  func take(
    _ step: PurchaseMachine.Step, with seller: Seller, _ course: inout Course
  ) async throws {
    let order = course.order
    switch step {
    case .quote: try await quote(seller, &course)
    case .hold(let price): try await hold(price, &course)
    case .attempt: try await send(seller, &course)
    case .lookUp(let delay): try await lookUp(seller, after: delay, &course)
    case .poll: try await poll(seller, &course)
    case .fetch(let items): try await fetch(items, seller, &course)
    case .capture(let charges): try await capture(charges, &course)
    case .commit(let event): course.order = try await commit(event, to: order)
    case .rest: break
    }
  }

  private func quote(_ seller: Seller, _ course: inout Course) async throws {
    let order = course.order
    let quote: Quote
    do {
      quote = try await seller.vendor.quote(order.draft)
      course.retryCount = 0
    } catch {
      return try await recover(from: error, finally: .refused, &course)
    }
    let recorded = RecordedQuote(
      price: quote.price, validUntil: quote.validUntil,
      document: try JSON.encoder().encode(quote))
    let expected = try seller.listPrice(order.draft)
    course.order = try await commit(.quoted(recorded, expected: expected), to: order)
    CrashPoint.planned.reach()
  }

  private func hold(_ price: Money, _ course: inout Course) async throws {
    do {
      course.order = try await commit(.holding(price), to: course.order)
    } catch let error as LedgerError {
      switch error {
      case .overLimit, .patchTaken:
        course.order = try await commit(
          .stuck(
            reason: error.description, remedy: "Nothing is held for this order; plan again."),
          to: course.order)
      default: throw error
      }
    }
    CrashPoint.held.reach()
  }

  /// Commits the attempt, which also writes the anchor, and only then connects.
  private func send(_ seller: Seller, _ course: inout Course) async throws {
    let order = course.order
    guard let quote = order.quote else { return }
    let submission = try seller.vendor.submission(
      for: order.draft, quote: JSON.decoder().decode(Quote.self, from: quote.document),
      key: order.key)
    if let earlier = order.attempts.first, earlier.bodyDigest != submission.digest {
      course.order = try await commit(
        .stuck(
          reason: "order \(order.key.text) would now be sent with other bytes than the first time",
          remedy: "Ask \(order.vendor) whether it has the order; the hold stays meanwhile."),
        to: order)
      return
    }
    course.order = try await commit(.sending(bodyDigest: submission.digest), to: order)
    CrashPoint.attempted.reach()
    do {
      let receipt = try await seller.vendor.submit(submission)
      CrashPoint.answered.reach()
      course.order = try await commit(.accepted(receipt), to: course.order)
    } catch let error as SubmitError {
      try await failed(error, &course)
    }
  }

  private func failed(_ error: SubmitError, _ course: inout Course) async throws {
    switch error {
    case .notSent(let reason):
      course.order = try await commit(.notSent, to: course.order)
      try await pause(&course, reason)
    case .refused:
      course.order = try await commit(.refused, to: course.order)
    case .unknown:
      course.order = try await commit(.doubtful, to: course.order)
    }
  }

  private func lookUp(
    _ seller: Seller, after delay: Duration, _ course: inout Course
  ) async throws {
    try await Task.sleep(for: delay)
    do {
      let receipts = try await seller.vendor.lookUp(course.order.key)
      var uncancelled: [VendorOrderID] = []
      for duplicate in receipts.dropFirst() {
        if case .declined = try await seller.vendor.cancel(duplicate.vendorOrderID) {
          uncancelled.append(duplicate.vendorOrderID)
        }
      }
      course.retryCount = 0
      course.order = try await commit(
        .found(receipts, uncancelled: uncancelled), to: course.order)
    } catch let error as VendorError {
      try await recover(from: error, finally: nil, &course)
    }
  }

  private func poll(_ seller: Seller, _ course: inout Course) async throws {
    guard let id = course.order.vendorOrderID else {
      course.order = try await commit(
        .stuck(
          reason: "the vendor's id of order \(course.order.key.text) is not recorded",
          remedy: "Look the order up at \(course.order.vendor) by that key."),
        to: course.order)
      return
    }
    // A fresh order is asked about at once, a slow one less and less often.
    if course.pollCount > 0 {
      try await Task.sleep(for: policy.delay(beforeRetry: course.pollCount - 1))
    }
    course.pollCount += 1
    do {
      let report = try await seller.vendor.status(id)
      course.report = report
      course.retryCount = 0
      course.order = try await commit(.reported(report), to: course.order)
    } catch let error as VendorError {
      try await recover(from: error, finally: nil, &course)
    }
  }

  /// Fetches items, some side by side, and writes down together those that came.
  ///
  /// The ones under way are seen through when another fails: what came is kept, and the first
  /// failure then decides how to go on.
  private func fetch(_ items: [Int], _ seller: Seller, _ course: inout Course) async throws {
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
    let stored = outcomes.compactMap { try? $0.result.get() }.sorted { $0.number < $1.number }
    if !stored.isEmpty {
      course.order = try await commit(.stored(stored), to: order)
      CrashPoint.stored.reach()
    }
    for outcome in outcomes {
      if case .failure(let error) = outcome.result {
        return try await failed(outcome.item, error, &course)
      }
    }
    course.retryCount = 0
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
    try await seller.vendor.download(delivery, to: download) { byteCount in
      if byteCount > 0 { CrashPoint.downloading.reach() }
    }
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
    case let error as VendorError:
      try await recover(from: error, finally: nil, &course)
    default:
      throw error
    }
  }

  /// Fetches a bad item once more, then keeps it aside and parks the order: it is not paid.
  private func reject(_ item: Int, _ reason: String, _ course: inout Course) async throws {
    course.damageCounts[item, default: 0] += 1
    guard course.damageCounts[item, default: 0] >= policy.largestFetchCount else { return }
    let download = download(of: item, course.order)
    let aside = download.deletingPathExtension().appendingPathExtension("rejected")
    // Evidence for the dispute, where there is a file at all.
    try? FileManager.default.moveItem(at: download, to: aside)
    course.order = try await commit(
      .stuck(
        reason: "item \(item) from \(course.order.vendor) is not what was ordered: \(reason)",
        remedy: "Nothing was paid for it. Ask the vendor to deliver its order "
          + "\(course.order.vendorOrderID ?? "") again, then retry the job; the hold stays "
          + "meanwhile."), to: course.order)
  }

  /// Hashes the files again from disk, and pays for them.
  private func capture(_ charges: [Int: Money], _ course: inout Course) async throws {
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
    CrashPoint.captured.reach()
  }

  /// Waits after a passing failure; ends the order, where that is safe, after a lasting one.
  private func recover(
    from error: VendorError, finally event: PurchaseMachine.Event?, _ course: inout Course
  ) async throws {
    if error == .cancelled { throw CancellationError() }
    guard error.isTransient else {
      guard let event, case .refused = error else {
        course.order = try await commit(
          .stuck(
            reason: error.description, remedy: "What is held stays held until this is settled."),
          to: course.order)
        return
      }
      course.order = try await commit(event, to: course.order)
      return
    }
    if case .rateLimited(_, let delay?) = error { try await Task.sleep(for: delay) }
    try await pause(&course, error.description)
  }

  private func pause(_ course: inout Course, _ reason: String) async throws {
    guard course.retryCount < policy.largestRetryCount else {
      throw PurchaseError.vendorUnavailable(order: course.order.key, reason: reason)
    }
    if course.retryCount == 0 { course.tell(.waiting(course.order, reason: reason)) }
    try await Task.sleep(for: policy.delay(beforeRetry: course.retryCount))
    course.retryCount += 1
  }
}
