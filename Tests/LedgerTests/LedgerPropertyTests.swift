// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Platform
import Testing

/// Random lives of orders: whatever is asked for, the books add up and nothing is overspent.
@Suite struct LedgerPropertyTests {
  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func staysInBalance(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let fixture = try LedgerFixture(granted: 2_000)
    var granted: Int64 = 2_000
    var keys: [UUID] = []
    var allowed = 0
    var refused = 0
    for _ in 0..<120 {
      do {
        granted += try act(fixture, &keys, &generator)
        allowed += 1
      } catch let error as LedgerError {
        if case .inputOutput = error { throw error }
        refused += 1
      }
      let balance = try fixture.balance()
      #expect(balance.granted.minorUnits == granted)
      #expect(
        balance.free.minorUnits + balance.held.minorUnits + balance.spent.minorUnits
          + balance.disputed.minorUnits == granted)
      for part in [balance.free, balance.held, balance.spent, balance.disputed] {
        #expect(part.minorUnits >= 0)
      }
    }
    #expect(allowed > 20 && refused > 20, "the run was \(allowed) allowed, \(refused) refused")
    try checkOrders(keys, fixture)
    #expect(try fixture.ledger.verify().isSound)
    try fixture.reopen()
  }

  /// One random act, legal or not; how much the limit has changed.
  private func act(
    _ fixture: LedgerFixture, _ keys: inout [UUID], _ generator: inout SeededGenerator
  ) throws -> Int64 {
    let amount = try fixture.money(Int64.random(in: 0...600, using: &generator))
    let action = Int.random(in: 0..<15, using: &generator)
    if action == 0 || keys.isEmpty {
      let row = Int.random(in: 0..<8, using: &generator)
      keys.append(try fixture.draft(rows: [row, row + 1]))
      return 0
    }
    if action == 1 {
      try fixture.ledger.reduce("b", by: amount, actor: "x", at: fixture.now)
      return -amount.minorUnits
    }
    if action == 2 {
      try fixture.ledger.grant(amount, to: "b", actor: "x", at: fixture.now)
      return amount.minorUnits
    }
    let key = keys[Int.random(in: 0..<keys.count, using: &generator)]
    let item = Int.random(in: 0...1, using: &generator)
    switch action {
    case 3, 4: try fixture.submit(key, holding: amount.minorUnits)
    case 5, 6, 7: try fixture.buy(key, item: item, for: amount.minorUnits / 3)
    case 8: try fixture.apply(key, to: .delivering, .failItem(number: item))
    case 9:
      let refund = VendorRefund(
        id: UUID().text, vendorOrder: "v-\(key.text)", amount: amount)
      let booked = try fixture.ledger.book(refund, from: "vendor", actor: "x", at: fixture.now)
      if let obstacle = booked.obstacle { throw LedgerError.rule(obstacle) }
    case 10:
      try fixture.apply(key, to: .delivering, .openDispute(charged: amount, reason: "r"))
    case 11:
      try fixture.apply(key, to: .delivering, .payDispute(total: nil, reason: "agreed"))
    case 12: try fixture.apply(key, to: .delivering, .creditDispute(reason: "agreed"))
    case 13:
      try fixture.ledger.unfreeze("vendor", reason: "agreed", actor: "x", at: fixture.now)
    default: try fixture.apply(key, to: .settledInPart, .releaseRest, .releaseClaims)
    }
    return 0
  }

  /// Every order against its own entries, and every patch against its claims.
  private func checkOrders(_ keys: [UUID], _ fixture: LedgerFixture) throws {
    var held: Int64 = 0
    var owners: [PatchPosition: UUID] = [:]
    for key in keys {
      let order = try fixture.ledger.order(key)
      held += order.held.minorUnits
      let captures = try fixture.ledger.entries(order: key).filter { $0.operation == .capture }
      #expect(
        captures.reduce(0) { $0 + $1.amount.minorUnits }
          == order.items.reduce(0) { $0 + ($1.charge?.minorUnits ?? 0) })
      for item in order.items where item.state == .captured {
        for patch in order.draft.rectangles[item.number].positions {
          #expect(owners[patch] == nil, "\(patch) was bought twice")
          owners[patch] = key
        }
      }
    }
    #expect(try fixture.balance().held.minorUnits == held)
    let owned = try fixture.ledger.ownedPatches(product: fixture.product, grid: fixture.grid)
    #expect(owned.mapValues(\.order) == owners)
  }
}
