// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Ledger
import Platform
import TestSupport
import Testing

/// What the database itself allows and refuses, whoever writes to it: statements past all of the
/// Swift code, on the ledger's own connection.
///
/// All 30 statements of the sketch from which the tables were made are among them, with their
/// verdicts, and the rules that came later.
@Suite struct DatabaseRulesTests {
  private static let a = "0b1e0000-0000-4000-8000-00000000000a"
  private static let b = "0b1e0000-0000-4000-8000-00000000000b"
  private static let body = String(repeating: "ab", count: 32)
  private static let time = "'2026-01-02T03:04:05.000Z'"

  private let folder: TemporaryFolder
  private let ledger: Ledger

  /// Two budgets, 100.00 granted to the first; two orders; 60.00 held and a patch claimed for A.
  init() throws {
    folder = try TemporaryFolder()
    ledger = try Ledger(in: folder.url)
    try run(
      """
      INSERT INTO budget VALUES ('b1', 'EUR', 2, \(Self.time), 'try'),
        ('b2', 'EUR', 2, \(Self.time), 'try');
      \(Self.order(Self.a)) \(Self.order(Self.b))
      INSERT INTO layer VALUES (1, 'v', 'p', 'mosaic', 'lattice');
      \(Self.entry("grant", nil, "b1:owner", "b1:free", 10000))
      \(Self.entry("hold", Self.a, "b1:free", "b1:held", 6000))
      \(Self.claim(Self.a, item: 0, row: 3))
      \(Self.claim(Self.a, item: 1, row: 4))
      """)
  }

  private func run(_ sql: String) throws {
    try ledger.queue.write { try $0.execute(sql: sql) }
  }

  /// Nil when the statements are allowed, else what SQLite says.
  private func refusal(_ sql: String) -> String? {
    do {
      try run(sql)
      return nil
    } catch {
      return "\(error)"
    }
  }

  private func count(_ sql: String) throws -> Int? {
    try ledger.queue.read { try Int.fetchOne($0, sql: sql) }
  }

  private static func order(_ key: String) -> String {
    """
    INSERT INTO purchase_order (key, job, budget, vendor, draft, state, created_at, updated_at)
      VALUES ('\(key)', '\(key)', 'b1', 'v', '{}', 'drafted', \(time), \(time));
    INSERT INTO order_item (order_key, number, state)
      VALUES ('\(key)', 0, 'pending'), ('\(key)', 1, 'pending');
    """
  }

  private static func claim(_ key: String, item: Int, row: Int) -> String {
    "INSERT INTO patch_claim VALUES ('\(key)', \(item), 1, 7, \(row), 'held');"
  }

  private static func store(_ key: String, item: Int) -> String {
    """
    UPDATE order_item SET state = 'stored', path = 'x', sha256 = '\(body)', byte_count = 1
      WHERE order_key = '\(key)' AND number = \(item);
    """
  }

  /// An honest row; the optional arguments are the lies.
  private static func entry(
    _ operation: String, _ order: String?, _ from: String, _ to: String, _ amount: Any,
    item: Int? = nil, after: (Int, Int)? = nil, seq: Int? = nil, actor: String = "try",
    hashedActor: String? = nil, insert: String = "INSERT"
  ) -> String {
    let key = order.map { "'\($0)'" } ?? "NULL"
    let number = item.map(String.init) ?? "NULL"
    let fromAfter =
      after.map { "\($0.0)" }
      ?? "(SELECT amount FROM balance WHERE account = '\(from)') - \(amount)"
    let toAfter =
      after.map { "\($0.1)" } ?? "(SELECT amount FROM balance WHERE account = '\(to)') + \(amount)"
    let hashed = hashedActor.map { "'\($0)'" } ?? "r.actor"
    return """
      \(insert) INTO entry SELECT r.*, sha256(r.prev, printf('%d|%s|%s|%s|%s|%s|%d|%d|%d|%s|%s',
        r.seq, r.operation, coalesce(r.k, ''), coalesce(r.item, ''), r.f, r.t, r.amount, r.fa, r.ta,
        r.at, \(hashed)))
      FROM (SELECT \(seq.map(String.init) ?? "h.seq + 1") AS seq, '\(operation)' AS operation,
        \(key) AS k, \(number) AS item, '\(from)' AS f, '\(to)' AS t, \(amount) AS amount,
        \(fromAfter) AS fa, \(toAfter) AS ta, \(time) AS at, '\(actor)' AS actor, h.hash AS prev
        FROM head h) r;
      """
  }

  private static func hold(_ order: String, _ amount: Any, _ budget: String = "b1") -> String {
    entry("hold", order, "\(budget):free", "\(budget):held", amount)
  }

  private static func capture(_ order: String, item: Int, _ amount: Any) -> String {
    entry("capture", order, "b1:held", "b1:spent", amount, item: item)
  }

  private struct Refused: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let sql: String
    let says: String

