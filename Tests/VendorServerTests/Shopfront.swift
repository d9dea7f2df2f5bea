// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Platform
import TestSupport
import Testing
import Transfer
import VendorServer

/// A vendor on a folder of its own, and plain requests to it.
struct Shopfront: Sendable {
  let folder: TemporaryFolder
  let prices: URL
  let endpoint: Endpoint
  let client = HTTPClient()

  init() throws {
    folder = try TemporaryFolder()
    prices = folder.url.appending(path: "prices.yaml")
    endpoint = try Endpoint(unixSocket: "\(folder.url.path)/s")
    try """
    vendor: shop
    currency: EUR
    source: "invented for this test"
    products:
      hr-10m: {per: km2, rate: "850", minimum_charge: 500, fee_per_order: 150}
    """.write(to: prices, atomically: false, encoding: .utf8)
  }

  /// Runs the vendor for as long as `body` runs.
  func open(
    _ script: String = "[]", terms: VendorTerms = VendorTerms(), key: String? = nil,
    _ body: @escaping @Sendable () async throws -> Void
  ) async throws {
    let server = try await VendorServer(
      VendorServerConfiguration(
        imageFile: TestPaths.root.appending(path: "etc/demo/eurosat_hr.tif"), pricesFile: prices,
        product: nil, address: .unixSocket(path: "\(folder.url.path)/s"),
        stateFolder: folder.url.appending(path: "state"), terms: terms, key: key.map { Secret($0) },
        faults: try FaultScript(yaml: script), logsOrders: false))
    try await server.serve { _ in try await body() }
  }

  func send(
    _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, fields: HTTPFields = [:]
  ) async throws -> HTTPResponse {
    try await client.send(
      HTTPRequest(
        method, path, to: endpoint, fields: fields,
        body: body.map { .data(Data($0.utf8)) } ?? .none))
  }

  /// The document that a path answers with.
  func read(_ path: String) async throws -> [String: Any] {
    let response = try await send(.get, path)
    return try #require(try JSONSerialization.jsonObject(with: response.body) as? [String: Any])
  }

  static let items = """
    {"product":"hr-10m","item":"mosaic","crs":"EPSG:32632","items":[\
    {"number":0,"west":640130,"south":5330090,"east":640450,"north":5330410},\
    {"number":1,"west":640770,"south":5330090,"east":641090,"north":5330410}]}
    """

  /// Orders two items, under a key of its own or the one given.
  func order(key: String = UUID().uuidString.lowercased()) async throws -> HTTPResponse {
    try await send(.post, "/v1/orders", Self.items, fields: ["Idempotency-Key": key])
  }

  /// Orders two items, and waits until the order is in one of the states.
  func ordered(until states: Set<String>) async throws -> [String: Any] {
    let path = try #require(try await order().fields["Location"])
    while true {
      let document = try await read(path)
      if let state = document["state"] as? String, states.contains(state) { return document }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  func salesCount() async throws -> Int { try await count("sales", at: "/books") }

  /// The length of a list in a document.
  func count(_ member: String, at path: String) async throws -> Int {
    (try await read(path)[member] as? [Any])?.count ?? -1
  }
}
