// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Hummingbird
import Ledger
import Logging
import Platform
import Purchasing
import Vendors
import Wire

/// `/v1/orders`: what was ordered, its history, and what a person decides about it.
struct OrderRoutes: Sendable {
  private static let largestPage = 200

  let ledger: Ledger
  let calls: KeyedCallStore
  /// Where the ledger is called, which blocks.
  let pool: ComputePool
  let now: @Sendable () -> Date

  func add(to routes: inout RouteTable) {
    routes.get("v1/orders", list)
    routes.get("v1/orders/:id") { request, context in
      let key = try Self.key(context)
      return try Answer.json(try await pool.run { [ledger] in try Self.detail(key, ledger) })
    }
    routes.post("v1/orders/:id/resolve", resolve)
  }

  @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
    let page = try PageQuery(request, largestPage: Self.largestPage)
    let query = request.uri.queryParameters
    let after = try page.after.map { try Self.key($0, at: "?after") }
    let openOnly = query.get("open") == "true"
    let vendor = query.get("vendor")
    let orders = try await pool.run { [ledger] in
      try ledger.newestOrders(
        openOnly: openOnly, vendor: vendor, before: after, limit: page.limit)
    }
    let next = orders.count == page.limit ? orders.last?.key.text : nil
    return try Answer.json(ItemList(items: orders.map(OrderSummaryRecord.init), next: next))
  }

  @Sendable private func resolve(_ request: Request, _ context: APIContext) async throws -> Response
  {
    let key = try Self.key(context)
    let call = try IdempotencyKey(request)
    let body = try await BodyReader(
      request, fields: ["decision", "vendor_order", "amount", "reason"])
    let (decision, reason) = (try body.text("decision"), try body.text("reason"))
    let resolution = try Self.resolution(decision, body)
    let (actor, date) = (await context.actor(), now())
    let record = try await calls.once(call, for: request, body.digest) {
      try await pool.run { [ledger] in
        try ledger.checkReason(reason)
        _ = try Purchaser.resolve(
          key, resolution, reason: reason, actor: actor, in: ledger, at: date)
        return try Self.detail(key, ledger)
      }
    }
    context.logger.notice(
      "order resolved",
      metadata: [
        "order": "\(key.text)", "decision": "\(decision)", "actor": "\(actor)",
      ])
    return try Answer.json(record)
  }

  private static func resolution(
    _ word: String, _ body: BodyReader
  ) throws -> PurchaseMachine.Resolution {
    switch OrderResolutionRequest.Decision(rawValue: word) {
    case .accepted: return .accepted(try body.text("vendor_order"))
    case .neverArrived: return .neverArrived
    case .pay: return .pay(total: try body.optionalMoney("amount"))
    case .credit: return .credit
    case nil:
      throw ProblemDocument.field(
        "decision", "There is no such decision.", got: word,
        do: "Use "
          + OrderResolutionRequest.Decision.allCases.map(\.rawValue).joined(separator: ", ")
          + ".")
    }
  }

  private static func key(_ context: APIContext) throws -> UUID {
    try key(try context.parameters.require("id"), at: nil)
  }

  private static func key(_ text: String, at place: String?) throws -> UUID {
    guard let key = UUID(uuidString: text) else {
      throw ProblemDocument(
        "not-found", status: 404, title: "Not found",
        detail: "\"\(text.prefix(64))\" is no order's key.", where: place,
        do: "List the orders with fovea order list.")
    }
    return key
  }

  private static func detail(_ key: UUID, _ ledger: Ledger) throws -> OrderDetailRecord {
    OrderDetailRecord(
      try ledger.order(key), entries: try ledger.entries(order: key),
      events: try ledger.history(of: key))
  }
}

extension OrderSummaryRecord {
  fileprivate init(_ order: OrderRecord) {
    self.init(
      key: order.key.text, job: order.job.text, vendor: order.vendor, state: order.state,
      price: order.quote?.price, held: order.held, captured: order.captured,
      vendorOrder: order.vendorOrderID,
      waiting: order.parking.map {
        Trouble(where: "order \(order.key.text)", what: "\($0.reason).", do: $0.remedy)
      }, createdAt: order.createdAt, updatedAt: order.updatedAt)
  }
}

extension OrderDetailRecord {
  fileprivate init(_ order: OrderRecord, entries: [LedgerEntry], events: [OrderEvent]) {
    let grid = order.draft.grid
    let side = Double(grid.lattice.chipSideMicrometres) / 1e9 / Double(grid.patchGrid.side)
    // The adapter's document; of one that it did not write the area is not known.
    let quote = order.quote.flatMap { try? JSON.decoder().decode(Quote.self, from: $0.document) }
    self.init(
      order: OrderSummaryRecord(order), product: order.draft.product.product,
      neededKm2: side * side * Double(order.draft.patchCount),
      billedKm2: quote?.areaSquareMillimetres.map { Double($0) / 1e12 },
      quoteValidUntil: order.quote?.validUntil,
      attempts: order.attempts.map {
        Attempt(number: $0.number, at: $0.at, bodySha256: $0.bodyDigest)
      },
      items: order.items.map {
        Item(
          number: $0.number, state: $0.state.rawValue,
          patchCount: order.draft.rectangles[$0.number].patchCount, charge: $0.charge,
          byteCount: $0.byteCount, sha256: $0.sha256)
      },
      entries: entries.map(LedgerEntryRecord.init),
      events: events.map { Event(at: $0.at, state: $0.state, note: $0.note, actor: $0.actor) },
      dispute: order.dispute.map {
        Dispute(
          charged: $0.charged, agreed: $0.agreed, setAside: $0.setAside, claim: $0.claim,
          reason: $0.reason, outcome: $0.outcome?.rawValue)
      })
  }
}
