// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Client
import Foundation
import Service
import TestSupport
import Testing
import Transfer
import Wire

/// Bad input of every kind that the API can receive: its own answer, and nothing is changed.
@Suite(.timeLimit(.minutes(10))) struct BadInputTests {
  /// A request that is refused, and how.
  struct Row: Sendable, CustomTestStringConvertible {
    let fault: String
    var method = HTTPRequest.Method.post
    var path = "/v1/jobs"
    var body: Data?
    var fields: [String: String] = Self.json
    let status: Int
    let type: String
    var place: String?

    static let json = ["Content-Type": "application/json", "Idempotency-Key": "bad"]
    var testDescription: String { fault }

    /// A request whose body is JSON, or meant to be.
    static func send(
      _ fault: String, to path: String = "/v1/jobs", _ body: String, _ status: Int, _ type: String,
      at place: String? = nil
    ) -> Row {
      Row(
        fault: fault, path: path, body: Data(body.utf8), status: status, type: type, place: place)
    }

    /// A job with a region.
    static func region(
      _ fault: String, _ region: String, _ status: Int, _ type: String, at place: String?
    ) -> Row {
      send(fault, job(#""region": \#(region)"#), status, type, at: place.map { "/region\($0)" })
    }

    /// A job with a rectangle of ground.
    static func ring(
      _ fault: String, _ ring: String, _ status: Int, _ type: String, at place: String?
    ) -> Row {
      region(
        fault, #"{"type": "Polygon", "coordinates": [\#(ring)]}"#, status, type, at: place)
    }

    /// A budget with an amount.
    static func amount(_ fault: String, _ amount: String, _ type: String, at place: String?) -> Row
    {
      send(
        fault, to: "/v1/budgets", #"{"id": "b", "amount": \#(amount)}"#, 422, type, at: place)
    }

    /// A job whose model is there, over the scene's own grid.
    static func imagery(_ rest: String) -> String {
      #"{"scene": "SCENE", "model": "eurosat-s2-10m", "vendor": "demo", "budget": "euros", "#
        + #""grid_origin": "scene", \#(rest)}"#
    }

    static func job(_ rest: String) -> String {
      #"{"scene": "SCENE", "model": "m", "vendor": "demo", "budget": "euros", \#(rest)}"#
    }
  }

  static let regions: [Row] = [
    .region("no GeoJSON", "5", 400, "region-malformed", at: "/type"),
    .region(
      "a line, no area", #"{"type": "LineString", "coordinates": [[8, 50], [9, 50]]}"#, 400,
      "region-malformed", at: "/type"),
    .region(
      "a CRS of its own",
      #"{"type": "Polygon", "crs": {}, "coordinates": [[[8,50],[9,50],[9,51],[8,50]]]}"#, 400,
      "region-malformed", at: "/crs"),
    .ring(
      "ring not closed", "[[8,50],[9,50],[9,51],[8,51]]", 422, "region-invalid",
      at: "/coordinates/0"),
    .ring("three points", "[[8,50],[9,50],[8,50]]", 422, "region-invalid", at: "/coordinates/0"),
    .ring(
      "crosses itself", "[[8,50],[9,51],[9,50],[8,51],[8,50]]", 422, "region-invalid", at: nil),
    .ring(
      "hole outside", "[[8,50],[9,50],[9,51],[8,51],[8,50]],[[1,1],[2,1],[2,2],[1,1]]", 422,
      "region-invalid", at: nil),
    .ring(
      "latitude 151", "[[8,50],[9,50],[9,151],[8,50]]", 422, "region-out-of-range",
      at: "/coordinates/0/2/1"),
    .ring(
      "longitude 181", "[[8,50],[181,50],[9,51],[8,50]]", 422, "region-out-of-range",
      at: "/coordinates/0/1/0"),
    .ring(
      "over the antimeridian", "[[170,0],[-170,0],[-170,1],[170,1],[170,0]]", 422,
      "region-unsupported", at: "/coordinates/0/1"),
    .ring(
      "10,001 points",
      "[" + (0..<10_000).map { "[8.\(10_000 + $0),50]" }.joined(separator: ",")
        + ",[8.1,51],[8.10000,50]]", 422, "region-unsupported", at: "/coordinates"),
    .ring("no area", "[[8,50],[8,50],[8,50],[8,50]]", 422, "region-invalid", at: nil),
    .ring(
      "outside of the scene", "[[-60,-10],[-59,-10],[-59,-9],[-60,-9],[-60,-10]]", 422,
      "region-no-overlap", at: ""),
  ]

  static let bodies: [Row] = [
    .send("cut off", #"{"scene": "#, 400, "body-malformed", at: "1:11"),
    .send("empty", "", 400, "body-malformed", at: "1:1"),
    .send("name twice", #"{"scene": "a", "scene": "b"}"#, 400, "body-malformed", at: "1:16"),
    .send("33 deep", String(repeating: "[", count: 33), 400, "body-malformed", at: "1:34"),
    Row(
      fault: "no UTF-8", body: Data([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D]), status: 400,
      type: "body-malformed", place: "1:2"),
    .send("not an object", "[]", 422, "field-type", at: "/"),
    .send("unknown field", Row.job(#""buget": "b""#), 422, "field-unknown", at: "/buget"),
    .send(
      "unknown field within", to: "/v1/budgets",
      #"{"id": "b", "amount": {"minor_units": 1, "currency": "EUR", "unit": 1}}"#, 422,
      "field-unknown", at: "/amount/unit"),
    .send(
      "wrong type", Row.job(#""keep_threshold": "high""#), 422, "field-type", at: "/keep_threshold"),
    .send("missing field", #"{"scene": "s"}"#, 422, "field-missing", at: "/model"),
    .send(
      "over 1 MiB", String(repeating: " ", count: 1 << 20) + "{}", 413, "too-large"),
    Row(
      fault: "no JSON type", body: Data("{}".utf8),
      fields: ["Content-Type": "text/plain", "Idempotency-Key": "bad"], status: 415,
      type: "unsupported-type", place: "Content-Type"),
    Row(
      fault: "no type", path: "/v1/budgets", body: Data("{}".utf8),
      fields: ["Content-Type": "", "Idempotency-Key": "bad"], status: 415,
      type: "unsupported-type", place: "Content-Type"),
    .send(
      "unknown scene", Row.job(#""tag": "t""#).replacing("SCENE", with: "ffff"), 422, "field-value",
      at: "/scene"),
    .send("unknown model", Row.job(#""tag": "t""#), 422, "field-value", at: "/model"),
    .send(
      "unknown vendor", Row.job(#""tag": "t""#).replacing("demo", with: "dmo"), 422, "field-value",
      at: "/vendor"),
    .send(
      "unknown budget", Row.job(#""tag": "t""#).replacing("euros", with: "pounds"), 422,
      "field-value", at: "/budget"),
    .send(
      "threshold over 1", Row.job(#""keep_threshold": 1.5"#), 422, "field-value",
      at: "/keep_threshold"),
    .send(
      "grid origin nowhere", Row.job(#""grid_origin": "here""#), 422, "field-value",
      at: "/grid_origin"),
    .send(
      "grid CRS without a code", Row.job(#""grid_crs": "UTM 32""#), 422, "field-value",
      at: "/grid_crs"),
    .send(
      "grid CRS that is not", Row.job(#""grid_crs": "EPSG:1""#), 422, "field-value", at: "/grid_crs"
    ),
    .send(
      "grid CRS in degrees", Row.job(#""grid_crs": "EPSG:4326""#), 422, "field-value",
      at: "/grid_crs"),
    .send(
      "grid CRS in feet", Row.job(#""grid_crs": "EPSG:2263""#), 422, "field-value", at: "/grid_crs"),
    .send(
      "grid CRS of Mercator", Row.job(#""grid_crs": "EPSG:3857""#), 422, "field-value",
      at: "/grid_crs"),
    .send(
      "grid CRS of the other side of the Earth", Row.job(#""grid_crs": "EPSG:32601""#), 422,
      "field-value", at: "/grid_crs"),
    .send(
      "grid origin of a scene in another CRS",
      Row.job(#""grid_crs": "EPSG:32633", "grid_origin": "scene""#), 422, "field-value",
      at: "/grid_origin"),
    .send("bands as a text", Row.job(#""bands": "1,2,3""#), 422, "field-type", at: "/bands"),
    .send("no bands", Row.job(#""bands": []"#), 422, "field-type", at: "/bands"),
    .send("band 0", Row.job(#""bands": [0, 1, 2]"#), 422, "field-value", at: "/bands"),
    .send("half a band", Row.job(#""bands": [1.5, 1, 2]"#), 422, "field-value", at: "/bands"),
    .send("band 12 of 3", Row.imagery(#""bands": [1, 2, 12]"#), 422, "scene-bands", at: "/bands"),
    .send("two bands of three", Row.imagery(#""bands": [1, 2]"#), 422, "scene-bands", at: "/bands"),
    .send("a stretch as a number", Row.job(#""stretch": 3"#), 422, "field-type", at: "/stretch"),
    .send("no stretch", Row.job(#""stretch": []"#), 422, "field-value", at: "/stretch"),
    .send(
      "a stretch that falls", Row.job(#""stretch": [{"minimum": 5, "maximum": 5}]"#), 422,
      "field-value", at: "/stretch"),
    .send(
      "two stretches of three",
      Row.imagery(
        #""stretch": [{"minimum": 0, "maximum": 9}, {"minimum": 0, "maximum": 9}]"#), 422,
      "field-value", at: "/stretch"),
    .send(
      "a stretch of an 8-bit scene", Row.imagery(#""stretch": {"minimum": 0, "maximum": 9}"#), 422,
      "field-value", at: "/stretch"),
    .send(
      "control character in the tag", Row.job(#""tag": "\u0007""#), 422, "field-value", at: "/tag"),
  ]

  static let money: [Row] = [
    .amount("money as a number", "5", "field-type", at: "/amount"),
    .amount(
      "1e3", #"{"minor_units": 1e3, "currency": "EUR"}"#, "amount-malformed",
      at: "/amount/minor_units"),
    .amount(
      "a decimal", #"{"minor_units": 12.5, "currency": "EUR"}"#, "amount-malformed",
      at: "/amount/minor_units"),
    .amount(
      "minor units as text", #"{"minor_units": "1,000", "currency": "EUR"}"#, "field-type",
      at: "/amount"),
    .amount("no currency", #"{"minor_units": 5}"#, "field-type", at: "/amount"),
    .amount(
      "unknown currency", #"{"minor_units": 5, "currency": "EURO"}"#, "amount-malformed",
      at: "/amount"),
    .amount("negative", #"{"minor_units": -1, "currency": "EUR"}"#, "field-value", at: "/amount"),
    .amount(
      "over 10^12", #"{"minor_units": 1000000000001, "currency": "EUR"}"#, "amount-malformed",
      at: "/amount"),
    .amount(
      "over Int64", #"{"minor_units": 9223372036854775808, "currency": "EUR"}"#, "amount-malformed",
      at: "/amount/minor_units"),
    .send(
      "a name in capitals", to: "/v1/budgets",
      #"{"id": "B", "amount": {"minor_units": 1, "currency": "EUR"}}"#, 422, "name-malformed"),
    .send(
      "budget that exists", to: "/v1/budgets",
      #"{"id": "euros", "amount": {"minor_units": 1, "currency": "EUR"}}"#, 409, "budget-exists"),
    .send(
      "nothing granted", to: "/v1/budgets/euros/grants",
      #"{"amount": {"minor_units": 0, "currency": "EUR"}}"#, 422, "amount-malformed"),
    .send(
      "negative grant", to: "/v1/budgets/euros/grants",
      #"{"amount": {"minor_units": -5, "currency": "EUR"}}"#, 422, "amount-malformed"),
    .send(
      "grant in dollars", to: "/v1/budgets/euros/grants",
      #"{"amount": {"minor_units": 5, "currency": "USD"}}"#, 422, "amount-malformed"),
    .send(
      "grant to nobody", to: "/v1/budgets/pounds/grants",
      #"{"amount": {"minor_units": 5, "currency": "GBP"}}"#, 404, "not-found"),
    .send(
      "cap in dollars", Row.job(#""cap": {"minor_units": 5, "currency": "USD"}"#), 422,
      "field-value", at: "/cap"),
    .send(
      "negative cap", Row.job(#""cap": {"minor_units": -5, "currency": "EUR"}"#), 422,
      "field-value", at: "/cap"),
  ]

  /// What would be taken with a key of its own.
  static let valid = [
    "/v1/budgets": #"{"id": "b", "amount": {"minor_units": 1, "currency": "EUR"}}"#,
    "/v1/budgets/euros/grants": #"{"amount": {"minor_units": 1, "currency": "EUR"}}"#,
  ]

  static let requests: [Row] =
    [
      Row(fault: "no such path", method: .get, path: "/v1/job", status: 404, type: "not-found"),
      Row(fault: "no path at all", method: .get, path: "/", status: 404, type: "not-found"),
      Row(fault: "wrong method", method: .delete, path: "/v1/jobs", status: 405, type: "method"),
      Row(
        fault: "wrong method below", method: .put, path: "/v1/budgets/euros", status: 405,
        type: "method"),
      Row(
        fault: "unknown job", method: .get, path: "/v1/jobs/\(Samples.jobID(1))", status: 404,
        type: "not-found"),
      Row(
        fault: "unknown scene", method: .get, path: "/v1/scenes/ffffffffffffffff", status: 404,
        type: "not-found"),
      Row(
        fault: "unknown budget", method: .get, path: "/v1/budgets/none", status: 404,
        type: "not-found"),
      Row(
        fault: "limit 0", method: .get, path: "/v1/jobs?limit=0", status: 400,
        type: "query-malformed", place: "?limit"),
      Row(
        fault: "entry x", method: .get, path: "/v1/ledger/entries?after=x", status: 400,
        type: "query-malformed", place: "?after"),
      Row(
        fault: "export as xml", method: .get, path: "/v1/ledger/export?format=xml", status: 400,
        type: "query-malformed", place: "?format"),
    ]
    + ["/v1/jobs", "/v1/budgets", "/v1/budgets/euros/grants", "/v1/scenes"].flatMap { path in
      [
        Row(
          fault: "\(path) without a key", path: path, body: Data("{}".utf8),
          fields: ["Content-Type": "application/json"], status: 400, type: "key-missing",
          place: "Idempotency-Key"),
        Row(
          fault: "\(path) with a key of 256 bytes", path: path, body: Data("{}".utf8),
          fields: [
            "Content-Type": "application/json",
            "Idempotency-Key": String(repeating: "k", count: 256),
          ], status: 400, type: "header-malformed", place: "Idempotency-Key"),
        Row(
          fault: "\(path) with a used key", path: path, body: Data(valid[path, default: "{}"].utf8),
          fields: [
            "Content-Type": path == "/v1/scenes" ? "image/tiff" : "application/json",
            "Idempotency-Key": "used",
          ], status: 422, type: "key-reused"),
      ]
    }

  static let scenes: [Row] = [
    Row(
      fault: "no TIFF", path: "/v1/scenes", body: Data("text".utf8),
      fields: ["Content-Type": "image/tiff", "Idempotency-Key": "bad"], status: 422,
      type: "raster-not-tiff", place: "scene.tif"),
    Row(
      fault: "a form", path: "/v1/scenes", body: Data("a=b".utf8),
      fields: ["Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": "bad"],
      status: 415, type: "unsupported-type", place: "Content-Type"),
    Row(
      fault: "name with a bell", path: "/v1/scenes?name=%07", body: Data("text".utf8),
      fields: ["Content-Type": "image/tiff", "Idempotency-Key": "bad"], status: 422,
      type: "name-malformed", place: "?name"),
    Row(
      fault: "over the limit", path: "/v1/scenes", body: Data(count: 2_000_001),
      fields: ["Content-Type": "image/tiff", "Idempotency-Key": "bad"], status: 413,
      type: "too-large"),
  ]

  /// A daemon with a scene, budgets, a used key, and a vendor that need not run.
  private func start(_ folder: TemporaryFolder) async throws -> (RunningDaemon, scene: String) {
    let file = folder.url.appending(path: "fovead.yaml")
    let prices = TestPaths.root.appending(path: "etc/vendors/fovea-vendor.yaml").path
    try Data(
      """
      limits: {scene: {file_bytes: 2000000}}
      vendors:
        - {name: demo, url: "unix:/nowhere.sock", trust: local, product: hr, prices: "\(prices)"}
      models: {folders: ["\(TestPaths.root.appending(path: "etc/models").path)"]}
      """.utf8
    ).write(to: file)
    let daemon = try await RunningDaemon(folder, configuration: file)
    let scene = try await daemon.client.addScene(
      TestPaths.root.appending(path: "etc/demo/eurosat_lr.tif"), name: "lr.tif")
    _ = try await daemon.client.createBudget(
      BudgetRequest(id: "euros", amount: Money(parsing: "5.00 EUR")), idempotencyKey: "used")
    return (daemon, scene.id)
  }

  /// Everything that a refusal must leave as it is.
  private func state(_ daemon: RunningDaemon) async throws -> [String] {
    let client = daemon.client
    return [
      "\(try await client.jobs())", "\(try await client.scenes())",
      "\(try await client.budgets())", "\(try await client.ledgerEntries())",
    ]
  }

  @Test func `every bad request has its own answer, and changes nothing`() async throws {
    let folder = try TemporaryFolder()
    let (daemon, scene) = try await start(folder)
    let before = try await state(daemon)
    for row in Self.regions + Self.bodies + Self.money + Self.requests + Self.scenes {
      var body = row.body
      if let text = body.flatMap({ String(data: $0, encoding: .utf8) }), text.contains("SCENE") {
        body = Data(text.replacing("SCENE", with: scene).utf8)
      }
      let answer = try await daemon.exchange(row.method, row.path, body, fields: row.fields)
      let problem = try #require(answer.problem, "\(row.fault): \(answer.status)")
      #expect(answer.status == row.status && problem.status == row.status, "\(row.fault)")
      #expect(problem.name == row.type, "\(row.fault)")
      if let place = row.place { #expect(problem.place == place, "\(row.fault)") }
      #expect(problem.instance == row.path.split(separator: "?").first.map(String.init))
      #expect(!problem.title.isEmpty && !problem.detail.isEmpty, "\(row.fault)")
      #expect(problem.remedy?.isEmpty == false || "\(problem)".contains(". "), "\(row.fault)")
      if row.status == 405 { #expect(answer.fields["Allow"]?.isEmpty == false) }
      let after = try await state(daemon)
      #expect(after == before, "\(row.fault)")
    }
    let left = try FileManager.default.contentsOfDirectory(
      atPath: folder.url.appending(path: "uploads").path)
    #expect(left.isEmpty)
    try await daemon.stop()
  }

  @Test func `what is no HTTP is told so, and the connection closed`() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon(folder)
    let start =
      "POST /v1/budgets HTTP/1.1\r\nHost: h\r\nIdempotency-Key: k\r\n"
      + "Content-Type: application/json\r\n"
    let body = #"{"id": "b", "amount": {"minor_units": 1, "currency": "EUR"}}"#
    let length = "Content-Length: \(body.utf8.count)\r\n"
    let cases = [
      ("two lengths", start + length + "Content-Length: 5\r\n\r\n" + body),
      ("length and chunks", start + length + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
      ("bare CR", start + "A: b\rC: d\r\n" + length + "\r\n" + body),
      ("long header", start + "A: \(String(repeating: "a", count: 17 << 10))\r\n\r\n"),
      (
        "many long headers",
        start + String(repeating: "A: \(String(repeating: "a", count: 2000))\r\n", count: 9)
          + "\r\n"
      ),
      ("no method", "\u{1}\u{2}\r\n\r\n"),
      (
        "a chunk that is none after a whole document",
        start
          + "Transfer-Encoding: chunked\r\n\r\n\(String(body.utf8.count, radix: 16))\r\n\(body)\r\nzz\r\n"
      ),
    ]
    for (fault, text) in cases {
      let answer = try await RawExchange.send(text, toSocketAt: daemon.client.address)
      #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(fault): \(answer)")
      #expect(answer.lowercased().contains("content-type: application/problem+json"), "\(fault)")
      #expect(answer.contains("urn:fovea:problem:http-malformed"), "\(fault)")
      #expect(answer.lowercased().contains("connection: close"), "\(fault)")
      #expect(answer.components(separatedBy: "HTTP/1.1 ").count == 2, "\(fault): \(answer)")
    }
    #expect(try await daemon.client.budgets().isEmpty)
    try await daemon.stop()
  }

  @Test func `a body that breaks off is not taken for a whole one`() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await RunningDaemon(folder)
    let body = #"{"id": "b", "amount": {"minor_units": 1, "currency": "EUR"}}"#
    _ = try await RawExchange.send(
      "POST /v1/budgets HTTP/1.1\r\nHost: h\r\nIdempotency-Key: k\r\nConnection: close\r\n"
        + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count + 5)\r\n\r\n" + body,
      toSocketAt: daemon.client.address, thenStop: true)
    #expect(try await daemon.client.budgets().isEmpty)
    try await daemon.stop()
  }
}
