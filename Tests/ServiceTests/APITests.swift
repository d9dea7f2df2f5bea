// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Client
import Foundation
import Platform
import Service
import Synchronization
import TestSupport
import Testing
import Transfer
import Wire

/// The API through a socket, as the client and as a careless program use it.
@Suite(.timeLimit(.minutes(10))) struct APITests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func euros(_ text: String) throws -> Money { try Money(parsing: "\(text) EUR") }

  @Test func `budgets are created, raised once a key, and listed`() async throws {
    let daemon = try await RunningDaemon(folder)
    let created = try await daemon.client.createBudget(
      BudgetRequest(id: "spring", amount: euros("20.00")))
    #expect(created.free == (try euros("20.00")))
    for _ in 1...2 {
      let raised = try await daemon.client.grant(
        euros("5.00"), to: "spring", idempotencyKey: "once")
      #expect(raised.granted == (try euros("25.00")))
    }
    #expect(try await daemon.client.budgets().map(\.id) == ["spring"])
    #expect(try await daemon.client.ledgerEntries().map(\.operation) == ["grant", "grant"])
    #expect(try await daemon.client.ledgerEntries().first?.actor == "uid:\(getuid())")
    #expect(try await daemon.client.verifyLedger().isIntact)
    let journal = String(
      decoding: try await daemon.client.exportLedger(format: "hledger"), as: UTF8.self)
    #expect(journal.contains("spring"))
    try await daemon.stop()
  }

  @Test func `refusals are problem documents with a place and a remedy`() async throws {
    let daemon = try await RunningDaemon(folder)
    let cases: [(String, String, Int, String, String?)] = [
      (#"{"id": "a", "amount": 5}"#, "/v1/budgets", 422, "field-type", "/amount"),
      (#"{"id": "a", "amout": 5}"#, "/v1/budgets", 422, "field-unknown", "/amout"),
      (#"{"id": "a", "id": "b"}"#, "/v1/budgets", 400, "body-malformed", "1:13"),
      (#"{"id": "a""#, "/v1/budgets", 400, "body-malformed", "1:11"),
      (#"{"id": "a"}"#, "/v1/budgets", 422, "field-missing", "/amount"),
      ("[]", "/v1/budgets", 422, "field-type", "/"),
      (
        #"{"id": "A b", "amount": {"minor_units": 5, "currency": "EUR"}}"#, "/v1/budgets", 422,
        "name-malformed", nil
      ),
      (
        #"{"id": "a", "amount": {"minor_units": 1.5, "currency": "EUR"}}"#, "/v1/budgets", 422,
        "amount-malformed", "/amount/minor_units"
      ),
      (
        #"{"id": "a", "amount": {"minor_units": 1, "currency": "EURO"}}"#, "/v1/budgets", 422,
        "amount-malformed", "/amount"
      ),
    ]
    for (body, path, status, name, place) in cases {
      let answer = try await daemon.send(.post, path, body)
      #expect(answer.status == status, "\(body)")
      #expect(answer.problem?.name == name, "\(body)")
      #expect(answer.problem?.place == place, "\(body)")
      #expect(answer.problem?.instance == path)
    }
    let unknown = try await daemon.send(.post, "/v1/budgets", cases[1].0)
    #expect(unknown.problem?.remedy == "Did you mean /amount?")
    #expect(try await daemon.client.budgets().isEmpty)
    try await daemon.stop()
  }

  @Test func `paths, methods, types and sizes that are wrong get their own answers`() async throws {
    let daemon = try await RunningDaemon(folder)
    let path = try await daemon.send(.get, "/v1/job")
    #expect(path.status == 404)
    #expect(path.problem?.name == "not-found")
    let method = try await daemon.send(.delete, "/v1/jobs")
    #expect(method.status == 405)
    #expect(method.fields["Allow"] == "GET, HEAD, POST")
    #expect(method.problem?.name == "method")
    let type = try await daemon.send(
      .post, "/v1/budgets", "{}", fields: ["Content-Type": "text/plain"])
    #expect(type.status == 415)
    let large = try await daemon.send(
      .post, "/v1/budgets", String(repeating: " ", count: 1 << 20) + "{}")
    #expect(large.status == 413)
    #expect(large.problem?.name == "too-large")
    #expect(large.problem?.remedy?.contains("limits.body_bytes") == true)
    let deep = try await daemon.send(
      .post, "/v1/budgets", String(repeating: "[", count: 40))
    #expect(deep.problem?.name == "body-malformed")
    let state = try await daemon.send(.get, "/v1/jobs?state=parkd")
    #expect(state.problem?.remedy?.hasPrefix("Did you mean parked?") == true)
    let job = try await daemon.send(.get, "/v1/jobs/\(Samples.jobID(1))")
    #expect(job.status == 404)
    let limit = try await daemon.send(.get, "/v1/jobs?limit=0")
    #expect(limit.problem?.place == "?limit")
    #expect(try await daemon.client.isReady().status == "ok")
    try await daemon.stop()
  }

  @Test func `a job needs a key, and the same key gives the same job`() async throws {
    let daemon = try await RunningDaemon(folder, steps: QuickSteps.steps())
    let body = #"{"scene": "s", "model": "m", "vendor": "v", "budget": "b"}"#
    let keyless = try await daemon.exchange(
      .post, "/v1/jobs", Data(body.utf8), fields: ["Content-Type": "application/json"])
    #expect(keyless.status == 400)
    #expect(keyless.problem?.name == "key-missing")
    let first = try await daemon.client.submit(Samples.request, idempotencyKey: "k")
    let again = try await daemon.client.submit(Samples.request, idempotencyKey: "k")
    #expect(again.id == first.id)
    let other = try await daemon.send(
      .post, "/v1/jobs", body,
      fields: ["Content-Type": "application/json", "Idempotency-Key": "k"])
    #expect(other.status == 422)
    #expect(other.problem?.name == "key-reused")
    #expect(try await daemon.client.jobs().count == 1)
    try await daemon.stop()
  }

  @Test func `what creates answers the same key the same way`() async throws {
    let daemon = try await RunningDaemon(folder)
    let scene = try Data(
      contentsOf: TestPaths.root.appending(path: "etc/demo/eurosat_lr.tif"))
    let budget = Data(#"{"id": "b", "amount": {"minor_units": 5, "currency": "EUR"}}"#.utf8)
    let grant = Data(#"{"amount": {"minor_units": 5, "currency": "EUR"}}"#.utf8)
    let calls = [
      ("/v1/scenes?name=a.tif", "image/tiff", scene), ("/v1/budgets", "application/json", budget),
      ("/v1/budgets/b/grants", "application/json", grant),
    ]
    for (path, type, body) in calls {
      let fields = ["Content-Type": type, "Idempotency-Key": path]
      let first = try await daemon.exchange(.post, path, body, fields: fields)
      let again = try await daemon.exchange(.post, path, body, fields: fields)
      #expect(first.status < 300 && again.status == first.status, "\(path)")
      #expect(again.body == first.body, "\(path)")
      let other = ["Content-Type": "application/json", "Idempotency-Key": path]
      let elsewhere = try await daemon.exchange(
        .post, path == "/v1/budgets" ? "/v1/budgets/b/grants" : "/v1/budgets",
        path == "/v1/budgets" ? grant : budget, fields: other)
      #expect(elsewhere.problem?.name == "key-reused", "\(path)")
    }
    #expect(try await daemon.client.ledgerEntries().map(\.amount.minorUnits) == [5, 5])
    try await daemon.stop()
  }

  @Test func `what a job asks for is checked field by field`() async throws {
    let daemon = try await RunningDaemon(folder, steps: QuickSteps.steps())
    let start = #"{"scene": "s", "model": "m", "vendor": "v", "budget": "b", "#
    let cases: [(String, Int, String, String)] = [
      (#""grid_origin": "here"}"#, 422, "field-value", "/grid_origin"),
      (#""keep_threshold": "high"}"#, 422, "field-type", "/keep_threshold"),
      (#""priority": 1.5}"#, 422, "field-value", "/priority"),
      (#""stretch": {"minimum": 9, "maximum": 9}}"#, 422, "field-value", "/stretch"),
      (#""dry_run": "yes"}"#, 422, "field-type", "/dry_run"),
      (#""bounds": {"west": 1, "south": 2, "east": 3}}"#, 422, "field-type", "/bounds"),
      (#""region": {"type": "Point"}}"#, 400, "region-malformed", "/region/type"),
      (
        #""region": {"type": "Polygon", "coordinates": [[[9, 47], [9, 48], [10, 48], [9, 46]]]}}"#,
        422, "region-invalid", "/region/coordinates/0"
      ),
      (
        #""region": {"type": "Polygon", "coordinates": [[[9, 147], [9, 8], [1, 4], [9, 147]]]}}"#,
        422, "region-out-of-range", "/region/coordinates/0/0/1"
      ),
    ]
    for (rest, status, name, place) in cases {
      let answer = try await daemon.send(
        .post, "/v1/jobs", start + rest,
        fields: ["Content-Type": "application/json", "Idempotency-Key": "k"])
      #expect(answer.status == status, "\(rest)")
      #expect(answer.problem?.name == name, "\(rest)")
      #expect(answer.problem?.place == place, "\(rest)")
    }
    #expect(try await daemon.client.jobs().isEmpty)
    try await daemon.stop()
  }

  @Test func `a job is watched to its end, and from the middle on`() async throws {
    let daemon = try await RunningDaemon(
      folder,
      steps: QuickSteps.steps {
        $0.progress(StageProgress(stage: "survey", completed: 1, total: 2))
      }
    )
    let job = try await daemon.client.submit(Samples.request, idempotencyKey: "k")
    let seen = Mutex<[JobEvent]>([])
    try await daemon.client.watch(job: job.id) { event in
      seen.withLock { $0.append(event) }
      return true
    }
    let kept = seen.withLock { $0.filter { $0.kind == .state } }
    #expect(kept.first?.state == .queued)
    #expect(kept.last?.state == .done)
    let ids = kept.compactMap(\.id)
    #expect(ids == ids.sorted() && Set(ids).count == ids.count)
    let rest = try await daemon.send(
      .get, "/v1/jobs/\(job.id)/events", fields: ["Last-Event-ID": "\(ids[ids.count - 2])"])
    #expect(rest.status == 200)
    let wrong = try await daemon.send(
      .get, "/v1/jobs/\(job.id)/events", fields: ["Last-Event-ID": "x"])
    #expect(wrong.problem?.place == "Last-Event-ID")
    try await daemon.stop()
  }

  @Test func `a watcher is never left without the end`() async throws {
    let daemon = try await RunningDaemon(folder, steps: QuickSteps.steps())
    for number in 1...20 {
      let job = try await daemon.client.submit(Samples.request, idempotencyKey: "\(number)")
      let last = Mutex<JobState?>(nil)
      try await daemon.client.watch(job: job.id) { event in
        last.withLock { $0 = event.state }
        return true
      }
      #expect(last.withLock { $0 } == .done)
    }
    try await daemon.stop()
  }

  @Test func `a job's files are listed with their digests and fetched whole`() async throws {
    let daemon = try await RunningDaemon(folder, steps: QuickSteps.steps())
    let job = try await daemon.client.submit(Samples.request, idempotencyKey: "k")
    #expect(
      try await Samples.eventually { try await daemon.client.job(job.id).state == .done })
    let outputs = try await daemon.client.outputs(job.id)
    #expect(outputs.map(\.name) == ["plan.json", "report.json"])
    let target = folder.url.appending(path: "fetched")
    try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
    for output in outputs { try await daemon.client.download(output, of: job.id, to: target) }
    #expect(try Data(contentsOf: target.appending(path: "plan.json")) == Data("{}".utf8))
    let hidden = try await daemon.send(.get, "/v1/jobs/\(job.id)/outputs/survey.safetensors")
    #expect(hidden.status == 404)
    let above = try await daemon.send(.get, "/v1/jobs/\(job.id)/outputs/..%2F..%2Ffovea.sqlite")
    #expect(above.status == 404)
    try await daemon.stop()
  }
}
