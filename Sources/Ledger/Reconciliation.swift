// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation
import GRDB
import Platform

/// What came of comparing our orders at a vendor with the vendor's own list.
public struct Reconciliation: Hashable, Sendable, Codable {
  /// How an order of one list relates to the other list.
  public enum Finding: String, Hashable, Sendable, Codable, CaseIterable {
    /// Both sides have it, for the same money.
    case matched
    /// Both sides have it, for different money.
    case amountDiffers = "amount_differs"
    /// The vendor does not know it.
    case oursOnly = "ours_only"
    /// We do not know it.
    case theirsOnly = "theirs_only"
  }

  /// One order of either list.
  public struct Line: Hashable, Sendable, Codable {
    /// How it relates to the other list.
    public let finding: Finding
    /// Our key of it, where there is one.
    public let order: UUID?
    /// The vendor's name of it, where there is one.
    public let vendorOrder: String?
    /// What the ledger paid for it.
    public let paid: Money?
    /// What the vendor says it charged.
    public let charged: Money?

    /// Creates a line.
    public init(
      finding: Finding, order: UUID?, vendorOrder: String?, paid: Money?, charged: Money?
    ) {
      self.finding = finding
      self.order = order
      self.vendorOrder = vendorOrder
      self.paid = paid
      self.charged = charged
    }
  }

  /// The vendor's name in the configuration.
  public let vendor: String
  /// When.
  public let at: Date
  /// How many orders agree.
  public let matchedCount: Int
  /// Every order that does not.
  public let differences: [Line]

  /// Creates a result from all orders of both lists.
  public init(vendor: String, at: Date, lines: [Line]) {
    self.vendor = vendor
    self.at = at
    matchedCount = lines.count { $0.finding == .matched }
    differences = lines.filter { $0.finding != .matched }
  }

  /// How many orders are of a kind.
  public func count(_ finding: Finding) -> Int {
    finding == .matched ? matchedCount : differences.count { $0.finding == finding }
  }
}

extension Ledger {
  /// Writes a result down, clean or not.
  ///
  /// Orders that only the vendor knows freeze it at once: what we do not know we did not agree to.
  public func record(
    _ reconciliation: Reconciliation, actor: String
  ) throws(LedgerError) {
    try checkActor(actor)
    try write { database in
      let findings = try JSON.encoder().encode(reconciliation)
      try database.execute(
        sql: """
          INSERT INTO reconciliation
            (vendor, matched, amount_differs, ours_only, theirs_only, findings, at, actor)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          reconciliation.vendor, reconciliation.count(.matched),
          reconciliation.count(.amountDiffers), reconciliation.count(.oursOnly),
          reconciliation.count(.theirsOnly), String(decoding: findings, as: UTF8.self),
          Timestamp.text(reconciliation.at), actor,
        ])
      let unknown = reconciliation.differences.filter { $0.finding == .theirsOnly }
      guard !unknown.isEmpty else { return }
      let names = unknown.prefix(5).compactMap(\.vendorOrder).joined(separator: ", ")
      try VendorFreeze.insert(
        reconciliation.vendor,
        reason: "it has \(unknown.count) of our orders that the ledger does not know: \(names)",
        actor: actor, at: reconciliation.at, in: database)
    }
  }

  /// The newest results, of one vendor or of all, the newest first.
  public func reconciliations(
    vendor: String? = nil, limit: Int = 30
  ) throws(LedgerError) -> [Reconciliation] {
    try read { database in
      try String.fetchAll(
        database,
        sql: """
          SELECT findings FROM reconciliation WHERE ? IS NULL OR vendor = ?
          ORDER BY id DESC LIMIT ?
          """, arguments: [vendor, vendor, limit]
      ).map { try JSON.decoder().decode(Reconciliation.self, from: Data($0.utf8)) }
    }
  }
}
