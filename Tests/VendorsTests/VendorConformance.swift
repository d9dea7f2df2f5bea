// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Platform
import TestSupport
import Testing
import Vendors

/// What every adapter must do, whoever is behind it: one purchase from quote to delivery.
///
/// ```swift
/// try await VendorConformance(vendor: vendor, draft: draft).check()
/// ```
struct VendorConformance {
  let vendor: any Vendor
  let draft: OrderDraft
  /// How long a delivery may take.
  var patience = Duration.seconds(20)

  func check() async throws {
    let quote = try await checkQuote()
    let key = newKey()
    let submission = try vendor.submission(for: draft, quote: quote, key: key)
    #expect(try vendor.submission(for: draft, quote: quote, key: key) == submission)
    #expect(submission.digest == Digest.sha256(submission.body))
    try await checkLookUp(key, finds: nil)
    let receipt = try await vendor.submit(submission)
    #expect(receipt.price == nil || receipt.price == quote.price)
    try await checkLookUp(key, finds: receipt.vendorOrderID)
    try await checkRepetition(submission, receipt)
    let report = try await settled(receipt.vendorOrderID)
    #expect(report.state == .delivered)
    #expect(report.items.map(\.number) == Array(draft.rectangles.indices))
    let charges = report.items.compactMap { $0.charge?.minorUnits }
    #expect(charges.count == draft.rectangles.count)
    #expect(charges.reduce(0, +) == quote.price.minorUnits)
    #expect(report.charged == quote.price)
    try await checkDeliveries(receipt.vendorOrderID)
    let answer = try await vendor.cancel(receipt.vendorOrderID)
    guard case .declined = answer else {
      Issue.record("a delivered order cannot be cancelled, and the answer was \(answer)")
      return
    }
  }

  private func checkQuote() async throws -> Quote {
    let quote = try await vendor.quote(draft)
    #expect(quote.price.minorUnits >= 0)
    let again = try await vendor.quote(draft)
    #expect(again.price == quote.price)
    if let area = quote.areaSquareMillimetres { #expect(area == draft.areaSquareMillimetres) }
    return quote
  }

  private func checkLookUp(_ key: OrderKey, finds order: VendorOrderID?) async throws {
    guard vendor.capabilities.lookUp != .none else { return }
    try await Task.sleep(for: vendor.capabilities.lookUpLag ?? .zero)
    #expect(try await vendor.lookUp(key).map(\.vendorOrderID) == (order.map { [$0] } ?? []))
  }

  private func checkRepetition(_ submission: Submission, _ receipt: Receipt) async throws {
    switch vendor.capabilities.repeatSafeSubmit {
    case .duplicates: return
    case .refuses: await #expect(throws: SubmitError.self) { try await vendor.submit(submission) }
    case .replays: #expect(try await vendor.submit(submission) == receipt)
    }
    try await checkLookUp(submission.key, finds: receipt.vendorOrderID)
  }

  private func settled(_ order: VendorOrderID) async throws -> StatusReport {
    let end = ContinuousClock.now + patience
    while true {
      let report = try await vendor.status(order)
      if report.state.isFinal || ContinuousClock.now > end { return report }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  private func checkDeliveries(_ order: VendorOrderID) async throws {
    let folder = try TemporaryFolder()
    let deliveries = try await vendor.deliveries(order)
    #expect(deliveries.map(\.itemNumber) == Array(draft.rectangles.indices))
    for delivery in deliveries {
      let file = folder.url.appending(path: "\(delivery.itemNumber).tif")
      try await vendor.download(delivery, to: file) { _ in }
      let byteCount = try Data(contentsOf: file).count
      #expect(byteCount > 0 && (delivery.byteCount.map { $0 == byteCount } ?? true))
      let digest = try Digest.sha256(ofFileAt: file)
      #expect(delivery.sha256.map { $0 == digest } ?? true)
    }
  }
}

/// A fresh key.
func newKey() -> OrderKey {
  var generator = SystemRandomNumberGenerator()
  return UUID.version7(at: Date(), using: &generator)
}
