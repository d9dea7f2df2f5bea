// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger

/// Buys orders in a ledger as the daemon does, with a vendor that always delivers what it is told.
struct SampleLedger {
  let ledger: Ledger

  static let job = UUID(uuid: (1, 0x97, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 1))
  private static let start = Date(timeIntervalSince1970: 1_772_366_410)

  func open(budget: String, granting amount: String) throws {
    try ledger.createBudget(
      budget, currency: SampleJob.euro, actor: "uid:1000", at: Self.start)
    try ledger.grant(Money(parsing: amount), to: budget, actor: "uid:1000", at: Self.start)
  }

  /// Drafts, holds, sends and captures an order at 3 cents a patch and 50 an order; the items of
  /// `failing` never come, and their money is released.
  ///
  /// - Parameter disputing: what the vendor charges instead; the order then waits for a person.
  func buy(
    _ draft: OrderDraft, number: UInt8, failing: Set<Int>, disputing: Money? = nil
  ) throws {
    let key = UUID(uuid: (1, 0x97, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0xAB, number))
    let at = Self.start.addingTimeInterval(Double(number))
    func step(_ from: OrderState, _ to: OrderState, _ effects: [OrderEffect] = []) throws {
      try ledger.apply(
        OrderChange(key, from: [from], to: to, effects: effects), actor: "purchasing", at: at)
    }
    try ledger.insertDrafts(
      [NewOrder(key: key, job: Self.job, budget: "demo", draft: draft)], at: at)
    let price = try Money(
      minorUnits: Int64(draft.patchCount) * 3 + 50, currency: SampleJob.euro)
    let quote = RecordedQuote(price: price, validUntil: nil, document: Data())
    try step(.drafted, .quoted, [.recordQuote(quote)])
    try step(.quoted, .held, [.hold(price)])
    try step(.held, .submitting, [.attempt(bodyDigest: String(repeating: "0", count: 64))])
    try step(.submitting, .accepted, [.recordVendorOrder(id: "V-\(1000 + Int(number))")])
    if let disputing {
      return try step(
        .accepted, .parked,
        [
          .openDispute(charged: disputing, reason: "<too> much"),
          .park(reason: "the vendor charged too much", remedy: "Ask the vendor."),
        ])
    }
    var delivery: [OrderEffect] = []
    for (item, rectangle) in draft.rectangles.enumerated() {
      guard !failing.contains(item) else {
        delivery.append(.failItem(number: item))
        continue
      }
      // The fee of the order is on its first item.
      let charge = try Money(
        minorUnits: Int64(rectangle.patchCount) * 3 + (item == 0 ? 50 : 0),
        currency: SampleJob.euro)
      delivery += [
        .storeItem(
          number: item, path: "deliveries/\(number)/\(item).tif",
          sha256: String(repeating: "1", count: 64), byteCount: 1000),
        .captureItem(number: item, charge: charge),
      ]
    }
    try step(.accepted, .delivering, delivery)
    try step(
      .delivering, failing.isEmpty ? .settled : .settledInPart, [.releaseRest, .releaseClaims])
  }
}
