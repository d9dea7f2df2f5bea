// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform
import Testing
import Transfer
import VendorServer

/// What the interface can do, as different vendors' can.
@Suite struct VendorTermsTests {
  private let shop: Shopfront
  private let key = UUID().uuidString.lowercased()

  init() throws { shop = try Shopfront() }

  @Test(arguments: [
    (VendorTerms.RepeatedSubmit.replays, 201, 1), (.refuses, 409, 1), (.none, 201, 2),
  ])
  func `a key that comes twice`(
    repeated: VendorTerms.RepeatedSubmit, status: Int, orderCount: Int
  ) async throws {
    var terms = VendorTerms()
    terms.repeatedSubmit = repeated
    try await shop.open(terms: terms) { [shop, key] in
      let first = try await shop.order(key: key)
      let second = try await shop.order(key: key)
      #expect(second.status == status)
      #expect((first.body == second.body) == (repeated == .replays))
      #expect(try await shop.count("items", at: "/v1/orders?reference=\(key)") == orderCount)
    }
  }

  @Test(arguments: [
    (VendorTerms.LookUp.byKey, 200, 200), (.byListing, 404, 200), (.none, 404, 404),
  ])
  func `how an order is found`(
    lookUp: VendorTerms.LookUp, byKey: Int, byListing: Int
  ) async throws {
    var terms = VendorTerms()
    terms.lookUp = lookUp
    try await shop.open(terms: terms) { [shop, key] in
      _ = try await shop.order(key: key)
      #expect(try await shop.send(.get, "/v1/orders?reference=\(key)").status == byKey)
      #expect(try await shop.send(.get, "/v1/orders").status == byListing)
    }
  }

  @Test func `a look-up can lag`() async throws {
    let path = "/v1/orders?reference=\(key)"
    var terms = VendorTerms()
    terms.lookUpLag = .seconds(3600)
    try await shop.open(terms: terms) { [shop, key] in
      _ = try await shop.order(key: key)
      #expect(try await shop.count("items", at: path) == 0)
    }
    terms.lookUpLag = .milliseconds(300)
    try await shop.open(terms: terms) { [shop] in
      while try await shop.count("items", at: path) == 0 {
        try await Task.sleep(for: .milliseconds(100))
      }
    }
  }

  @Test(arguments: [
    (VendorTerms.Cancellation.never, 409), (.untilRunning, 200), (.untilDelivery, 200),
  ])
  func `whether an order can be cancelled`(
    cancellation: VendorTerms.Cancellation, status: Int
  ) async throws {
    var terms = VendorTerms()
    terms.cancellation = cancellation
    terms.delay = .seconds(3600)
    try await shop.open(terms: terms) { [shop] in
      let path = try #require(try await shop.order().fields["Location"])
      #expect(try await shop.send(.post, "\(path)/cancel").status == status)
    }
  }

  @Test func `a quote ends`() async throws {
    var terms = VendorTerms()
    terms.quoteLifetime = .zero
    try await shop.open(terms: terms) { [shop, key] in
      let quote = try await shop.send(.post, "/v1/quotes", Shopfront.items)
      let text = String(decoding: quote.body, as: UTF8.self)
      let id = try #require(text.firstMatch(of: /"quote_id":"([^"]+)"/)?.output.1)
      let order = try await shop.send(
        .post, "/v1/orders", "\(Shopfront.items.dropLast()),\"quote_id\":\"\(id)\"}",
        fields: ["Idempotency-Key": key])
      #expect(order.status == 422)
      #expect(String(decoding: order.body, as: UTF8.self).contains("Quote expired"))
    }
  }

  @Test func `what it can do is announced`() async throws {
    var terms = VendorTerms()
    terms.repeatedSubmit = .refuses
    terms.lookUpLag = .seconds(5)
    try await shop.open(terms: terms) { [shop] in
      let document = try await shop.read("/v1/capabilities")
      #expect(document["repeat_safe_submit"] as? String == "refuses")
      #expect(document["look_up"] as? String == "by-key")
      #expect(document["look_up_lag_seconds"] as? Double == 5)
      #expect(document["cancel"] as? String == "until-delivery")
    }
  }

  @Test func `a key is asked for where there is one`() async throws {
    try await shop.open(key: "k3y") { [shop] in
      let stranger = try await shop.send(.get, "/v1/product")
      #expect(stranger.status == 401)
      for (path, status) in [("/v1/product", 200), ("/v1/orders/x", 404)] {
        #expect(
          try await shop.send(.get, path, fields: ["Authorization": "Bearer k3y"]).status == status)
      }
      #expect(try await shop.order().status == 401)
      #expect(try await shop.send(.get, "/books").status == 200)
    }
  }

  @Test func `the interface is described, every call of it`() async throws {
    try await shop.open { [shop] in
      let document = try await shop.read("/v1/openapi.json")
      #expect(document["openapi"] as? String == "3.1.0")
      let paths = try #require(document["paths"] as? [String: [String: Any]])
      let calls = paths.flatMap { path, operations in
        operations.keys.filter { $0 != "parameters" }.map { "\($0) \(path)" }
      }
      #expect(
        calls.sorted() == [
          "get /v1/capabilities", "get /v1/orders", "get /v1/orders/{id}",
          "get /v1/orders/{id}/deliveries", "get /v1/orders/{id}/items/{number}",
          "get /v1/product", "get /v1/statement", "post /v1/orders", "post /v1/orders/{id}/cancel",
          "post /v1/quotes",
        ])
      for call in calls {
        let parts = call.replacing("{id}", with: "x").replacing("{number}", with: "0")
          .split(separator: " ")
        let method: HTTPRequest.Method = parts[0] == "get" ? .get : .post
        let answer = try await shop.send(method, String(parts[1]))
        // What is described is there: a refusal of its own words, not of the router's.
        #expect(answer.status != 405 && !(answer.status == 404 && answer.body.isEmpty), "\(call)")
      }
    }
  }
}
