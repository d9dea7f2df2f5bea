// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Platform
import Synchronization
import TestSupport
import Testing
import VendorServer
import Vendors

/// The adapter and our vendor when things go wrong.
@Suite struct FoveaVendorFaultTests {
  private let market: FoveaMarket

  init() throws { market = try FoveaMarket() }

  @Test(arguments: VendorFault.allCases)
  func `a fault is survived or named`(fault: VendorFault) async throws {
    try await VendorFaultConformance(market: market).check(fault)
  }

  @Test(arguments: [
    (VendorTerms.RepeatedSubmit.replays, VendorTerms.LookUp.byKey),
    (.refuses, .byListing), (.none, .none), (.refuses, .byKey),
  ])
  func `capabilities hold, whatever they are`(
    repeated: VendorTerms.RepeatedSubmit, lookUp: VendorTerms.LookUp
  ) async throws {
    var terms = VendorTerms()
    (terms.repeatedSubmit, terms.lookUp) = (repeated, lookUp)
    terms.lookUpLag = .milliseconds(200)
    terms.cancellation = .never
    let announced = Announcement()
    try await market.trading(terms: terms) { vendor in
      let capabilities = try #require(await vendor.announcedCapabilities())
      announced.capabilities.withLock { $0 = capabilities }
    }
    let capabilities = try #require(announced.capabilities.withLock { $0 })
    #expect(capabilities.lookUpLag == .milliseconds(200))
    #expect(capabilities.cancel == .never)
    try await market.trading(terms: terms, capabilities: capabilities, state: "other") {
      [market] vendor in
      try await VendorConformance(vendor: vendor, draft: market.draft).check()
    }
  }

  // Each file is asked for once: nothing is opened again that was not cut.
  @Test func `the items of an order come side by side`() async throws {
    let market = try FoveaMarket((0..<8).map { (3 * $0, 2, 2, 2) })
    try await market.trading { vendor in
      let quote = try await vendor.quote(market.draft)
      let receipt = try await vendor.submit(
        try vendor.submission(for: market.draft, quote: quote, key: newKey()))
      while try await !vendor.status(receipt.vendorOrderID).state.isFinal {
        try await Task.sleep(for: .milliseconds(5))
      }
      let deliveries = try await vendor.deliveries(receipt.vendorOrderID)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for delivery in deliveries {
          let file = market.folder.url.appending(path: "\(delivery.itemNumber).tif")
          group.addTask {
            try await vendor.download(delivery, to: file) { _ in }
            #expect(try Digest.sha256(ofFileAt: file) == delivery.sha256)
          }
        }
        try await group.waitForAll()
      }
      let calls = try await market.shopkeepers("/faults")["calls"] as? [String: Int]
      #expect(calls?["download"] == 8)
    }
  }

  @Test(arguments: [
    ("{percent: 100}", 1, true), ("{percent: 50, times: 2}", 2, true),
    ("{percent: 10, unknown: true}", 1, false),
  ])
  func `refunds are listed with their orders`(
    setting: String, count: Int, isOfOurs: Bool
  ) async throws {
    let script = try FaultScript(yaml: "[{when: fulfil, fault: refund, with: \(setting)}]")
    try await market.trading(script) { [market] vendor in
      let quote = try await vendor.quote(market.draft)
      let receipt = try await vendor.submit(
        try vendor.submission(for: market.draft, quote: quote, key: newKey()))
      var refunds: [VendorStatement.Refund] = []
      while refunds.count < count {
        refunds = try await vendor.statement(since: Date(timeIntervalSinceNow: -60)).refunds
      }
      #expect(Set(refunds.map(\.order)).count == 1)
      #expect((refunds.first?.order == receipt.vendorOrderID) == isOfOurs)
      #expect(Set(refunds.map(\.id)).count == count)
    }
  }

  @Test func `a vendor that lost its books knows nothing of an order`() async throws {
    let key = newKey()
    try await market.trading(state: "old") { [market] vendor in
      let quote = try await vendor.quote(market.draft)
      _ = try await vendor.submit(
        try vendor.submission(for: market.draft, quote: quote, key: key))
    }
    try await market.trading(state: "old") { vendor in
      let found = try await vendor.lookUp(key)
      #expect(found.count == 1)
    }
    try await market.trading(state: "new") { vendor in
      let found = try await vendor.lookUp(key)
      #expect(found.isEmpty)
    }
  }
}

/// What one vendor said, for the next.
private final class Announcement: Sendable {
  let capabilities = Mutex<VendorCapabilities?>(nil)
}
