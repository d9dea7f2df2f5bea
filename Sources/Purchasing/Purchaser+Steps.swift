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
    case .fetch(let item): try await fetch(item, seller, &course)
    case .capture(let item, let charge): try await capture(item, charge, &course)
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

  private func fetch(_ item: Int, _ seller: Seller, _ course: inout Course) async throws {
    let order = course.order
    let folder = stateDirectory.appending(path: "deliveries/\(order.key.text)")
    let download = folder.appending(path: "\(item).download")
    let path = "deliveries/\(order.key.text)/\(item).tif"
    do {
      try DurableFile.createFolder(folder)
      let deliveries = try await seller.vendor.deliveries(order.vendorOrderID ?? "")
      guard let delivery = deliveries.first(where: { $0.itemNumber == item }) else {
        throw VendorError.malformedAnswer(
          vendor: order.vendor, reason: "there is no link to item \(item)")
      }
      try await seller.vendor.download(delivery, to: download) { byteCount in
        if byteCount > 0 { CrashPoint.downloading.reach() }
      }
      let stored = try await receive(
        download, order.draft, item, stateDirectory.appending(path: path))
      // The clean copy is what counts; a download that cannot be removed costs space only.
      try? FileManager.default.removeItem(at: download)
      course.fetchCount = 0
      course.order = try await commit(
        .stored(item: item, path: path, sha256: stored.sha256, byteCount: stored.byteCount),
        to: order)
      CrashPoint.stored.reach()
    } catch let rejection as DeliveryRejection {
      try await reject(item, download, rejection.description, &course)
    } catch let error as VendorError {
      if case .badDelivery(_, _, let reason) = error {
        try await reject(item, download, reason, &course)
      } else {
        try await recover(from: error, finally: nil, &course)
      }
    }
  }

  /// Fetches a bad item once more, then keeps it aside and parks the order: it is not paid.
  private func reject(
    _ item: Int, _ download: URL, _ reason: String, _ course: inout Course
  ) async throws {
    course.fetchCount += 1
    guard course.fetchCount >= policy.largestFetchCount else { return }
    let aside = download.deletingPathExtension().appendingPathExtension("rejected")
    // Evidence for the dispute, where there is a file at all.
    try? FileManager.default.moveItem(at: download, to: aside)
    course.order = try await commit(
      .stuck(
        reason: "item \(item) from \(course.order.vendor) is not what was ordered: \(reason)",
        remedy: "Nothing was paid for it. Ask the vendor to deliver its order "
          + "\(course.order.vendorOrderID ?? "") again; the hold stays meanwhile."),
      to: course.order)
  }

  /// Hashes the file again from disk, and pays for it.
  private func capture(_ item: Int, _ charge: Money, _ course: inout Course) async throws {
    let order = course.order
    guard let record = order.items.first(where: { $0.number == item }), let path = record.path
    else { return }
    let file = stateDirectory.appending(path: path)
    let digest = try await pool.run { try Digest.sha256(ofFileAt: file) }
    guard digest == record.sha256 else {
      course.order = try await commit(
        .stuck(
          reason: "the file \(path) is not the one that was verified",
          remedy: "Check the disk; item \(item) is not paid, and the hold stays meanwhile."),
        to: order)
      return
    }
    course.order = try await commit(.capturing(item: item, charge: charge), to: order)
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
