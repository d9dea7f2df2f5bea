// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Platform
import TestSupport
import Testing
import Transfer
import VendorServer

/// The vendor as HTTP shows it.
@Suite struct VendorServerTests {
  private let folder: TemporaryFolder
  private let client = HTTPClient()

  private let prices: URL

  init() throws {
    folder = try TemporaryFolder()
    prices = folder.url.appending(path: "prices.yaml")
    try """
    vendor: shop
    currency: EUR
    source: "invented for this test"
    products:
      hr-10m: {per: km2, rate: "850", minimum_charge: 500, fee_per_order: 150}
    """.write(to: prices, atomically: false, encoding: .utf8)
  }

  private struct Order: Decodable {
    let orderId: String
    let state: String
    let charged: Money
  }

  private struct Sales: Decodable {
    struct Sale: Decodable { let charge: Money }
    let sales: [Sale]
    let total: Money
  }

  private func server(
    address: String? = nil, delay: Duration = .zero, product: String? = nil,
    image: String = "etc/demo/eurosat_hr.tif", state: String = "state"
  ) async throws -> VendorServer {
    var terms = VendorTerms()
    terms.delay = delay
    return try await VendorServer(
      VendorServerConfiguration(
        imageFile: TestPaths.root.appending(path: image),
        pricesFile: prices,
        product: product,
        address: try #require(ListenAddress(address ?? "unix:\(folder.url.path)/s")),
        stateFolder: folder.url.appending(path: state), terms: terms, logsOrders: false))
  }

  @Test func `a list that counts what requests do not say is refused at the start`() async throws {
    try """
    vendor: shop
    currency: EUR
    source: invented
    products:
      hr: {per: patch, rate: "35"}
    """.write(to: prices, atomically: false, encoding: .utf8)
    let error = await #expect(throws: VendorServerError.self) { try await server() }
    #expect("\(try #require(error))".contains("number of patches"))
  }

  /// Sends a request, by default to the Unix socket.
  private static func send(
    _ method: HTTPRequest.Method, _ path: String, to endpoint: Endpoint, body: String? = nil,
    fields: HTTPFields = [:]
  ) async throws -> HTTPResponse {
    try await HTTPClient().send(
      HTTPRequest(
        method, path, to: endpoint, fields: fields,
        body: body.map { .data(Data($0.utf8)) } ?? .none))
  }

  private func serving(
    delay: Duration = .zero, _ body: @escaping @Sendable (Endpoint) async throws -> Void
  ) async throws {
    let endpoint = try Endpoint(unixSocket: "\(folder.url.path)/s")
    try await server(delay: delay).serve { _ in try await body(endpoint) }
  }

  /// A request for windows, given in pixels of the scene: column, row, width, height.
  private static func request(
    _ windows: [(Double, Double, Double, Double)], crs: String = "EPSG:32632",
    product: String = "hr-10m"
  ) -> String {
    let items = windows.enumerated().map { number, window in
      let (west, north) = (640_130 + window.0 * 10, 5_330_410 - window.1 * 10)
      return """
        {"number":\(number),"west":\(west),"south":\(north - window.3 * 10),\
        "east":\(west + window.2 * 10),"north":\(north)}
        """
    }
    return """
      {"product":"\(product)","item":"mosaic","crs":"\(crs)","items":[\(items.joined(separator: ","))]}
      """
  }

  private static func place(_ body: String, at endpoint: Endpoint) async throws -> HTTPResponse {
    var generator = SystemRandomNumberGenerator()
    return try await send(
      .post, "/v1/orders", to: endpoint, body: body,
      fields: ["Idempotency-Key": UUID.version7(at: Date(), using: &generator).text])
  }

