// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Planning
import Synchronization
import Vendors

/// A vendor behind its circuit: after failures in a row no call is made but a probe now and then.
///
/// One for each vendor of the daemon, so that what one order learns of an outage spares the others.
final class GuardedVendor: Vendor {
  private let vendor: any Vendor
  private let instant: @Sendable () -> ContinuousClock.Instant
  private let circuit = Mutex(Circuit())

  init(
    _ vendor: any Vendor, instant: @escaping @Sendable () -> ContinuousClock.Instant
  ) {
    self.vendor = vendor
    self.instant = instant
  }

  var name: String { vendor.name }
  var capabilities: VendorCapabilities { vendor.capabilities }

  /// Whether calls are held back, so that a call that only reads should go before an order.
  var isOpen: Bool { circuit.withLock { $0.isOpen } }

  func measure(on grid: ChipGrid) async throws(VendorError) -> OrderMeasure {
    try await ask { () throws(VendorError) in try await vendor.measure(on: grid) }
  }

  func quote(_ draft: OrderDraft) async throws(VendorError) -> Quote {
    try await ask { () throws(VendorError) in try await vendor.quote(draft) }
  }

  func submission(
    for draft: OrderDraft, quote: Quote, key: OrderKey
  ) throws(VendorError) -> Submission {
    try vendor.submission(for: draft, quote: quote, key: key)
  }

  // An order is no probe: it goes out only where the circuit is closed.
  func submit(_ submission: Submission) async throws(SubmitError) -> Receipt {
    if isOpen { throw .notSent(reason: "\(name) is left alone after failures in a row") }
    do {
      let receipt = try await vendor.submit(submission)
      circuit.withLock { $0.succeeded() }
      return receipt
    } catch {
      circuit.withLock { circuit in
        if case .refused = error { circuit.succeeded() } else { circuit.failed(at: instant()) }
      }
      throw error
    }
  }

  func lookUp(_ key: OrderKey) async throws(VendorError) -> [Receipt] {
    try await ask { () throws(VendorError) in try await vendor.lookUp(key) }
  }

  func status(_ order: VendorOrderID) async throws(VendorError) -> StatusReport {
    try await ask { () throws(VendorError) in try await vendor.status(order) }
  }

  func deliveries(_ order: VendorOrderID) async throws(VendorError) -> [Delivery] {
    try await ask { () throws(VendorError) in try await vendor.deliveries(order) }
  }

  // A download is long, and a cut one is continued: neither says anything of the host.
  func download(
    _ delivery: Delivery, to file: URL, progress: @escaping @Sendable (Int64) -> Void
  ) async throws(VendorError) {
    try await vendor.download(delivery, to: file, progress: progress)
  }

  func cancel(_ order: VendorOrderID) async throws(VendorError) -> CancelAnswer {
    try await ask { () throws(VendorError) in try await vendor.cancel(order) }
  }

  func statement(since date: Date) async throws(VendorError) -> VendorStatement {
    try await ask { () throws(VendorError) in try await vendor.statement(since: date) }
  }

  func announcedCapabilities() async throws(VendorError) -> VendorCapabilities? {
    try await ask { () throws(VendorError) in try await vendor.announcedCapabilities() }
  }

  private func ask<Answer>(
    _ call: () async throws(VendorError) -> Answer
  ) async throws(VendorError) -> Answer {
    if case .wait(let pause) = circuit.withLock({ $0.admit(at: instant()) }) {
      throw .unavailable(
        vendor: name,
        reason: "it has failed again and again, and is asked again in "
          + "\(max(1, pause.components.seconds)) s")
    }
    do {
      let answer = try await call()
      circuit.withLock { $0.succeeded() }
      return answer
    } catch {
      circuit.withLock { circuit in
        if error.countsAgainstHost {
          circuit.failed(at: instant())
        } else if error != .cancelled {
          circuit.succeeded()
        }
      }
      throw error
    }
  }
}
