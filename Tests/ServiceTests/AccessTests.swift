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

/// The API over TCP: who has no token gets nothing, who has one what its role says.
@Suite(.timeLimit(.minutes(10))) struct AccessTests {
  private let folder: TemporaryFolder
  private let file: TokenFile

  init() throws {
    folder = try TemporaryFolder()
    file = TokenFile(url: folder.url.appending(path: "tokens.json"))
  }

  /// A daemon with a budget that also listens on a port of this machine.
  private func start() async throws -> (daemon: RunningDaemon, url: String) {
    let url = "127.0.0.1:\(try FreePort.find())"
    let configuration = folder.url.appending(path: "fovead.yaml")
    try Data("api: {listen: \"\(url)\"}".utf8).write(to: configuration)
    let daemon = try await RunningDaemon(
      folder, configuration: configuration, steps: QuickSteps.steps())
    _ = try await daemon.client.createBudget(
      BudgetRequest(id: "b", amount: Money(parsing: "5.00 EUR")))
    let endpoint = try Endpoint("http://\(url)", trustsLocal: true)
    // The socket may be there a moment before the port.
    let listens = await Samples.eventually {
      (try? await daemon.exchange(.get, "/v1/jobs", nil, fields: [:], to: endpoint)) != nil
    }
    try #require(listens)
    return (daemon, "http://\(url)")
  }

  private func token(
    _ role: AccessRole, budgets: [String] = [], until: Date = .distantFuture
  ) throws -> Secret {
    try file.add(role: role, budgets: budgets, until: until, at: Date()).secret
  }

  private func ask(
    _ daemon: RunningDaemon, _ url: String, _ method: HTTPRequest.Method, _ path: String,
    _ body: String? = nil, token: String?
  ) async throws -> RunningDaemon.Answer {
    var fields = ["Content-Type": "application/json", "Idempotency-Key": UUID().uuidString]
    if let token { fields["Authorization"] = token }
    return try await daemon.exchange(
      method, path, body.map { Data($0.utf8) }, fields: fields,
      to: Endpoint(url, trustsLocal: true))
  }

  @Test func `without a token that counts nothing is told`() async throws {
    let (daemon, url) = try await start()
    let ended = try token(.admin, until: Date().addingTimeInterval(-1)).reveal()
    let good = try token(.read).reveal()
    let cases: [(token: String?, type: String)] = [
      (nil, "token-missing"), ("Bearer", "token-refused"), ("Bearer fovea_x", "token-refused"),
      ("Bearer \(ended)", "token-refused"), ("Basic \(good)", "token-refused"),
      ("Bearer \(good)x", "token-refused"), ("Bearer \(good) \(good)", "token-refused"),
    ]
    for (token, type) in cases {
      for path in ["/v1/jobs", "/healthz", "/v1/nothing"] {
        let answer = try await ask(daemon, url, .get, path, token: token)
        #expect(answer.status == 401)
        #expect(answer.problem?.name == type)
        #expect(answer.fields["WWW-Authenticate"]?.hasPrefix("Bearer realm=") == true)
      }
    }
    #expect(try await ask(daemon, url, .get, "/v1/jobs", token: "bearer \(good)").status == 200)
    try await daemon.stop()
  }

  @Test func `a role may do what it says, and no more`() async throws {
    let (daemon, url) = try await start()
    let budget = #"{"id": "NAME", "amount": {"minor_units": 5, "currency": "EUR"}}"#
    let grant = #"{"amount": {"minor_units": 5, "currency": "EUR"}}"#
    for role in AccessRole.allCases {
      let header = "Bearer \(try token(role, budgets: ["b"]).reveal())"
      let calls: [(HTTPRequest.Method, String, String?, AccessRole)] = [
        (.get, "/v1/jobs", nil, .read), (.get, "/v1/ledger/verify", nil, .read),
        (.post, "/v1/scenes", "x", .submit),
        (.post, "/v1/jobs/\(Samples.jobID(1))/cancel", nil, .submit),
        (.post, "/v1/jobs/\(Samples.jobID(1))/retry", nil, .spend),
        (.post, "/v1/budgets", budget.replacing("NAME", with: role.rawValue), .admin),
        (.post, "/v1/budgets/b/grants", grant, .admin),
      ]
      for (method, path, body, needed) in calls {
        let answer = try await ask(daemon, url, method, path, body, token: header)
        #expect((answer.status == 403) == (role < needed), "\(role) \(path): \(answer.status)")
        guard answer.status == 403 else { continue }
        #expect(answer.problem?.name == "role-too-low")
        #expect(answer.problem?.detail.contains("role \(needed.rawValue)") == true)
      }
    }
    #expect(try await daemon.client.budgets().map(\.id) == ["admin", "b"])
    try await daemon.stop()
  }

  @Test func `a token uses its own budgets, and is named in what it did`() async throws {
    let (daemon, url) = try await start()
    let bound = try DaemonClient(url: url, token: token(.spend, budgets: ["other"]))
    do {
      _ = try await bound.submit(Samples.request, idempotencyKey: "k")
      Issue.record("the budget is not the token's")
    } catch ClientError.refused(let problem) {
      #expect(problem.name == "budget-not-allowed")
    }
    let asker = try DaemonClient(url: url, token: token(.submit, budgets: ["b"]))
    do {
      _ = try await asker.submit(Samples.request, idempotencyKey: "a")
      Issue.record("the role may not spend")
    } catch ClientError.refused(let problem) {
      #expect(problem.status == 403 && problem.place == "/approve_over")
    }
    let approved = JobRequest(
      scene: "0123456789abcdef", model: "m", vendor: "v", budget: "b",
      approveOver: try Money(parsing: "0.00 EUR"))
    _ = try await asker.submit(approved, idempotencyKey: "a")
    let free = try DaemonClient(url: url, token: token(.spend, budgets: ["b"]))
    _ = try await free.submit(Samples.request, idempotencyKey: "k")
    let admin = try file.add(role: .admin, budgets: [], until: .distantFuture, at: Date())
    _ = try await DaemonClient(url: url, token: admin.secret)
      .grant(Money(parsing: "1.00 EUR"), to: "b", idempotencyKey: "g")
    #expect(try await daemon.client.ledgerEntries().last?.actor == "token:\(admin.token.id)")
    try await daemon.stop()
  }

  @Test func `a revoked token, and a file open to others, are worth nothing at once`() async throws
  {
    let (daemon, url) = try await start()
    let (token, secret) = try file.add(
      role: .read, budgets: [], until: .distantFuture, at: Date())
    let client = try DaemonClient(url: url, token: secret)
    #expect(try await client.jobs().isEmpty)
    chmod(file.url.path, 0o644)
    await #expect(throws: ClientError.self) { try await client.jobs() }
    chmod(file.url.path, 0o600)
    #expect(try await client.jobs().isEmpty)
    try file.revoke(token.id)
    await #expect(throws: ClientError.self) { try await client.jobs() }
    #expect(throws: TokenError.unknown(token.id, known: [])) { try file.revoke(token.id) }
    try await daemon.stop()
  }

  @Test func `the file is its owner's, and holds no token`() throws {
    let (token, secret) = try file.add(
      role: .spend, budgets: ["b"], until: .distantFuture, at: Date())
    let other = try file.add(role: .spend, budgets: ["b"], until: .distantFuture, at: Date())
    #expect(secret.reveal() != other.secret.reveal())
    #expect(secret.reveal().utf8.count == "fovea_".utf8.count + 43)
    let text = try String(contentsOf: file.url, encoding: .utf8)
    #expect(!text.contains(secret.reveal().dropFirst("fovea_".count)))
    #expect(text.contains(Digest.sha256(Data(secret.reveal().utf8))))
    let attributes = try FileManager.default.attributesOfItem(atPath: file.url.path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(try file.tokens().map(\.id) == [token.id, other.token.id])
  }
}
