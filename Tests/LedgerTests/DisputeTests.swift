// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Ledger
import Platform
import Testing

/// What happens to money after an order: disputes, frozen vendors, refunds, reconciliations.
@Suite struct DisputeTests {
  private let fixture: LedgerFixture
  private let key: UUID

  /// An order of 1.00, paid, of a budget of 2.00.
  init() throws {
    fixture = try LedgerFixture(granted: 200)
    key = try fixture.draft(rows: [0])
    try fixture.submit(key, holding: 100)
    try fixture.buy(key, item: 0, for: 100)
  }

  @discardableResult
  private func dispute(_ charged: Money) throws -> OrderRecord {
    try fixture.apply(
      key, to: .parked, .openDispute(charged: charged, reason: "charged \(charged)"),
      .park(reason: "r", remedy: "m"))
  }

  @Test func setsAsideWhatTheBudgetCovers() throws {
    let order = try dispute(fixture.money(150))
    let dispute = try #require(order.dispute)
    #expect(dispute.isOpen && dispute.setAside.minorUnits == 50)
    #expect(dispute.claim.minorUnits == 0 && dispute.agreed.minorUnits == 100)
    #expect(try fixture.balance().disputed == fixture.money(50))
    // The same again changes nothing.
    #expect(try self.dispute(fixture.money(180)).dispute == dispute)
    #expect(try fixture.balance().free == fixture.money(50))
  }

  @Test func recordsAClaimOutsideTheBudgetWhereItDoesNotCover() throws {
    let dispute = try dispute(fixture.money(201)).dispute
    #expect(dispute?.setAside.minorUnits == 0 && dispute?.claim.minorUnits == 101)
    #expect(try fixture.balance().disputed.minorUnits == 0)
    #expect(try fixture.balance().free.minorUnits == 100)
  }

  @Test func setsNothingAsideInAnotherCurrency() throws {
    let charged = try Money(parsing: "500.00 USD")
    let dispute = try dispute(charged).dispute
    #expect(dispute?.charged == charged)
    #expect(dispute?.setAside.minorUnits == 0 && dispute?.claim.minorUnits == 0)
  }

  @Test(arguments: [(nil, 150, 50), (130, 130, 70), (100, 100, 100)] as [(Int64?, Int64, Int64)])
  func paysWhatWasAgreed(total: Int64?, spent: Int64, free: Int64) throws {
    try dispute(fixture.money(150))
    let order = try fixture.apply(
      key, to: .settled, .payDispute(total: total.map(fixture.money), reason: "agreed"))
    #expect(order.captured.minorUnits == spent)
    #expect(order.dispute?.outcome == .pay && order.dispute?.paid?.minorUnits == spent)
    let balance = try fixture.balance()
    #expect(balance.spent.minorUnits == spent && balance.free.minorUnits == free)
    #expect(balance.disputed.minorUnits == 0)
  }

  @Test func paysAClaimOnlyWhenTheBudgetCoversIt() throws {
    try dispute(fixture.money(201))
    let refused = refusal {
      try fixture.apply(key, to: .settled, .payDispute(total: nil, reason: "agreed"))
    }
    guard case .overLimit? = refused else {
      Issue.record("\(String(describing: refused))")
      return
    }
    try fixture.ledger.grant(fixture.money(1), to: "b", actor: "test", at: fixture.now)
    try fixture.apply(key, to: .settled, .payDispute(total: nil, reason: "agreed"))
    #expect(try fixture.balance().spent.minorUnits == 201)
  }

  @Test func refusesAnAgreementThatIsNone() throws {
    let early = refusal {
      try fixture.apply(key, to: .settled, .payDispute(total: nil, reason: "agreed"))
    }
    #expect(early == .noDispute(order: key))
    try dispute(fixture.money(150))
    for amount in ["0.99 EUR", "1.51 EUR", "1.20 USD"] {
      let refused = refusal {
        try fixture.apply(
          key, to: .settled, .payDispute(total: Money(parsing: amount), reason: "agreed"))
      }
      guard case .badAgreement? = refused else {
        Issue.record("\(amount): \(String(describing: refused))")
        return
      }
    }
    #expect(try fixture.ledger.order(key).dispute?.isOpen == true)
  }

