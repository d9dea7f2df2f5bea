// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Platform
import TestSupport
import Testing
import Vendors

/// A fault that any vendor may have, by what a client sees of it.
enum VendorFault: String, CaseIterable, Sendable {
  // Calls that only ask: the first one goes wrong, the next is answered.
  case unavailable
  case slowDown
  case hiddenSlowDown
  case quotaUsedUp
  case page
  case emptyAnswer
  case deepAnswer
  case doubledMember
  case otherCharset
  case endlessAnswer
  case largeHead
  case closedConnection
  case slowAnswer

  // An order.
  case lostAnswer
  case lostInHead
  case lostInBody
  case refusedOrder
  case brokenOrder
  case doubledOrder
  case strangeReceipt

  // A report.
  case unknownState
  case otherSpelling
  case fractionOfMoney
  case doubledItem

  // A delivery.
  case cutDownload
  case wrongBytes
  case shortFile
  case wrongChecksum
  case otherChecksum
  case wrongLength
  case endedLink
  case pageForLink
  case strayLink
  case redirectAway
  case redirectLoop
  case changedFile
}

/// Somebody who sells, and can be made to fail.
protocol FaultyMarket: Sendable {
  /// What is bought.
  var draft: OrderDraft { get }

  /// Runs `body` with a vendor that has the fault once.
  ///
  /// - Returns: false, without running it, where the vendor's interface has no such fault.
  func open(
    _ fault: VendorFault, _ body: @escaping @Sendable (any Vendor) async throws -> Void
  ) async throws -> Bool
}

/// What every adapter makes of each fault that its vendor can have.
///
/// ```swift
/// @Test(arguments: VendorFault.allCases)
/// func `it survives`(fault: VendorFault) async throws {
///   try await VendorFaultConformance(market: market).check(fault)
/// }
/// ```
struct VendorFaultConformance<Market: FaultyMarket>: Sendable {
  let market: Market

  func check(_ fault: VendorFault) async throws {
    _ = try await market.open(fault) { vendor in
      switch fault {
      case .unavailable, .slowDown, .hiddenSlowDown, .quotaUsedUp, .page, .emptyAnswer,
        .deepAnswer, .doubledMember, .otherCharset, .endlessAnswer, .largeHead, .closedConnection,
        .slowAnswer:
        try await question(fault, vendor)
      case .lostAnswer, .lostInHead, .lostInBody, .brokenOrder, .strangeReceipt, .refusedOrder,
        .doubledOrder:
        try await order(fault, vendor)
      case .unknownState, .otherSpelling, .fractionOfMoney, .doubledItem:
        try await report(fault, vendor)
      default: try await delivery(fault, vendor)
      }
    }
  }

  // MARK: - Questions

