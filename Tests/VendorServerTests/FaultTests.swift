// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import TestSupport
import Testing
import Transfer
import VendorServer

/// What goes wrong on purpose, as a client meets it.
@Suite struct FaultTests {
  private let shop: Shopfront

  init() throws { shop = try Shopfront() }

  private func text(_ response: HTTPResponse) -> String {
    String(decoding: response.body, as: UTF8.self)
  }

  @Test func `it is written down`() async throws {
    let script = "- {when: quote, fault: 503, times: 2}\n- {when: quote, fault: price}"
    try await shop.open(script) { [shop] in
      var statuses: [Int] = []
      for _ in 0..<4 {
        statuses.append(try await shop.send(.post, "/v1/quotes", Shopfront.items).status)
      }
      #expect(statuses == [503, 503, 200, 200])
      let record = try await shop.read("/faults")
      #expect(record["calls"] as? [String: Int] == ["quote": 4])
      let events = try #require(record["injected"] as? [[String: Any]])
      #expect(events.map { $0["fault"] as? String } == ["status", "status", "price"])
      #expect(events.map { $0["attempt"] as? Int } == [1, 2, 3])
      let rules = try #require(record["rules"] as? [[String: Any]])
      #expect(rules.map { $0["left"] as? Int } == [0, 0])
    }
  }

  @Test func `the same seed draws the same chances`() async throws {
    let script = "{seed: 3, faults: [{when: quote, fault: 500, times: always, chance: 50}]}"
    var runs: [[Int]] = []
    for _ in 0..<2 {
      let statuses = StatusList()
      try await shop.open(script) { [shop] in
        for _ in 0..<12 {
          statuses.add(try await shop.send(.post, "/v1/quotes", Shopfront.items).status)
        }
      }
      runs.append(statuses.all)
    }
    #expect(runs[0] == runs[1])
    #expect(Set(runs[0]) == [200, 500])
  }

  @Test(arguments: [
    ("{when: quote, fault: html}", "<!DOCTYPE html>"), ("{when: quote, fault: empty}", ""),
    ("{when: quote, fault: duplicate-keys}", "{\"area_mm2\":\"another\",\"area_mm2\":"),
    ("{when: quote, fault: deep}", "[[[["), ("{when: quote, fault: charset}", ""),
    ("{when: quote, fault: price, with: {as: noise}}", ".0000001"),
    ("{when: quote, fault: price, with: {as: negative}}", "\"minor_units\":-"),
    ("{when: quote, fault: price, with: {as: other-currency}}", "USD"),
    ("{when: quote, fault: 400, with: {body: nested-429}}", "{\"code\":429}"),
    ("{when: quote, fault: 403, with: {body: quota}}", "\"availableQuota\":0"),
    ("{when: quote, fault: 503, with: {body: html}}", "<h1>"),
  ])
  func `answers say other things`(rule: String, words: String) async throws {
    try await shop.open("- \(rule)") { [shop] in
      let answer = try await shop.send(.post, "/v1/quotes", Shopfront.items)
      #expect(words.isEmpty || text(answer).contains(words), "\(text(answer).prefix(300))")
      let next = try await shop.send(.post, "/v1/quotes", Shopfront.items)
      #expect(text(next).contains("\"quote_id\""))
    }
  }

  @Test(arguments: ["nothing", "head", "body"])
  func `an answer is lost, and the call is done`(place: String) async throws {
    try await shop.open("- {when: submit, fault: lost-answer, with: {at: \(place)}}") { [shop] in
      let error = try await #require(throws: TransferError.self) { _ = try await shop.order() }
      #expect(!error.nothingWasSent)
      #expect(try await shop.count("orders", at: "/books") == 1)
    }
  }

  @Test func `a connection is closed, and nothing is done`() async throws {
    try await shop.open(
      "[{when: submit, fault: hang-up}, {when: submit, fault: hang, with: {seconds: 0}}]"
    ) { [shop] in
      for _ in 0..<2 {
        await #expect(throws: TransferError.self) { _ = try await shop.order() }
      }
      let orderCount = try await shop.count("orders", at: "/books")
      #expect(orderCount == 0)
    }
  }