  @Test func freesWhatWasSetAsideWhenTheVendorGivesIn() throws {
    try dispute(fixture.money(150))
    let order = try fixture.apply(key, to: .settled, .creditDispute(reason: "credit note 7"))
    #expect(order.dispute?.outcome == .credit && order.captured.minorUnits == 100)
    #expect(try fixture.balance().free.minorUnits == 100)
    #expect(try fixture.ledger.verify().isSound)
  }

  @Test func freezesTheVendorUntilAPersonReleasesIt() throws {
    try dispute(fixture.money(150))
    let freeze = try #require(try fixture.ledger.frozenVendors().first)
    #expect(freeze.vendor == "vendor" && freeze.reason.contains("charged 1.50 EUR"))
    let next = try fixture.draft(rows: [5])
    let refused = refusal { try fixture.apply(next, to: .held, .hold(fixture.money(1))) }
    #expect(refused == .vendorFrozen(freeze))
    #expect(refused?.description.contains("fovea vendors unfreeze vendor") == true)
    let silent = refusal {
      try fixture.ledger.unfreeze("vendor", reason: " ", actor: "ann", at: fixture.now)
    }
    guard case .malformed(field: "reason", _, _)? = silent else {
      Issue.record("\(String(describing: silent))")
      return
    }
    try fixture.ledger.unfreeze("vendor", reason: "it apologised", actor: "ann", at: fixture.now)
    #expect(try fixture.ledger.frozenVendors().isEmpty)
    try fixture.apply(next, to: .held, .hold(fixture.money(1)))
    #expect(
      refusal {
        try fixture.ledger.unfreeze("vendor", reason: "again", actor: "ann", at: fixture.now)
      } == .notFrozen(vendor: "vendor"))
    // It can be frozen a second time, and stays so for the first reason.
    for reason in ["one", "two"] {
      try fixture.ledger.freeze("vendor", reason: reason, actor: "ann", at: fixture.now)
    }
    #expect(try fixture.ledger.frozenVendors().map(\.reason) == ["one"])
  }

  @Test func booksARefundOnceAndListsWhatItCannotBook() throws {
    try fixture.apply(key, to: .settled, .releaseRest)
    func book(_ id: String, of order: String? = nil, _ amount: String) throws -> RefundRecord {
      try fixture.ledger.book(
        VendorRefund(
          id: id, vendorOrder: order ?? "v-\(key.text)", amount: Money(parsing: amount)),
        from: "vendor", actor: "reconciliation", at: fixture.now)
    }
    let first = try book("r1", "0.40 EUR")
    #expect(first.entry != nil && first.order == key)
    #expect(try book("r1", "0.40 EUR") == first)
    #expect(try fixture.balance().spent.minorUnits == 60)
    #expect(try fixture.ledger.order(key).captured.minorUnits == 60)
    for refund in [
      try book("r2", "0.61 EUR"), try book("r3", of: "v-unknown", "0.10 EUR"),
      try book("r4", "0.10 USD"),
    ] {
      #expect(refund.entry == nil && refund.obstacle != nil)
    }
    #expect(try book("r5", "0.60 EUR").entry != nil)
    #expect(try fixture.balance().spent.minorUnits == 0)
    #expect(try fixture.ledger.refunds().map(\.refund.id) == ["r1", "r2", "r3", "r4", "r5"])
    #expect(try fixture.ledger.verify().isSound)
  }

  @Test func keepsReconciliationsAndFreezesForOrdersOfTheVendorAlone() throws {
    let matched = Reconciliation.Line(
      finding: .matched, order: key, vendorOrder: "v-1", paid: try fixture.money(100),
      charged: try fixture.money(100))
    let clean = Reconciliation(vendor: "vendor", at: fixture.now, lines: [matched])
    try fixture.ledger.record(clean, actor: "test")
    #expect(try fixture.ledger.frozenVendors().isEmpty)
    let unknown = Reconciliation.Line(
      finding: .theirsOnly, order: nil, vendorOrder: "v-9", paid: nil,
      charged: try fixture.money(7))
    let differing = Reconciliation(vendor: "vendor", at: fixture.now, lines: [matched, unknown])
    try fixture.ledger.record(differing, actor: "test")
    #expect(try fixture.ledger.reconciliations(vendor: "vendor") == [differing, clean])
    #expect(
      clean.differences.isEmpty && differing.differences.count == 1
        && differing.matchedCount == 1)
    #expect(try fixture.ledger.frozenVendors().first?.reason.contains("v-9") == true)
  }
}
