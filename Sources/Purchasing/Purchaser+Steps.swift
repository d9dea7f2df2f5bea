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
      course.recovered()
    } catch {
      return try await recover(from: error, finally: .refused, &course)
    }
    let recorded = RecordedQuote(
      price: quote.price, validUntil: quote.validUntil,
      document: try JSON.encoder().encode(quote))
    let expected: Money
    do {
      expected = try await seller.listPrice(order.draft)
    } catch let error as VendorError {
      return try await recover(from: error, finally: .refused, &course)
    }
    course.order = try await commit(.quoted(recorded, expected: expected), to: order)
    try reach(.planned)
  }

  private func hold(_ price: Money, _ course: inout Course) async throws {
    do {
      course.order = try await commit(.holding(price), to: course.order)
    } catch let error as LedgerError {
      switch error {
      case .overLimit, .patchTaken, .vendorFrozen:
        course.order = try await commit(
          .stuck(
            reason: error.description, remedy: "Nothing is held for this order; plan again."),
          to: course.order)
      default: throw error
      }
    }
    try reach(.held)
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
    if try await isTooEarly(seller, &course) { return }
    do {
      course.order = try await commit(.sending(bodyDigest: submission.digest), to: order)
    } catch LedgerError.vendorFrozen {
      // Nothing of it is at the vendor: the hold goes back, and a new draft says why it waits.
      course.order = try await commit(.refused, to: order)
      return
    }
    course.attemptCount += 1
    try reach(.attempted)
    do {
      let receipt = try await seller.vendor.submit(submission)
      try reach(.answered)
      course.order = try await commit(.accepted(receipt), to: course.order)
      course.recovered()
    } catch let error as SubmitError {
      try await failed(error, &course)
    }
  }

  /// Waits between attempts, and makes sure that a vendor that failed is back, by a call that moves
  /// no money: an attempt counts, whether anything was sent or not.
  private func isTooEarly(_ seller: Seller, _ course: inout Course) async throws -> Bool {
    if course.attemptCount > 0 {
      try await clock.sleep(
        policy.delay(beforeRetry: course.attemptCount - 1, chance: clock.chance()))
    }
    guard seller.vendor.isOpen else { return false }
    do {
      _ = try await seller.vendor.quote(course.order.draft)
      course.recovered()
      return false
    } catch {
      try await recover(from: error, finally: nil, &course)
      return true
    }
  }

  private func failed(_ error: SubmitError, _ course: inout Course) async throws {
    switch error {
    case .notSent(let reason):
      course.order = try await commit(.notSent, to: course.order)
      try await pause(&course, reason)
    case .refused(let status, let reason):
      course.order = try await commit(.refused, to: course.order)
      // More money is a person's business: another draft would be refused as well.
      if [402, 403].contains(status) {
        throw PurchaseError.quotaExhausted(order: course.order.key, reason: reason)
      }
    case .unknown:
      course.order = try await commit(.doubtful, to: course.order)
    }
  }

  /// Looks the order up at once, and again until a look-up that finds nothing proves something.
  private func lookUp(
    _ seller: Seller, after settleTime: Duration, _ course: inout Course
  ) async throws {
    do {
      let deadline = clock.instant() + settleTime
      var receipts = try await seller.vendor.lookUp(course.order.key)
      var attempt = 0
      while receipts.isEmpty, clock.instant() < deadline {
        let delay = policy.delay(
          afterPolls: attempt, first: seller.firstPoll, chance: clock.chance())
        try await clock.sleep(min(delay, deadline - clock.instant()))
        receipts = try await seller.vendor.lookUp(course.order.key)
        attempt += 1
      }
      var uncancelled: [VendorOrderID] = []
      for duplicate in receipts.dropFirst()
      where try await !end(duplicate.vendorOrderID, seller) {
        uncancelled.append(duplicate.vendorOrderID)
      }
      course.recovered()
      course.order = try await commit(
        .found(receipts, uncancelled: uncancelled), to: course.order)
    } catch let error as VendorError {
      try await recover(from: error, finally: nil, &course)
    }
  }

  /// Has a duplicate cancelled; whether the vendor says that it ended and costs nothing.
  private func end(_ duplicate: VendorOrderID, _ seller: Seller) async throws -> Bool {
    if case .declined = try await seller.vendor.cancel(duplicate) { return false }
    for attempt in 0..<10 {
      let report = try await seller.vendor.status(duplicate)
      if report.state.isFinal { return report.charged.minorUnits == 0 }
      try await clock.sleep(
        policy.delay(afterPolls: attempt, first: seller.firstPoll, chance: clock.chance()))
    }
    return false
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
      try await clock.sleep(
        policy.delay(
          afterPolls: course.pollCount - 1, first: seller.firstPoll, chance: clock.chance()))
    }
    course.pollCount += 1
    do {
      let report = try await seller.vendor.status(id)
      let previous = course.report
      course.report = report
      course.recovered()
      course.order = try await commit(.reported(report, previous: previous), to: course.order)
    } catch VendorError.refused(_, 404, _) {
      course.order = try await commit(.vanished, to: course.order)
    } catch let error as VendorError {
      try await recover(from: error, finally: nil, &course)
    }
  }

  /// Waits after a passing failure; ends the order, where that is safe, after a lasting one.
  func recover(
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
    if case .rateLimited(_, let delay?) = error { try await clock.sleep(delay) }
    try await pause(&course, error.description)
  }

  private func pause(_ course: inout Course, _ reason: String) async throws {
    let since = course.outage ?? clock.instant()
    course.outage = since
    guard clock.instant() - since < policy.longestOutage else {
      throw PurchaseError.vendorUnavailable(order: course.order.key, reason: reason)
    }
    if course.retryCount == 0 { course.tell(.waiting(course.order, reason: reason)) }
    try await clock.sleep(
      policy.delay(beforeRetry: course.retryCount, chance: clock.chance()))
    course.retryCount += 1
  }
}