  @Test(arguments: [
    ("{fault: fail, item: 1}", "partly_delivered", 1), ("{fault: fail}", "failed", 0),
    ("{fault: withdraw, with: {items: 1}}", "cancelled", 1),
    ("{fault: stuck, with: {seconds: 0}}", "delivered", 2),
    ("{fault: charge, with: {percent: 50}}", "delivered", 2),
  ])
  func `work goes wrong`(rule: String, state: String, salesCount: Int) async throws {
    try await shop.open("- {when: fulfil, \(rule.dropFirst())") { [shop] in
      let order = try await shop.ordered(until: [
        "delivered", "partly_delivered", "failed", "cancelled",
      ])
      #expect(order["state"] as? String == state)
      #expect(try await shop.salesCount() == salesCount)
      let items = try #require(order["items"] as? [[String: Any]])
      #expect(items.filter { $0["charge"] != nil }.count == salesCount)
      #expect(items.filter { $0["state"] as? String == "delivered" }.count == salesCount)
    }
  }

  @Test func `an order can be stuck, and others go on`() async throws {
    try await shop.open("- {when: fulfil, fault: stuck, order: 1}") { [shop] in
      let stuck = try #require(try await shop.order().fields["Location"])
      _ = try await shop.ordered(until: ["delivered"])
      #expect(try await shop.read(stuck)["state"] as? String == "running")
    }
  }

  @Test func `an order is taken twice, and sold twice`() async throws {
    try await shop.open("- {when: submit, fault: duplicate}") { [shop] in
      _ = try await shop.ordered(until: ["delivered"])
      while try await shop.salesCount() < 4 { try await Task.sleep(for: .milliseconds(10)) }
      #expect(try await shop.count("items", at: "/v1/orders") == 2)
    }
  }

  @Test func `money comes back`() async throws {
    try await shop.open("- {when: fulfil, fault: refund, with: {percent: 50, times: 2}}") {
      [shop] in
      let order = try await shop.ordered(until: ["delivered"])
      var refunds: [[String: Any]] = []
      while refunds.count < 2 {
        let statement = try await shop.read("/v1/statement?since=2026-01-01T00:00:00.000Z")
        refunds = try #require(statement["refunds"] as? [[String: Any]])
      }
      #expect(refunds.allSatisfy { $0["order_id"] as? String == order["order_id"] as? String })
      #expect(Set(refunds.map { $0["refund_id"] as? String }).count == 2)
    }
  }

  @Test(arguments: [
    "place", "crs", "pixel-size", "bands", "type", "blank", "swapped-axes", "absurd", "text",
  ])
  func `images are wrong, and well described`(kind: String) async throws {
    try await shop.open("- {when: fulfil, fault: wrong-image, item: 1, with: {kind: \(kind)}}") {
      [shop] in
      let order = try await shop.ordered(until: ["delivered", "failed"])
      #expect(order["state"] as? String == "delivered")
      let path = "/v1/orders/\(try #require(order["order_id"] as? String))/items"
      let (good, bad) = (
        try await shop.send(.get, "\(path)/0"), try await shop.send(.get, "\(path)/1")
      )
      #expect(good.status == 200 && bad.status == 200)
      #expect(good.body != bad.body)
    }
  }

  @Test func `a cancellation is only said to be one`() async throws {
    var terms = VendorTerms()
    terms.delay = .milliseconds(200)
    try await shop.open("- {when: cancel, fault: pretend}", terms: terms) { [shop] in
      let path = try #require(try await shop.order().fields["Location"])
      #expect(try await shop.send(.post, "\(path)/cancel").status == 200)
      while try await shop.read(path)["state"] as? String != "delivered" {
        try await Task.sleep(for: .milliseconds(20))
      }
      #expect(try await shop.salesCount() == 2)
    }
  }
}

/// Collects from another task.
private final class StatusList: Sendable {
  private let list = Mutex<[Int]>([])
  var all: [Int] { list.withLock { $0 } }
  func add(_ status: Int) { list.withLock { $0.append(status) } }
}
