// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import GRDB
import Platform

/// What a check of the whole ledger found.
public struct LedgerVerification: Hashable, Sendable, Codable {
  /// How the anchor relates to the chain, where it is not simply its head.
  public enum AnchorFinding: Hashable, Sendable, Codable {
    /// It names an earlier entry: normal after a crash between a commit and the anchor.
    case behind(seq: Int64)
    /// It names an entry that the ledger does not have, or has with another hash.
    case ahead(seq: Int64)
    /// There is no anchor: right only before the first entry.
    case missing
  }

  /// How many entries there are.
  public let entryCount: Int
  /// The number of the newest entry.
  public let headSeq: Int64
  /// Its hash, hexadecimal.
  public let headHash: String
  /// What is to be said of the anchor; nil when it names the head.
  public let anchorFinding: AnchorFinding?
  /// The first entry that is not right.
  public let firstBrokenSeq: Int64?
  /// What is wrong, in words; at most 20.
  public let problems: [String]

  /// Whether nothing is wrong.
  public var isSound: Bool { problems.isEmpty }
}

extension Ledger {
  /// Recomputes the chain from the first entry, all balances and the anchor, without trusting the
  /// database's own rules.
  ///
  /// - Throws: `LedgerError` when the file cannot be read; what is wrong with its content is in the
  ///   result.
  public func verify() throws(LedgerError) -> LedgerVerification {
    let anchored = try anchor.read()
    return try read { database in
      var check = ChainCheck(anchor: anchored)
      let rows = try Row.fetchCursor(database, sql: "SELECT * FROM entry ORDER BY seq")
      while let row = try rows.next() { check.visit(row) }
      try check.finish(database)
      return check.result
    }
  }
}

/// The state of a walk along the chain.
private struct ChainCheck {
  private let anchor: ChainHead?
  private var head = ChainHead.empty
  private var anchoredHash: Data?
  private var entryCount = 0
  private var balances: [String: Int64] = [:]
  private var heldByOrder: [String: Int64] = [:]
  private var firstBrokenSeq: Int64?
  private var problems: [String] = []

  init(anchor: ChainHead?) {
    self.anchor = anchor
    if anchor?.seq == 0 { anchoredHash = ChainHead.empty.hash }
  }

  /// Checks one entry against all before it.
  mutating func visit(_ row: Row) {
    let link = ChainLink(row: row)
    let previous: Data = row["prev"]
    let hash: Data = row["hash"]
    entryCount += 1
    if link.seq != head.seq + 1 {
      report(link.seq, "entry \(link.seq) follows entry \(head.seq)")
    }
    if previous != head.hash {
      report(link.seq, "entry \(link.seq) does not name the hash of the entry before it")
    }
    if hash != link.hash(after: previous) {
      report(link.seq, "entry \(link.seq) was changed: its hash is another")
    }
    visitMoney(link)
    head = ChainHead(seq: link.seq, hash: hash)
    if link.seq == anchor?.seq { anchoredHash = hash }
  }

  private mutating func visitMoney(_ link: ChainLink) {
    let budgets = [link.fromAccount, link.toAccount].map { $0.split(separator: ":").first }
    let kinds = [link.fromAccount, link.toAccount].map {
      $0.split(separator: ":").last.flatMap { AccountKind(rawValue: String($0)) }
    }
    let operation = LedgerOperation(rawValue: link.operation)
    guard let operation, kinds == [operation.source, operation.destination],
      budgets[0] == budgets[1]
    else {
      report(link.seq, "entry \(link.seq) is no \(link.operation) between its accounts")
      return
    }
    balances[link.fromAccount, default: 0] -= link.amount
    balances[link.toAccount, default: 0] += link.amount
    if balances[link.fromAccount] != link.fromAfter || balances[link.toAccount] != link.toAfter {
      report(link.seq, "entry \(link.seq) states other balances than the entries before it give")
    }
    if operation.source != .owner, link.fromAfter < 0 {
      report(link.seq, "entry \(link.seq) leaves \(link.fromAccount) below zero")
    }
    guard let order = link.orderKey else { return }
    switch operation {
    case .hold: heldByOrder[order, default: 0] += link.amount
    case .capture, .release: heldByOrder[order, default: 0] -= link.amount
    default: break
    }
    if heldByOrder[order, default: 0] < 0 {
      report(link.seq, "entry \(link.seq) takes more from order \(order) than it held")
    }
  }

  /// Checks what is beside the chain: the anchor, orders that have ended, the schema.
  mutating func finish(_ database: Database) throws {
    switch anchorFinding {
    case .ahead(let seq):
      report(nil, "the anchor names entry \(seq), which is not in the ledger: entries were lost")
    case .missing where head.seq > 0:
      report(
        nil,
        "the anchor beside the ledger is gone, so nobody can tell whether entries were lost: "
          + "restore it from a backup")
    case .missing, .behind, nil: break
    }
    var heldByBudget: [String: Int64] = [:]
    let orders = try Row.fetchCursor(
      database, sql: "SELECT key, budget, state FROM purchase_order")
    while let row = try orders.next() {
      let (key, state): (String, String) = (row["key"], row["state"])
      let held = heldByOrder[key, default: 0]
      heldByBudget[row["budget"], default: 0] += held
      if held != 0, OrderState(rawValue: state)?.isFinal ?? true {
        report(nil, "order \(key) is \(state) and still holds money")
      }
    }
    for (budget, held) in heldByBudget.sorted(by: { $0.key < $1.key })
    where balances["\(budget):\(AccountKind.held.rawValue)", default: 0] != held {
      report(nil, "budget \(budget) holds another amount than its orders do together")
    }
    let expected = try LedgerConnection.expectedObjects()
    let actual = try LedgerSchema.objects(of: database)
    for name in Set(expected.keys).union(actual.keys).sorted() where expected[name] != actual[name]
    {
      report(nil, "\(name) of the database was dropped, added or changed")
    }
  }

  var result: LedgerVerification {
    LedgerVerification(
      entryCount: entryCount, headSeq: head.seq, headHash: Digest.hexadecimal(head.hash),
      anchorFinding: anchorFinding, firstBrokenSeq: firstBrokenSeq, problems: problems)
  }

  private var anchorFinding: LedgerVerification.AnchorFinding? {
    guard let anchor else { return .missing }
    if anchoredHash != anchor.hash { return .ahead(seq: anchor.seq) }
    return anchor.seq == head.seq ? nil : .behind(seq: anchor.seq)
  }

  private mutating func report(_ seq: Int64?, _ problem: String) {
    if let seq, firstBrokenSeq == nil { firstBrokenSeq = seq }
    if problems.count < 20 { problems.append(problem) }
  }
}

extension ChainLink {
  fileprivate init(row: Row) {
    self.init(
      seq: row["seq"], operation: row["operation"], orderKey: row["order_key"],
      item: row["item"], fromAccount: row["from_account"], toAccount: row["to_account"],
      amount: row["amount"], fromAfter: row["from_after"], toAfter: row["to_after"],
      at: row["at"], actor: row["actor"])
  }
}
