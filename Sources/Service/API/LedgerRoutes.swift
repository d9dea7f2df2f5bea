// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import Ledger
import Platform
import Wire

/// `/v1/ledger`: the books, read only.
struct LedgerRoutes: Sendable {
  private static let largestPage = 1000

  let ledger: Ledger
  /// Where the ledger is called, which blocks.
  let pool: ComputePool

  func add(to routes: inout RouteTable) {
    routes.get("v1/ledger/entries", entries)
    routes.get("v1/ledger/verify") { _, _ in
      let found = try await pool.run { [ledger] in try ledger.verify() }
      return try Answer.json(
        LedgerCheck(
          entryCount: Int64(found.entryCount), head: found.headHash, problems: found.problems))
    }
    routes.get("v1/ledger/export", export)
  }

  @Sendable private func entries(_ request: Request, _ context: APIContext) async throws -> Response
  {
    let page = try PageQuery(request, largestPage: Self.largestPage)
    let since = try Self.number(page.after, at: "?after")
    let budget = request.uri.queryParameters.get("budget")
    let entries = try await pool.run { [ledger] in
      // An unknown budget is an error, not an empty list.
      if let budget { _ = try ledger.budget(budget) }
      return try ledger.entries(budget: budget, since: since, limit: page.limit)
    }
    let next = entries.count == page.limit ? entries.last.map { "\($0.seq)" } : nil
    return try Answer.json(ItemList(items: entries.map(LedgerEntryRecord.init), next: next))
  }

  @Sendable private func export(_ request: Request, _ context: APIContext) async throws -> Response
  {
    let name = request.uri.queryParameters.get("format") ?? "hledger"
    guard let format = LedgerExportFormat(rawValue: name) else {
      let known = LedgerExportFormat.allCases.map(\.rawValue).joined(separator: ", ")
      throw ProblemDocument(
        "query-malformed", status: 400, title: "Malformed query", detail: "No such format.",
        where: "?format", got: name, do: "Use \(known).")
    }
    let since = try Self.number(request.uri.queryParameters.get("since"), at: "?since")
    let data = try await pool.run { [ledger] in try ledger.export(format, since: since) }
    let mediaType =
      switch format {
      case .csv: "text/csv; charset=utf-8"
      case .json: "application/json"
      case .hledger: "text/plain; charset=utf-8"
      }
    return Answer.data(data, mediaType: mediaType)
  }

  /// The number of an entry, 0 where none is given.
  private static func number(_ text: String?, at place: String) throws(ProblemDocument) -> Int64 {
    guard let number = Int64(text ?? "0"), number >= 0 else {
      throw ProblemDocument(
        "query-malformed", status: 400, title: "Malformed query",
        detail: "An entry's number is a whole number.", where: place, got: text,
        do: "Give the number of the last entry that you have.")
    }
    return number
  }
}

extension LedgerEntryRecord {
  init(_ entry: LedgerEntry) {
    self.init(
      sequence: entry.seq, at: entry.at, operation: entry.operation.rawValue,
      budget: entry.budget, order: entry.order?.text, item: entry.item, amount: entry.amount,
      actor: entry.actor, hash: entry.hash)
  }
}
