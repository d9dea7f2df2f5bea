// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Testing

@Suite struct OrderTests {
  private let fixture: LedgerFixture

  init() throws { fixture = try LedgerFixture(granted: 10_000) }

  @Test func isDraftedOnce() throws {
    let draft = OrderDraft(
      product: fixture.product, grid: fixture.grid,
      rectangles: [PatchRectangle(column: 0, row: 0, columnCount: 1, rowCount: 2)])
    let order = NewOrder(key: UUID(), job: fixture.job, budget: "b", draft: draft)
    let first = try fixture.ledger.insertDrafts([order], at: fixture.now)
    let second = try fixture.ledger.insertDrafts([order], at: fixture.now.addingTimeInterval(5))
    #expect(first == second)
    #expect(first.first?.draft == draft)
    #expect(first.first?.items.map(\.state) == [.pending])
    let other = NewOrder(key: order.key, job: UUID(), budget: "b", draft: draft)
    #expect(
      refusal { try fixture.ledger.insertDrafts([other], at: fixture.now) }
        == .orderExists(order.key))
    let nowhere = NewOrder(key: UUID(), job: fixture.job, budget: "none", draft: draft)
    #expect(
      refusal { try fixture.ledger.insertDrafts([nowhere], at: fixture.now) }
        == .unknownBudget("none"))
  }

  @Test func aJobsMoneyIsThatOfItsOrders() throws {
    #expect(try fixture.ledger.money(job: fixture.job) == nil)
    let keys = [try fixture.draft(rows: [0, 1]), try fixture.draft(rows: [2])]
    #expect(try fixture.ledger.money(job: fixture.job)?.held.minorUnits == 0)
    for key in keys { try fixture.submit(key, holding: 900) }
    try fixture.buy(keys[0], item: 0, for: 300)
    try fixture.buy(keys[1], item: 0, for: 800)
    try fixture.apply(keys[1], to: .settled, .releaseRest, .releaseClaims)
    let money = try #require(try fixture.ledger.money(job: fixture.job))
    let orders = try fixture.ledger.orders(job: fixture.job)
    #expect(money.held.minorUnits == 600 && money.captured.minorUnits == 1100)
    #expect(orders.reduce(0) { $0 + $1.held.minorUnits } == 600)
    #expect(orders.reduce(0) { $0 + $1.captured.minorUnits } == 1100)
    #expect(try fixture.ledger.money(job: UUID()) == nil)
  }

  @Test func livesFromDraftToSettled() throws {
    let key = try fixture.draft(rows: [0, 5])
    let quote = RecordedQuote(
      price: try fixture.money(900), validUntil: fixture.now, document: Data("{}".utf8))
    #expect(try fixture.apply(key, to: .quoted, .recordQuote(quote)).quote == quote)
    let held = try fixture.apply(key, to: .held, .hold(fixture.money(900)))
    #expect(held.held == (try fixture.money(900)))
    try fixture.apply(key, to: .submitting, .attempt(bodyDigest: fixture.digest))
    try fixture.apply(key, to: .inDoubt)
    try fixture.apply(key, to: .held)
    let again = try fixture.apply(key, to: .submitting, .attempt(bodyDigest: fixture.digest))
    #expect(again.attempts.map(\.number) == [1, 2])
    try fixture.apply(key, to: .accepted, .recordVendorOrder(id: "v-1"))
    try fixture.apply(key, to: .delivering)
    try fixture.buy(key, item: 0, for: 400)
    #expect(try owned() == [PatchPosition(column: 0, row: 0), PatchPosition(column: 1, row: 0)])
    try fixture.buy(key, item: 1, for: 450)
    let settled = try fixture.apply(key, to: .settled, .releaseRest, .releaseClaims)
    #expect(settled.captured == (try fixture.money(850)))
    #expect(settled.held.minorUnits == 0)
    #expect(settled.vendorOrderID == "v-1")
    #expect(settled.items.map(\.charge) == [try fixture.money(400), try fixture.money(450)])
    #expect(try fixture.balance().spent == fixture.money(850))
    #expect(try fixture.balance().free == fixture.money(9150))
    #expect(try fixture.ledger.openOrders().isEmpty)
    #expect(
      try fixture.ledger.entries(order: key).map(\.operation)
        == [.hold, .capture, .capture, .release])
  }

  private func owned() throws -> Set<PatchPosition> {
    Set(try fixture.ledger.ownedPatches(product: fixture.product, grid: fixture.grid).keys)
  }

  @Test func isRefusedInTheWrongStateAndStaysAsItWas() throws {
    let key = try fixture.draft(rows: [0])
    let change = OrderChange(
      key, from: [.quoted, .inDoubt], to: .held, .hold(try fixture.money(5)))
    let error = refusal { try fixture.ledger.apply(change, actor: "x", at: fixture.now) }
    #expect(error == .wrongState(order: key, state: .drafted, expected: [.inDoubt, .quoted]))
    #expect(error?.description.contains("is drafted") == true)
    let nobody = UUID()
    #expect(refusal { try fixture.apply(nobody, to: .held) } == .unknownOrder(nobody))
  }

  @Test func leavesNothingBehindWhenALaterEffectFails() throws {
    let key = try fixture.draft(rows: [0])
    let error = refusal {
      try fixture.apply(
        key, to: .held, .hold(fixture.money(5)),
        .storeItem(number: 7, path: "x", sha256: fixture.digest, byteCount: 1))
    }
    #expect(error == .wrongItem(order: key, item: 7, state: nil))
    #expect(try fixture.balance().held.minorUnits == 0)
    #expect(try fixture.ledger.entries(order: key).isEmpty)
    #expect(
      try fixture.ledger.claimedPatches(product: fixture.product, grid: fixture.grid).isEmpty)
  }

  @Test func paysNoItemTwiceAndNeverAboveTheHold() throws {
    let key = try fixture.draft(rows: [0, 1])
    try fixture.submit(key, holding: 500)
    try fixture.buy(key, item: 0, for: 300)
    let again = refusal {
      try fixture.apply(key, to: .delivering, .captureItem(number: 0, charge: fixture.money(1)))
    }
    #expect(again == .wrongItem(order: key, item: 0, state: .captured))
    let tooMuch = refusal { try fixture.buy(key, item: 1, for: 201) }
    #expect(
      tooMuch
        == .aboveHold(order: key, held: try fixture.money(200), asked: try fixture.money(201)))
    #expect(try fixture.ledger.order(key).items[1].state == .pending)
    let early = refusal {
      try fixture.apply(key, to: .delivering, .captureItem(number: 1, charge: fixture.money(1)))
    }
    #expect(early == .wrongItem(order: key, item: 1, state: .pending))
  }

  @Test func sharesNoPatchWithALiveOrder() throws {
    let first = try fixture.draft(rows: [0, 1])
    let second = try fixture.draft(rows: [1], column: 1)
    try fixture.submit(first, holding: 100)
    let error = refusal { try fixture.apply(second, to: .held, .hold(fixture.money(10))) }
    #expect(
      error
        == .patchTaken(order: second, patch: PatchPosition(column: 1, row: 1), by: first))
    // Item 1 does not come: its patches are free, those of item 0 stay claimed.
    try fixture.apply(first, to: .delivering, .failItem(number: 1))
    try fixture.apply(second, to: .held, .hold(fixture.money(10)))
    let claimed = try fixture.ledger.claimedPatches(product: fixture.product, grid: fixture.grid)
    #expect(claimed[PatchPosition(column: 1, row: 1)] == second)
    #expect(claimed[PatchPosition(column: 0, row: 0)] == first)
    #expect(claimed.count == 4)
  }

  @Test func ownsPatchesByProductAndLattice() throws {
    let key = try fixture.draft(rows: [2])
    try fixture.submit(key, holding: 100)
    try fixture.buy(key, item: 0, for: 100)
    let patches = try fixture.ledger.ownedPatches(product: fixture.product, grid: fixture.grid)
    let patch = try #require(patches[PatchPosition(column: 1, row: 2)])
    #expect(patch.order == key)
    #expect(patch.rectangle == PatchRectangle(column: 0, row: 2, columnCount: 2, rowCount: 1))
    #expect(patch.path == "deliveries/\(key.uuidString.lowercased())/0.tif")
    let other = ProductID(vendor: "vendor", product: "hr", item: "2026-01-01")
    #expect(try fixture.ledger.ownedPatches(product: other, grid: fixture.grid).isEmpty)
    let shifted = ChipGrid(
      crs: "EPSG:32632", chipPixels: 64, groundSampleDistanceMetres: 10, zoom: 8,
      patchGrid: .paper, origin: .point(ProjectedPoint(x: 10, y: 0)),
      sceneCorner: ProjectedPoint(x: 0, y: 0))
    #expect(try fixture.ledger.ownedPatches(product: fixture.product, grid: shifted).isEmpty)
  }

  @Test func waitsForAPersonAndGoesOn() throws {
    let key = try fixture.draft(rows: [0])
    try fixture.submit(key, holding: 100)
    let parked = try fixture.apply(
      key, to: .parked, .park(reason: "no answer", remedy: "ask the vendor"))
    #expect(parked.parking?.reason == "no answer")
    #expect(parked.held == (try fixture.money(100)))
    #expect(try fixture.ledger.openOrders().map(\.key) == [key])
    #expect(try fixture.apply(key, to: .delivering).parking == nil)
  }

  @Test func tellsItsStory() throws {
    let key = try fixture.draft(rows: [0])
    try fixture.submit(key, holding: 100)
    try fixture.apply(key, to: .delivering, .note("vendor: shipping"))
    try fixture.apply(key, to: .delivering)
    try fixture.apply(key, to: .parked, .park(reason: "no answer", remedy: "ask the vendor"))
    let story = try fixture.ledger.history(of: key)
    #expect(story.map(\.state) == [.held, .submitting, .delivering, .delivering, .parked])
    #expect(story.map(\.note) == [nil, nil, nil, "vendor: shipping", "no answer"])
    #expect(story.map(\.number) == [1, 2, 3, 4, 5] && story[0].actor == "test")
    let nobody = UUID()
    #expect(refusal { _ = try fixture.ledger.history(of: nobody) } == .unknownOrder(nobody))
  }

  @Test func isListedFromTheNewest() throws {
    let keys = try (0..<3).map { try fixture.draft(rows: [$0]) }
    try fixture.apply(keys[1], to: .refused)
    let all = try fixture.ledger.newestOrders().map(\.key)
    #expect(Set(all) == Set(keys))
    #expect(try fixture.ledger.newestOrders(limit: 2).map(\.key) == Array(all.prefix(2)))
    #expect(try fixture.ledger.newestOrders(before: all[1]).map(\.key) == [all[2]])
    let open = try fixture.ledger.newestOrders(openOnly: true).map(\.key)
    #expect(Set(open) == [keys[0], keys[2]])
    #expect(try fixture.ledger.newestOrders(vendor: "other").isEmpty)
  }

  @Test func holdsThatGrowOldAreFound() throws {
    let (paid, open) = (try fixture.draft(rows: [0]), try fixture.draft(rows: [1]))
    for key in [paid, open] { try fixture.submit(key, holding: 100) }
    try fixture.buy(paid, item: 0, for: 100)
    try fixture.apply(paid, to: .settled, .releaseRest)
    #expect(try fixture.ledger.holds(before: fixture.now).isEmpty)
    let aged = try fixture.ledger.holds(before: fixture.now.addingTimeInterval(1))
    #expect(aged.map(\.order) == [open])
    #expect(aged.first?.held == (try fixture.money(100)) && aged.first?.since == fixture.now)
  }

  @Test func buysForNothing() throws {
    let key = try fixture.draft(rows: [0])
    try fixture.submit(key, holding: 0)
    try fixture.buy(key, item: 0, for: 0)
    #expect(try fixture.apply(key, to: .settled, .releaseRest).captured.minorUnits == 0)
    #expect(
      try fixture.ledger.ownedPatches(product: fixture.product, grid: fixture.grid).count == 2)
  }
}