  private static func delivered(_ id: String, at endpoint: Endpoint) async throws -> Order {
    while true {
      let response = try await send(.get, "/v1/orders/\(id)", to: endpoint)
      let order = try JSON.decoder().decode(Order.self, from: response.body)
      if order.state == "delivered" { return order }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  @Test func `it says what it sells`() async throws {
    try await serving { endpoint in
      let response = try await Self.send(.get, "/v1/product", to: endpoint)
      let text = String(decoding: response.body, as: UTF8.self)
      #expect(text.contains(#""crs":"EPSG:32632""#))
      #expect(text.contains(#""ground_sample_distance_m":10"#))
      #expect(try await Self.send(.get, "/healthz", to: endpoint).status == 200)
    }
  }

  @Test func `it listens on a free port of this machine`() async throws {
    try await server(address: "127.0.0.1:0").serve { address in
      let endpoint = try Endpoint("http://\(address)", trustsLocal: true)
      #expect(try await Self.send(.get, "/healthz", to: endpoint).status == 200)
    }
  }

  @Test func `what cannot be sold is refused in words`() async throws {
    let cases: [(body: String, status: Int, words: String)] = [
      (Self.request([(0.5, 0, 16, 16)]), 422, "Item 0 does not begin and end on the product's"),
      (Self.request([(760, 0, 16, 16)]), 422, "reaches beyond the product's extent: 640130"),
      (Self.request([(0, 0, 16, 16), (8, 8, 16, 16)]), 422, "Items 0 and 1 overlap."),
      (Self.request([(0, 0, 16, 16)], crs: "EPSG:4326"), 422, "the product is in EPSG:32632"),
      (Self.request([(0, 0, 16, 16)], product: "x"), 422, "hr-10m/mosaic is"),
      (Self.request([]), 422, "an order has 1 to 500"),
      (Self.request(Array(repeating: (0, 0, 16, 16), count: 501)), 422, "501 items"),
      ("{\"a\":", 400, "The body is not a JSON object."), ("{}", 400, "has no product"),
      (
        Self.request([(0, 0, 16, 16)]).replacingOccurrences(
          of: "\"number\":0", with: "\"number\":3"),
        422, "Items are numbered 0, 1, 2"
      ),
    ]
    try await serving { endpoint in
      for (body, status, words) in cases {
        let response = try await Self.send(.post, "/v1/quotes", to: endpoint, body: body)
        let text = String(decoding: response.body, as: UTF8.self)
        #expect(response.status == status, "\(text)")
        #expect(response.fields["Content-Type"] == "application/problem+json")
        #expect(text.contains(words), "\(text)")
        #expect(try await Self.place(body, at: endpoint).status == status)
      }
      let books = try await Self.send(.get, "/books", to: endpoint)
      #expect(try JSON.decoder().decode(Sales.self, from: books.body).sales.isEmpty)
    }
  }

  @Test func `an order needs a key, and the price that was agreed`() async throws {
    let body = Self.request([(0, 0, 16, 16)])
    let terms: [(String, String)] = [
      (#""price":{"minor_units":1,"currency":"EUR"}"#, "These items cost 6.50 EUR."),
      (#""quote_id":"none""#, "There is no quote none for these items."),
      (#""reference":"another""#, "is not the Idempotency-Key"),
    ]
    try await serving { endpoint in
      let without = try await Self.send(.post, "/v1/orders", to: endpoint, body: body)
      #expect(without.status == 400)
      for (term, words) in terms {
        let response = try await Self.place("\(body.dropLast()),\(term)}", at: endpoint)
        #expect(response.status == 422)
        #expect(String(decoding: response.body, as: UTF8.self).contains(words))
      }
    }
  }

  @Test func `an item can be fetched from any byte on`() async throws {
    try await serving { endpoint in
      let placed = try await Self.place(Self.request([(0, 0, 32, 16)]), at: endpoint)
      #expect(placed.status == 201)
      let path = try #require(placed.fields["Location"])
      _ = try await Self.delivered(String(path.dropFirst("/v1/orders/".count)), at: endpoint)
      let whole = try await Self.send(.get, "\(path)/items/0", to: endpoint)
      let tag = try #require(whole.fields["ETag"])
      #expect(tag == "\"\(Digest.sha256(whole.body))\"")
      let rest = try await Self.send(
        .get, "\(path)/items/0", to: endpoint, fields: ["Range": "bytes=100-", "If-Range": tag])
      #expect(rest.status == 206)
      #expect(rest.body == whole.body.dropFirst(100))
      let count = whole.body.count
      #expect(rest.fields["Content-Range"] == "bytes 100-\(count - 1)/\(count)")
      let changed = try await Self.send(
        .get, "\(path)/items/0", to: endpoint, fields: ["Range": "bytes=100-", "If-Range": "\"x\""])
      #expect(changed.status == 200)
      #expect(changed.body == whole.body)
      let beyond = try await Self.send(
        .get, "\(path)/items/0", to: endpoint, fields: ["Range": "bytes=\(count)-"])
      #expect(beyond.status == 416)
      #expect(try await Self.send(.get, "\(path)/items/1", to: endpoint).status == 404)
    }
  }

  @Test func `a restart keeps the books and finishes what was begun`() async throws {
    let location = try await server(delay: .milliseconds(300)).serve { [folder] _ in
      let endpoint = try Endpoint(unixSocket: "\(folder.url.path)/s")
      let placed = try await Self.place(Self.request([(0, 0, 16, 16)]), at: endpoint)
      return placed.fields["Location"]
    }
    let id = try #require(location).dropFirst("/v1/orders/".count)
    for _ in 0..<2 {
      try await serving { endpoint in
        let order = try await Self.delivered(String(id), at: endpoint)
        #expect(order.charged.minorUnits == 650)
        let books = try await Self.send(.get, "/books", to: endpoint)
        let sales = try JSON.decoder().decode(Sales.self, from: books.body)
        #expect(sales.sales.map(\.charge.minorUnits) == [650])
        #expect(sales.total.minorUnits == 650)
      }
    }
  }

  @Test func `a state folder and a socket have one vendor each`() async throws {
    let path = "\(folder.url.path)/s"
    let rivals = [
      (try await server(address: "unix:\(path)2"), "process \(getpid())"),
      (try await server(state: "other"), "\(path) is in use by another program"),
    ]
    try await serving { endpoint in
      for (rival, words) in rivals {
        let error = await #expect(throws: PlatformError.self) { try await rival.serve { _ in } }
        #expect(error?.description.contains(words) == true)
      }
      let books = try await Self.send(.get, "/books", to: endpoint)
      #expect(books.status == 200)
    }
    // What nobody answers on is an ended program's, as after a kill.
    try Self.leaveSocket(at: path)
    try await serving { endpoint in
      let books = try await Self.send(.get, "/books", to: endpoint)
      #expect(books.status == 200)
    }
    unlink(path)
    try Data("mine".utf8).write(to: URL(filePath: path))
    await #expect(throws: PlatformError.self) { try await server().serve { _ in } }
    #expect(try Data(contentsOf: URL(filePath: path)) == Data("mine".utf8))
  }

  /// Binds a socket and closes it, which leaves its file.
  private static func leaveSocket(at path: String) throws {
    unlink(path)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(result == 0)
  }

  @Test func `without an image or a price there is no shop`() async throws {
    let image = try await #require(throws: VendorServerError.self) {
      _ = try await server(image: "README.md")
    }
    #expect("\(image)".contains("the image cannot be sold"))
    let product = try await #require(throws: VendorServerError.self) {
      _ = try await server(product: "hr-1m")
    }
    #expect("\(product)".contains("has no product hr-1m. Give one of hr-10m with --product."))
  }

  @Test func `addresses are read, and nothing else`() {
    for text in ["unix:/run/v.sock", "127.0.0.1:0"] {
      #expect(ListenAddress(text)?.description == text)
    }
    for text in ["0.0.0.0:80", "unix:", "127.0.0.1:70000", "example.com:80", ""] {
      #expect(ListenAddress(text) == nil)
    }
  }
}