    init(_ what: String, _ sql: String, says: String) {
      testDescription = what
      self.sql = sql
      self.says = says
    }
  }

  private static let refused: [Refused] = [
    Refused("60.00 more, with 40.00 free", hold(b, 6000), says: "over the limit"),
    Refused(
      "the same with false balances",
      entry("hold", b, "b1:free", "b1:held", 6000, after: (4000, 12000)),
      says: "from_after or to_after is wrong"),
    Refused("a second hold", hold(a, 100), says: "already has a hold"),
    Refused(
      "a second hold by INSERT OR REPLACE",
      entry("hold", a, "b1:free", "b1:held", 100, insert: "INSERT OR REPLACE"),
      says: "already has a hold"),
    Refused(
      "a row replaced in place",
      entry("grant", nil, "b1:owner", "b1:free", 5, seq: 1, insert: "INSERT OR REPLACE"),
      says: "not the next one"),
    Refused("a gap", entry("grant", nil, "b1:owner", "b1:free", 5, seq: 9), says: "not the next"),
    Refused("60.01 of a 60.00 hold", capture(a, item: 0, 6001), says: "more than the order still"),
    Refused("a capture without a hold", capture(b, item: 0, 1), says: "the order holds nothing"),
    Refused(
      "a capture straight from free",
      entry("capture", a, "b1:free", "b1:spent", 1, item: 0), says: "do not fit the operation"),
    Refused(
      "a capture that names no item", entry("capture", a, "b1:held", "b1:spent", 1),
      says: "CHECK constraint failed"),
    Refused(
      "a release into another budget", entry("release", a, "b1:held", "b2:free", 1),
      says: "do not fit the operation"),
    Refused("a hold in another budget", hold(b, 0, "b2"), says: "of another budget"),
    Refused(
      "a grant of nothing", entry("grant", nil, "b1:owner", "b1:free", 0),
      says: "CHECK constraint failed"),
    Refused("a negative amount", hold(b, -5), says: "CHECK constraint failed"),
    Refused("a fraction", hold(b, 1.5), says: "cannot store REAL value in INTEGER"),
    Refused(
      "a forged hash",
      entry("grant", nil, "b1:owner", "b1:free", 1, hashedActor: "somebody"),
      says: "hash does not match"),
    Refused(
      "a separator in a name", entry("grant", nil, "b1:owner", "b1:free", 1, actor: "a|b"),
      says: "CHECK constraint failed"),
    Refused(
      "an amount changed", "UPDATE entry SET amount = 1 WHERE seq = 2", says: "never changed"),
    Refused("a row deleted", "DELETE FROM entry WHERE seq = 2", says: "never deleted"),
    Refused(
      "a rule that lets money appear",
      "INSERT INTO operation_rule VALUES ('gift', 'owner', 'spent')", says: "rules are fixed"),
    Refused(
      "a budget's currency changed", "UPDATE budget SET currency = 'USD'", says: "never changed"),
    Refused(
      "a patch claimed twice", hold(b, 100) + claim(b, item: 0, row: 3),
      says: "already claimed or bought"),
    Refused("a claim without a hold", claim(b, item: 0, row: 9), says: "with a hold in the ledger"),
    Refused(
      "a patch bought before its capture", "UPDATE patch_claim SET state = 'bought'",
      says: "not captured"),
    Refused(
      "a patch bought by another item's capture",
      store(a, item: 0) + capture(a, item: 0, 10)
        + "UPDATE patch_claim SET state = 'bought' WHERE item = 1", says: "not captured"),
    Refused(
      "an item captured without its entry",
      store(a, item: 0) + "UPDATE order_item SET state = 'captured', charge = 5 WHERE number = 0",
      says: "captured without its entry"),
    Refused(
      "an item captured twice", capture(a, item: 0, 10) + capture(a, item: 0, 10),
      says: "already captured"),
    Refused("a sent order without a hold", state(b, "submitting"), says: "has no hold"),
    Refused("a sent order without an attempt", state(a, "submitting"), says: "has no attempt"),
    Refused("an ended order that holds money", state(a, "refused"), says: "still holds money"),
    Refused(
      "an ended order that claims patches",
      entry("release", a, "b1:held", "b1:free", 6000) + state(a, "refused"),
      says: "still claims patches"),
    Refused(
      "another draft under a key", "UPDATE purchase_order SET draft = '[]'",
      says: "never changes"),
    Refused(
      "two bodies under a key",
      """
      INSERT INTO attempt VALUES ('\(a)', 1, '\(body)', \(time));
      INSERT INTO attempt VALUES ('\(a)', 2, '\(String(body.reversed()))', \(time));
      """, says: "used for another body"),
    Refused(
      "more refunded than captured",
      capture(a, item: 0, 5500) + entry("refund", a, "b1:spent", "b1:free", 5501),
      says: "more than was captured"),
    Refused(
      "a settlement of what nobody disputes",
      entry("overcharge", a, "b1:free", "b1:disputed", 10)
        + entry("settle", b, "b1:disputed", "b1:spent", 10), says: "more than is disputed"),
    Refused(
      "a credit above the dispute",
      entry("overcharge", a, "b1:free", "b1:disputed", 10)
        + entry("overcharge", b, "b1:free", "b1:disputed", 10)
        + entry("credit", a, "b1:disputed", "b1:free", 11), says: "more than is disputed"),
    Refused("a hold for a frozen vendor", freeze + hold(b, 10), says: "the vendor is frozen"),
    Refused(
      "an attempt at a frozen vendor",
      freeze + "INSERT INTO attempt VALUES ('\(a)', 1, '\(body)', \(time));",
      says: "the vendor is frozen"),
    Refused("a freeze deleted", freeze + "DELETE FROM vendor_freeze;", says: "never deleted"),
    Refused(
      "a freeze released without a name",
      freeze + "UPDATE vendor_freeze SET released_at = \(time), release_reason = 'r';",
      says: "CHECK constraint failed"),
    Refused(
      "a freeze of another vendor by an update", freeze + "UPDATE vendor_freeze SET vendor = 'w';",
      says: "never changed otherwise"),
    Refused(
      "money set aside that no entry moved",
      """
      INSERT INTO dispute (order_key, charged, charged_currency, agreed, set_aside, claim, reason,
        at, actor) VALUES ('\(a)', 7000, 'EUR', 6000, 1000, 0, 'r', \(time), 'try');
      """, says: "nothing was set aside"),
    Refused(
      "a refund with another order's entry",
      capture(a, item: 0, 100) + entry("refund", a, "b1:spent", "b1:free", 50)
        + """
        INSERT INTO refund VALUES ('v', 'r1', 'x', 50, 'EUR', '\(b)',
          (SELECT max(seq) FROM entry), NULL, \(time), 'try');
        """, says: "its entry is another"),
    Refused(
      "a refund neither booked nor explained",
      """
      INSERT INTO refund VALUES ('v', 'r1', 'x', 50, 'EUR', NULL, NULL, NULL, \(time), 'try');
      """, says: "CHECK constraint failed"),
    Refused(
      "the limit under what is held", entry("reduce", nil, "b1:free", "b1:owner", 4001),
      says: "over the limit"),
  ]

  private static let freeze = """
    INSERT INTO vendor_freeze (vendor, reason, at, actor) VALUES ('v', 'because', \(time), 'try');
    """

  private static func state(_ key: String, _ state: String) -> String {
    "UPDATE purchase_order SET state = '\(state)' WHERE key = '\(key)';"
  }

  @Test(arguments: refused)
  private func refuses(_ statement: Refused) throws {
    let said = refusal(statement.sql)
    #expect(said?.contains(statement.says) == true, "got \(said ?? "no refusal")")
    #expect(try count("SELECT count(*) FROM entry") == 2, "something was left behind")
    #expect(try ledger.verify().firstBrokenSeq == nil)
  }

  @Test func allowsAWholePurchase() throws {
    try run(
      """
      \(Self.store(Self.a, item: 0)) \(Self.capture(Self.a, item: 0, 5500))
      UPDATE order_item SET state = 'captured', charge = 5500 WHERE number = 0
        AND order_key = '\(Self.a)';
      UPDATE patch_claim SET state = 'bought' WHERE item = 0;
      UPDATE patch_claim SET state = 'released' WHERE item = 1;
      \(Self.entry("release", Self.a, "b1:held", "b1:free", 500))
      """)
    #expect(refusal(Self.capture(Self.a, item: 1, 1))?.contains("still holds") == true)
    #expect(refusal("UPDATE patch_claim SET state = 'released'")?.contains("only held") == true)
    try run(Self.entry("refund", Self.a, "b1:spent", "b1:free", 500))
    let balances = try ledger.queue.read {
      try String.fetchAll(
        $0,
        sql: "SELECT kind || ' ' || amount FROM balance WHERE budget = 'b1' ORDER BY kind")
    }
    #expect(balances == ["disputed 0", "free 5000", "held 0", "owner -10000", "spent 5000"])
  }

  @Test func allowsAFreeOrder() throws {
    try run(
      """
      \(Self.hold(Self.b, 0)) \(Self.claim(Self.b, item: 0, row: 8)) \(Self.store(Self.b, item: 0))
      \(Self.capture(Self.b, item: 0, 0))
      UPDATE patch_claim SET state = 'bought' WHERE order_key = '\(Self.b)';
      """)
    #expect(try count("SELECT count(*) FROM patch_claim WHERE state = 'bought'") == 1)
  }

  @Test func findsAnEditBehindADroppedTrigger() throws {
    try run("DROP TRIGGER entry_no_update; UPDATE entry SET amount = 5400 WHERE seq = 2")
    let verification = try ledger.verify()
    #expect(verification.firstBrokenSeq == 2)
    #expect(verification.problems.contains { $0.contains("entry 2 was changed") })
    #expect(verification.problems.contains { $0.contains("trigger entry_no_update") })
  }

  @Test func findsADroppedTriggerAlone() throws {
    try run("DROP TRIGGER entry_check")
    let verification = try ledger.verify()
    #expect(!verification.isSound)
    #expect(verification.firstBrokenSeq == nil)
  }
}
