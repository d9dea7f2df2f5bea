// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Hummingbird
import Ledger
import Logging
import Platform
import Purchasing
import Wire

/// What there is to money beside the entries: frozen vendors, refunds, reconciliations, copies.
struct AccountRoutes: Sendable {
  let bookkeeping: Bookkeeping
  let calls: KeyedCallStore
  /// Where copies of the ledger go.
  let backups: URL

  private var ledger: Ledger { bookkeeping.ledger }
  private var pool: ComputePool { bookkeeping.pool }

  func add(to routes: inout RouteTable) {
    routes.get("v1/ledger/refunds") { request, _ in
      let refunds = try await pool.run { [ledger] in try ledger.refunds() }
      return try Answer.json(
        try PageQuery(request).page(of: refunds.map(RefundNote.init)) { "\($0.vendor) \($0.id)" })
    }
    routes.get("v1/ledger/reconciliations") { _, _ in
      let results = try await pool.run { [ledger] in try ledger.reconciliations() }
      return try Answer.json(ItemList(items: results.map(ReconciliationRecord.init)))
    }
    routes.post("v1/ledger/backups", backup)
    routes.post("v1/vendors/:name/unfreeze", unfreeze)
    routes.post("v1/vendors/:name/reconcile", reconcile)
  }

  @Sendable private func unfreeze(
    _ request: Request, _ context: APIContext
  ) async throws -> Response {
    let name = try context.parameters.require("name")
    let key = try IdempotencyKey(request)
    let body = try await BodyReader(request, fields: ["reason"])
    let reason = try body.text("reason")
    let (actor, date) = (await context.actor(), bookkeeping.now())
    let freezes = try await calls.once(key, for: request, body.digest) {
      try await pool.run { [ledger] in
        try ledger.unfreeze(name, reason: reason, actor: actor, at: date)
        return try ledger.frozenVendors().map {
          FreezeRecord(vendor: $0.vendor, reason: $0.reason, at: $0.at)
        }
      }
    }
    context.logger.notice(
      "vendor released", metadata: ["vendor": "\(name)", "actor": "\(actor)"])
    return try Answer.json(ItemList(items: freezes))
  }

  @Sendable private func reconcile(
    _ request: Request, _ context: APIContext
  ) async throws -> Response {
    let name = try context.parameters.require("name")
    let result = try await bookkeeping.reconcile(name, actor: await context.actor())
    return try Answer.json(ReconciliationRecord(result))
  }

  @Sendable private func backup(_ request: Request, _ context: APIContext) async throws -> Response
  {
    let key = try IdempotencyKey(request)
    // The daemon chooses the place: a client's path is not one that a daemon writes to.
    let name = Timestamp.text(bookkeeping.now()).replacing(":", with: "")
    let folder = backups.appending(path: name)
    let record = try await calls.once(key, for: request, Digest.sha256(Data())) {
      let found = try await pool.run { [ledger] in try ledger.backup(to: folder) }
      return BackupRecord(folder: folder.path, entryCount: found.entryCount)
    }
    context.logger.info("ledger copied", metadata: ["folder": "\(record.folder)"])
    return try Answer.json(record, status: .created)
  }
}

extension RefundNote {
  fileprivate init(_ record: RefundRecord) {
    self.init(
      vendor: record.vendor, id: record.refund.id, vendorOrder: record.refund.vendorOrder,
      order: record.order?.text, amount: record.refund.amount, entry: record.entry,
      obstacle: record.obstacle)
  }
}

extension ReconciliationRecord {
  fileprivate init(_ result: Reconciliation) {
    self.init(
      vendor: result.vendor, at: result.at, matchedCount: result.matchedCount,
      differences: result.differences.map {
        Difference(
          finding: $0.finding.rawValue, order: $0.order?.text, vendorOrder: $0.vendorOrder,
          paid: $0.paid, charged: $0.charged)
      })
  }
}
