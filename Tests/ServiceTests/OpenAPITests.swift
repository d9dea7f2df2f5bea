// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Client
import Foundation
import Platform
import Service
import TestSupport
import Testing
import Transfer
import Wire

/// The description of the API says what the routes do, and no more.
///
/// Beside this suite every untyped
/// request of the others holds its answer against it.
@Suite(.timeLimit(.minutes(10))) struct OpenAPITests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func `every route is described, and every reference leads somewhere`() async throws {
    let daemon = try await RunningDaemon(folder)
    let description = try await daemon.description()
    let validator = SchemaValidator(document: description.document)
    #expect(description.document["openapi"] == .string("3.1.0"))
    var ids: Set<String> = []
    for operation in description.operations {
      let name = "\(operation.method) \(operation.path)"
      // A route without words is one that the file does not know.
      #expect(operation.body["summary"] != nil, "\(name)")
      #expect(operation.body["responses"]?["default"] != nil, "\(name)")
      if case .string(let id)? = operation.body["operationId"] {
        #expect(ids.insert(id).inserted, "\(name)")
      } else {
        Issue.record("\(name) has no operationId")
      }
    }
    for reference in Self.references(description.document) {
      #expect(validator.target(reference) != nil, "\(reference)")
    }
    try await daemon.stop()
  }

  @Test func `what the file describes is there`() async throws {
    let daemon = try await RunningDaemon(folder)
    let served = Set(try await daemon.description().operations.map { "\($0.method) \($0.path)" })
    let file = TestPaths.root.appending(path: "Sources/Service/API/openapi.yaml")
    var path = ""
    var described: Set<String> = []
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
      if let match = line.firstMatch(of: /^  (\/\S*):$/) { path = String(match.output.1) }
      if let match = line.firstMatch(of: /^    (get|post|put|patch|delete):$/) {
        described.insert("\(match.output.1.uppercased()) \(path)")
      }
    }
    #expect(described.subtracting(served).sorted() == [])
    #expect(served.subtracting(described).sorted() == [])
    try await daemon.stop()
  }

  @Test func `every kind of problem is described`() async throws {
    let daemon = try await RunningDaemon(folder)
    let kinds = try await daemon.description().document["components"]?["schemas"]?["ProblemType"]
    guard case .array(let known)? = kinds?["enum"] else {
      Issue.record("there is no list of kinds")
      return
    }
    // As the sources make them: by name, in tables of errors, and by the kinds of other parts.
    let patterns = [
      #/(?:ProblemDocument|self\.init)\(\s*"([a-z-]+)",\s*status/#,
      #/\("([a-z-]+)", \d{3}, "/#, #/case \.[a-zA-Z, .]+: "([a-z]+-[a-z-]+)"/#,
    ]
    let service = TestPaths.root.appending(path: "Sources/Service")
    let files = try FileManager.default.subpathsOfDirectory(atPath: service.path)
      .filter { $0.hasSuffix(".swift") }.map { service.appending(path: $0) }
    let others = ["Raster/RasterError.swift", "Acquisition/RegionError.swift"].map {
      TestPaths.root.appending(path: "Sources/\($0)")
    }
    var found: Set<String> = []
    for file in files + others {
      let text = try String(contentsOf: file, encoding: .utf8)
      for pattern in patterns {
        found.formUnion(text.matches(of: pattern).map { String($0.output.1) })
      }
    }
    #expect(found.count > 30)
    for name in found {
      #expect(known.contains(.string("urn:fovea:problem:\(name)")), "\(name)")
    }
    try await daemon.stop()
  }

  @Test func `each operation needs the role that it says`() async throws {
    let configuration = folder.url.appending(path: "fovead.yaml")
    let port = try FreePort.find()
    try Data("api: {listen: \"127.0.0.1:\(port)\"}".utf8).write(to: configuration)
    let daemon = try await RunningDaemon(
      folder, configuration: configuration, steps: QuickSteps.steps())
    let endpoint = try Endpoint("http://127.0.0.1:\(port)", trustsLocal: true)
    let file = TokenFile(url: folder.url.appending(path: "tokens.json"))
    let tokens = try AccessRole.allCases.map { role in
      let made = try file.add(role: role, budgets: ["b"], until: .distantFuture, at: Date())
      return (role, made.secret.reveal())
    }
    let description = try await daemon.description()
    for operation in description.operations {
      let needed = try #require(operation.role.flatMap(AccessRole.init(rawValue:)))
      let path = operation.path.replacing("{id}", with: Samples.jobID(1))
        .replacing("{name}", with: "x")
      let method = try #require(HTTPRequest.Method(rawValue: operation.method))
      for (role, token) in tokens {
        let answer = try await daemon.exchange(
          method, path, nil, fields: ["Authorization": "Bearer \(token)"], to: endpoint)
        #expect(
          (answer.problem?.name == "role-too-low") == (role < needed),
          "\(role) \(operation.method) \(path)")
      }
    }
    try await daemon.stop()
  }

  @Test func `answers with content are what is described`() async throws {
    _ = try SampleHoldings.write(to: folder.url)
    let daemon = try await RunningDaemon(folder, steps: QuickSteps.steps())
    let scene = try await daemon.client.addScene(
      TestPaths.root.appending(path: "etc/demo/eurosat_lr.tif"), name: "lr.tif")
    let job = try await daemon.client.submit(Samples.request, idempotencyKey: "k")
    #expect(
      try await Samples.eventually { try await daemon.client.job(job.id).state == .done })
    let order = try #require(try await daemon.client.orders().first?.key)
    let paths = [
      "/v1/scenes", "/v1/scenes/\(scene.id)", "/v1/jobs", "/v1/jobs/\(job.id)",
      "/v1/jobs/\(job.id)/events", "/v1/jobs/\(job.id)/plan", "/v1/jobs/\(job.id)/report",
      "/v1/jobs/\(job.id)/outputs", "/v1/jobs/\(job.id)/outputs/plan.json", "/v1/budgets",
      "/v1/budgets/b", "/v1/ledger/entries", "/v1/ledger/verify", "/v1/ledger/export?format=json",
      "/v1/ledger/export?format=csv", "/v1/ledger/export", "/v1/patches", "/v1/openapi.json",
      "/metrics", "/healthz", "/readyz", "/v1/orders", "/v1/orders/\(order)",
      "/v1/ledger/refunds", "/v1/ledger/reconciliations",
    ]
    for path in paths {
      #expect(try await daemon.send(.get, path).status == 200, "\(path)")
    }
    let description = try await daemon.description()
    let events = try await daemon.send(.get, "/v1/jobs/\(job.id)/events")
    let lines = String(decoding: events.body, as: UTF8.self).split(separator: "\n")
      .filter { $0.hasPrefix("data: ") }
    #expect(lines.count >= 5)
    let schema = try #require(description.document["components"]?["schemas"]?["Event"])
    for line in lines {
      let event = try StrictJSON.parse(Array(line.dropFirst("data: ".count).utf8))
      let validator = SchemaValidator(document: description.document)
      #expect(validator.problems(event, schema) == [])
    }
    let asked: Set<String> = Set(
      paths.map { path -> String in
        String(path.prefix { $0 != "?" }).replacing(job.id, with: "{id}")
          .replacing(order, with: "{id}").replacing(scene.id, with: "{id}").replacing(
            "plan.json", with: "{name}"
          )
          .replacing("budgets/b", with: "budgets/{id}")
      })
    let others: Set<String> = ["/v1/vendors", "/v1/models"]
    let gets = description.operations.filter { $0.method == "GET" }.map(\.path)
    #expect(Set(gets).subtracting(asked).subtracting(others).sorted() == [])
    let key = ["Content-Type": "application/json", "Idempotency-Key": "other"]
    let budget = #"{"id": "c", "amount": {"minor_units": 5, "currency": "EUR"}}"#
    #expect(try await daemon.send(.post, "/v1/budgets", budget, fields: key).status == 201)
    #expect(try await daemon.send(.post, "/v1/budgets", budget, fields: key).status == 201)
    let request = #"{"scene": "s", "model": "m", "vendor": "v", "budget": "b"}"#
    let submitted = try await daemon.send(.post, "/v1/jobs", request)
    #expect(submitted.status == 201)
    try await daemon.stop()
  }

  private static func references(_ value: StrictJSON) -> [String] {
    switch value {
    case .array(let items): items.flatMap(references)
    case .object(let members):
      members.flatMap { member in
        if member.name == "$ref", case .string(let text) = member.value { return [text] }
        return references(member.value)
      }
    default: []
    }
  }
}
