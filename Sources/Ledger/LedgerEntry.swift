// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation
import Platform

/// An account of a budget.
///
/// `free + held + spent + disputed` is always what was granted.
public enum AccountKind: String, Hashable, Sendable, Codable, CaseIterable {
  /// Where money comes from: minus what was granted.
  case owner
  /// What may be spent.
  case free
  /// What is set aside for orders.
  case held
  /// What vendors were paid.
  case spent
  /// What a vendor charged above a hold.
  case disputed
}

/// What an entry does; each moves money between two fixed accounts.
public enum LedgerOperation: String, Hashable, Sendable, Codable, CaseIterable {
  /// Raises the limit: owner to free.
  case grant
  /// Lowers the limit: free to owner.
  case reduce
  /// Sets an order's price aside: free to held.
  case hold
  /// Pays a delivered item: held to spent.
  case capture
  /// Frees what an order does not need: held to free.
  case release
  /// Money back from a vendor: spent to free.
  case refund
  /// A charge above the hold: free to disputed.
  case overcharge
  /// A dispute that the vendor won: disputed to spent.
  case settle
  /// A dispute that we won: disputed to free.
  case credit

  /// Where the money comes from.
  public var source: AccountKind {
    switch self {
    case .grant: .owner
    case .reduce, .hold, .overcharge: .free
    case .capture, .release: .held
    case .refund: .spent
    case .settle, .credit: .disputed
    }
  }

  /// Where the money goes.
  public var destination: AccountKind {
    switch self {
    case .grant, .release, .refund, .credit: .free
    case .reduce: .owner
    case .hold: .held
    case .capture, .settle: .spent
    case .overcharge: .disputed
    }
  }

  /// A free order is held and captured as 0; elsewhere nothing is not an operation.
  var smallestMinorUnits: Int64 { [.hold, .capture, .release].contains(self) ? 0 : 1 }
}

/// One row of the ledger: one amount moved from one account of a budget to another.
public struct LedgerEntry: Hashable, Sendable, Codable {
  /// The place in the chain, from 1.
  public let seq: Int64
  /// What was done.
  public let operation: LedgerOperation
  /// The budget.
  public let budget: String
  /// The order, for everything but grants and reductions.
  public let order: UUID?
  /// The item of the order, for captures.
  public let item: Int?
  /// What was moved.
  public let amount: Money
  /// The balance of the source account after the entry.
  public let sourceAfter: Money
  /// The balance of the destination account after the entry.
  public let destinationAfter: Money
  /// When.
  public let at: Date
  /// Who: a user (`uid:1000`) or a part of the daemon.
  public let actor: String
  /// SHA-256 over the hash of the entry before and this entry's text, hexadecimal.
  public let hash: String
}

/// What a budget has and has used; all amounts are of one currency.
public struct BudgetBalance: Hashable, Sendable, Codable {
  /// The budget's name.
  public let id: String
  /// The limit: `free + held + spent + disputed`.
  public let granted: Money
  /// What may be spent.
  public let free: Money
  /// What open orders have set aside.
  public let held: Money
  /// What was paid.
  public let spent: Money
  /// What was charged above a hold, and is disputed.
  public let disputed: Money

  /// The budget's currency.
  public var currency: Currency { granted.currency }
}

/// The newest entry: its number and its hash.
struct ChainHead: Equatable {
  static let empty = ChainHead(seq: 0, hash: Data(count: 32))

  var seq: Int64
  var hash: Data
}

/// The fields of an entry that its hash covers, as the database holds them.
struct ChainLink {
  var seq: Int64
  var operation: String
  var orderKey: String?
  var item: Int64?
  var fromAccount: String
  var toAccount: String
  var amount: Int64
  var fromAfter: Int64
  var toAfter: Int64
  var at: String
  var actor: String

  /// SHA-256 over the 32 bytes of the hash before and the fields with `|` between them; the
  /// trigger `entry_check` computes the same.
  func hash(after previous: Data) -> Data {
    let fields = [
      "\(seq)", operation, orderKey ?? "", item.map { "\($0)" } ?? "", fromAccount, toAccount,
      "\(amount)", "\(fromAfter)", "\(toAfter)", at, actor,
    ]
    return Digest.sha256Bytes(previous + Data(fields.joined(separator: "|").utf8))
  }
}
