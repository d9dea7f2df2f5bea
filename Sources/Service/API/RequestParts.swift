// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird
import Platform
import Wire

/// The `Idempotency-Key` of a request that creates or spends: the same key twice does it once.
struct IdempotencyKey {
  let text: String

  init(_ request: Request) throws {
    let given = HTTPField.Name("Idempotency-Key").flatMap { request.headers[$0] }
    guard let given else {
      throw ProblemDocument(
        "key-missing", status: 400, title: "Key missing",
        detail: "A request that creates or spends needs a key of its own.",
        where: "Idempotency-Key", do: "Send the header with a fresh UUID.")
    }
    let isPlain = given.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    guard isPlain, (1...255).contains(given.utf8.count) else {
      throw ProblemDocument(
        "header-malformed", status: 400, title: "Malformed header",
        detail: "The key is not 1 to 255 visible ASCII characters.", where: "Idempotency-Key",
        got: given, do: "Send a fresh UUID.")
    }
    text = given
  }
}

extension KeyedCallStore {
  /// Does `body` once for a key: the same request gives its first answer again, another is refused.
  ///
  /// The method and the path are part of what was asked for.
  func once<Answer: Codable & Sendable>(
    _ key: IdempotencyKey, for request: Request, _ bodyDigest: String,
    _ body: () async throws -> Answer
  ) async throws -> Answer {
    let asked = "\(request.method.rawValue) \(request.uri.string) \(bodyDigest)"
    return try await once(
      key: key.text, bodyDigest: Digest.sha256(Data(asked.utf8)), body)
  }
}

/// Which part of a list is asked for: `?after=...&limit=...`.
struct PageQuery {
  let after: String?
  let limit: Int

  init(_ request: Request, largestPage: Int = 1000) throws {
    after = request.uri.queryParameters.get("after")
    let given = request.uri.queryParameters.get("limit") ?? "\(largestPage)"
    guard let limit = Int(given), (1...largestPage).contains(limit) else {
      throw ProblemDocument(
        "query-malformed", status: 400, title: "Malformed query",
        detail: "The limit is not a number from 1 to \(largestPage).", where: "?limit", got: given,
        do: "Give a number from 1 to \(largestPage).")
    }
    self.limit = limit
  }

  /// The part of a list that is held whole; a page ends with the id of its last item.
  func page<Item: Sendable & Codable>(
    of items: [Item], id: (Item) -> String
  ) throws -> ItemList<Item> {
    var rest = items[...]
    if let after {
      guard let last = items.firstIndex(where: { id($0) == after }) else {
        throw ProblemDocument(
          "query-malformed", status: 400, title: "Malformed query",
          detail: "The list has no such item.", where: "?after", got: after,
          do: "Give what the page before has as next, or begin anew.")
      }
      rest = items[(last + 1)...]
    }
    let page = rest.prefix(limit)
    return ItemList(
      items: Array(page), next: page.count < rest.count ? page.last.map(id) : nil)
  }
}
