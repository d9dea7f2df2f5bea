// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Planning
import Vendors

/// A vendor whose calls are counted by what was asked and how it ended.
struct CountedVendor: Vendor {
  let vendor: any Vendor
  let metrics: Metrics

  var name: String { vendor.name }
  var capabilities: VendorCapabilities { vendor.capabilities }

  func measure(on grid: ChipGrid) async throws(VendorError) -> OrderMeasure {
    try await count("measure") { () throws(VendorError) in try await vendor.measure(on: grid) }
  }

  func quote(_ draft: OrderDraft) async throws(VendorError) -> Quote {
    try await count("quote") { () throws(VendorError) in try await vendor.quote(draft) }
  }

  func submission(
    for draft: OrderDraft, quote: Quote, key: OrderKey
  ) throws(VendorError) -> Submission {
    try vendor.submission(for: draft, quote: quote, key: key)
  }

  func submit(_ submission: Submission) async throws(SubmitError) -> Receipt {
    do {
      let receipt = try await vendor.submit(submission)
      metrics.count(.init(vendor: name, phase: "submit", outcome: "ok"))
      return receipt
    } catch {
      metrics.count(.init(vendor: name, phase: "submit", outcome: error.outcome))
      throw error
    }
  }

  func lookUp(_ key: OrderKey) async throws(VendorError) -> [Receipt] {
    try await count("look_up") { () throws(VendorError) in try await vendor.lookUp(key) }
  }

  func status(_ order: VendorOrderID) async throws(VendorError) -> StatusReport {
    try await count("status") { () throws(VendorError) in try await vendor.status(order) }
  }

  func deliveries(_ order: VendorOrderID) async throws(VendorError) -> [Delivery] {
    try await count("deliveries") { () throws(VendorError) in try await vendor.deliveries(order) }
  }

  func download(
    _ delivery: Delivery, to file: URL, progress: @escaping @Sendable (Int64) -> Void
  ) async throws(VendorError) {
    let part = file.appendingPathExtension("part")
    let before = Self.size(part) ?? 0
    // What an earlier attempt had left came earlier.
    defer {
      let after = Self.size(file) ?? Self.size(part) ?? before
      metrics.countDownload(from: name, byteCount: max(0, after - before))
    }
    try await count("download") { () throws(VendorError) in
      try await vendor.download(delivery, to: file, progress: progress)
    }
  }

  func cancel(_ order: VendorOrderID) async throws(VendorError) -> CancelAnswer {
    try await count("cancel") { () throws(VendorError) in try await vendor.cancel(order) }
  }

  func statement(since date: Date) async throws(VendorError) -> VendorStatement {
    try await count("statement") { () throws(VendorError) in
      try await vendor.statement(since: date)
    }
  }

  func announcedCapabilities() async throws(VendorError) -> VendorCapabilities? {
    try await count("capabilities") { () throws(VendorError) in
      try await vendor.announcedCapabilities()
    }
  }

  private static func size(_ file: URL) -> Int64? {
    var status = stat()
    return stat(file.path, &status) == 0 ? Int64(status.st_size) : nil
  }

  private func count<Answer>(
    _ phase: String, _ body: () async throws(VendorError) -> Answer
  ) async throws(VendorError) -> Answer {
    do {
      let answer = try await body()
      metrics.count(.init(vendor: name, phase: phase, outcome: "ok"))
      return answer
    } catch {
      metrics.count(.init(vendor: name, phase: phase, outcome: error.outcome))
      throw error
    }
  }
}

extension VendorError {
  /// The kind of failure, in one word.
  fileprivate var outcome: String {
    switch self {
    case .rateLimited: "rate_limited"
    case .quotaExhausted: "quota_exhausted"
    case .refused: "refused"
    case .unavailable: "unavailable"
    case .malformedAnswer: "malformed_answer"
    case .badDelivery: "bad_delivery"
    case .misconfigured: "misconfigured"
    case .storage: "storage"
    case .cancelled: "cancelled"
    }
  }
}

extension SubmitError {
  /// The kind of failure, in one word.
  fileprivate var outcome: String {
    switch self {
    case .notSent: "not_sent"
    case .refused: "refused"
    case .unknown: "unknown"
    }
  }
}