  private func question(_ fault: VendorFault, _ vendor: any Vendor) async throws {
    guard fault != .slowAnswer else {
      #expect(try await vendor.quote(market.draft).price.minorUnits >= 0)
      return
    }
    let error = try await #require(throws: VendorError.self) {
      _ = try await vendor.quote(market.draft)
    }
    let isExpected =
      switch (fault, error) {
      case (.unavailable, .unavailable), (.closedConnection, .unavailable),
        (.slowDown, .rateLimited(_, .seconds(2)?)), (.hiddenSlowDown, .rateLimited),
        (.quotaUsedUp, .quotaExhausted):
        true
      case (.page, .malformedAnswer), (.emptyAnswer, .malformedAnswer),
        (.deepAnswer, .malformedAnswer), (.doubledMember, .malformedAnswer),
        (.otherCharset, .malformedAnswer), (.endlessAnswer, .malformedAnswer),
        (.largeHead, .malformedAnswer):
        true
      default: false
      }
    #expect(isExpected, "\(fault): \(error)")
    #expect("\(error)".utf8.count < 700 && !"\(error)".contains("\n"), "\(error)")
    // Once it is over, it is over.
    #expect(try await vendor.quote(market.draft).price.minorUnits >= 0)
  }

  // MARK: - Orders

  private func order(_ fault: VendorFault, _ vendor: any Vendor) async throws {
    let key = newKey()
    let quote = try await vendor.quote(market.draft)
    let submission = try vendor.submission(for: market.draft, quote: quote, key: key)
    if fault == .doubledOrder {
      _ = try await vendor.submit(submission)
      try await expect(2, ordersOf: key, vendor)
      return
    }
    let error = try await #require(throws: SubmitError.self) {
      _ = try await vendor.submit(submission)
    }
    switch error {
    case .refused:
      #expect(fault == .refusedOrder)
      try await expect(0, ordersOf: key, vendor)
    case .unknown:
      #expect(fault != .refusedOrder)
      // One that broke before anything was done is the only one that is not there.
      try await expect(fault == .brokenOrder ? 0 : 1, ordersOf: key, vendor)
    case .notSent: Issue.record("\(fault): something was sent")
    }
  }

  private func expect(
    _ count: Int, ordersOf key: OrderKey, _ vendor: any Vendor
  ) async throws {
    guard vendor.capabilities.lookUp != .none else { return }
    try await Task.sleep(for: vendor.capabilities.lookUpLag ?? .zero)
    #expect(try await vendor.lookUp(key).count == count)
  }

  private func bought(_ vendor: any Vendor) async throws -> VendorOrderID {
    let quote = try await vendor.quote(market.draft)
    return try await vendor.submit(
      try vendor.submission(for: market.draft, quote: quote, key: newKey())
    ).vendorOrderID
  }

  private func delivered(_ order: VendorOrderID, _ vendor: any Vendor) async throws -> StatusReport
  {
    let end = ContinuousClock.now + .seconds(20)
    while true {
      let report = try await vendor.status(order)
      if report.state.isFinal || ContinuousClock.now > end { return report }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  // MARK: - Reports

  private func report(_ fault: VendorFault, _ vendor: any Vendor) async throws {
    let order = try await bought(vendor)
    switch fault {
    case .unknownState:
      #expect(try await vendor.status(order).state == .running)
    case .otherSpelling:
      #expect(try await vendor.status(order).state == .cancelled)
    case .fractionOfMoney:
      await #expect(throws: VendorError.self) { _ = try await vendor.status(order) }
    default: break
    }
    let report = try await delivered(order, vendor)
    #expect(report.state == .delivered)
    #expect(report.items.map(\.number) == Array(market.draft.rectangles.indices))
  }

  // MARK: - Deliveries

  private func delivery(_ fault: VendorFault, _ vendor: any Vendor) async throws {
    let order = try await bought(vendor)
    _ = try await delivered(order, vendor)
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "item.tif")
    func fetch() async throws -> Delivery {
      let deliveries = try await vendor.deliveries(order)
      let first = try #require(deliveries.first)
      try await vendor.download(first, to: file) { _ in }
      return first
    }
    // These an adapter gets over by itself; all others it names, and leaves nothing behind.
    if ![.cutDownload, .changedFile].contains(fault) {
      let error = try await #require(throws: VendorError.self, "\(fault)") { _ = try await fetch() }
      let isExpected =
        switch (fault, error) {
        case (.wrongBytes, .badDelivery), (.shortFile, .badDelivery),
          (.wrongChecksum, .badDelivery),
          (.wrongLength, .badDelivery), (.otherChecksum, .malformedAnswer),
          (.endedLink, .unavailable), (.pageForLink, .unavailable), (.strayLink, .malformedAnswer),
          (.redirectAway, .malformedAnswer), (.redirectLoop, .unavailable):
          true
        default: false
        }
      #expect(isExpected, "\(fault): \(error)")
      #expect(!"\(error)".contains("s3cret"))
      #expect(!FileManager.default.fileExists(atPath: file.path))
    }
    let delivery = try await fetch()
    let digest = try Digest.sha256(ofFileAt: file)
    let byteCount = try Data(contentsOf: file).count
    // Where a vendor announces neither, the adapter has its own proof.
    #expect(delivery.sha256 ?? digest == digest)
    #expect(delivery.byteCount.map { $0 == byteCount } ?? true)
  }
}
