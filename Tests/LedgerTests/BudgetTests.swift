// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Ledger
import Platform
import Testing

@Suite struct BudgetTests {
  private let fixture: LedgerFixture

  init() throws { fixture = try LedgerFixture(granted: 10_000) }

  @Test func startsEmptyAndGrows() throws {
    let euro = fixture.euro
    try fixture.ledger.createBudget("a-2", currency: euro, actor: "uid:0", at: fixture.now)
    #expect(try fixture.ledger.budget("a-2").granted == .zero(euro))
    #expect(try fixture.ledger.budgets().map(\.id) == ["a-2", "b"])
    #expect(try fixture.balance().free == fixture.money(10_000))
  }

  @Test(arguments: ["", "A", "a_b", "ä", String(repeating: "a", count: 65), "a:b"])
  func refusesAName(_ name: String) throws {
    let error = refusal {
      try fixture.ledger.createBudget(name, currency: fixture.euro, actor: "x", at: fixture.now)
    }
    guard case .malformed(let field, _, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(field == "budget")
  }

  @Test(arguments: ["", "a|b", "a\nb", String(repeating: "x", count: 65)])
  func refusesAnActor(_ actor: String) throws {
    let amount = try fixture.money(1)
    let error = refusal {
      try fixture.ledger.grant(amount, to: "b", actor: actor, at: fixture.now)
    }
    guard case .malformed(let field, _, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(field == "actor")
  }

  @Test func refusesWhatMakesNoSense() throws {
    let ledger = fixture.ledger
    let dollar = try Money(parsing: "1.00 USD")
    let nothing = try fixture.money(0)
    let one = try fixture.money(1)
    #expect(
      refusal { try ledger.createBudget("b", currency: fixture.euro, actor: "x", at: fixture.now) }
        == .budgetExists("b"))
    #expect(
      refusal { try ledger.grant(one, to: "none", actor: "x", at: fixture.now) }
        == .unknownBudget("none"))
    #expect(
      refusal { try ledger.grant(dollar, to: "b", actor: "x", at: fixture.now) }
        == .wrongCurrency(budget: "b", currency: "EUR", got: dollar))
    #expect(
      refusal { try ledger.grant(nothing, to: "b", actor: "x", at: fixture.now) }
        == .badAmount(operation: .grant, amount: nothing))
    let most = try fixture.money(Money.largestMinorUnits)
    #expect(
      refusal { try ledger.grant(most, to: "b", actor: "x", at: fixture.now) }
        == .badAmount(operation: .grant, amount: most))
    #expect(try ledger.entries().count == 1)
  }

  @Test func isNotLoweredUnderWhatIsHeld() throws {
    try fixture.apply(fixture.draft(rows: [0]), to: .held, .hold(fixture.money(6000)))
    let tooMuch = try fixture.money(4001)
    let error = refusal {
      try fixture.ledger.reduce("b", by: tooMuch, actor: "x", at: fixture.now)
    }
    #expect(error == .limitInUse(budget: "b", smallest: try fixture.money(6000)))
    try fixture.ledger.reduce("b", by: fixture.money(4000), actor: "x", at: fixture.now)
    #expect(try fixture.balance().granted == fixture.money(6000))
  }

  @Test func namesAllFourFiguresOverTheLimit() throws {
    let first = try fixture.draft(rows: [0])
    try fixture.submit(first, holding: 3000)
    try fixture.buy(first, item: 0, for: 2500)
    let second = try fixture.draft(rows: [1])
    let error = refusal {
      try fixture.apply(second, to: .held, .hold(fixture.money(7001)))
    }
    let text = try #require(error?.description)
    for part in ["100.00 EUR", "25.00 EUR are captured", "5.00 EUR held", "70.01 EUR", "Raise"] {
      #expect(text.contains(part), "\(text)")
    }
    #expect(error?.exitCode.rawValue == 75)
    #expect(try fixture.ledger.order(second).state == .drafted)
  }
}
