// SPDX-License-Identifier: Apache-2.0

import Acquisition
public import Foundation
import Platform
import Transfer
public import Wire

/// The daemon's interface as calls.
///
/// ```swift
/// let daemon = try DaemonClient(socket: "/run/fovea/fovead.sock")
/// for job in try await daemon.jobs() { print(job.id, job.state) }
/// ```
public struct DaemonClient: Sendable {
  let http: HTTPClient
  let endpoint: Endpoint
  let socket: String

  /// Creates a client; nothing is connected before the first call.
  ///
  /// - Throws: ``ClientError`` when the path is too long for a socket.
  public init(socket: String) throws(ClientError) {
    do {
      endpoint = try Endpoint(unixSocket: URL(filePath: socket).standardizedFileURL.path)
    } catch {
      throw .unreachable(socket: socket, reason: error.description)
    }
    http = HTTPClient()
    self.socket = socket
  }

  // MARK: Budgets

  /// All budgets.
  public func budgets() async throws(ClientError) -> [BudgetRecord] {
    try await list("/v1/budgets")
  }

  /// One budget.
  public func budget(_ id: String) async throws(ClientError) -> BudgetRecord {
    try await get("/v1/budgets/\(Self.encoded(id))")
  }

  /// Creates a budget with a first grant.
  public func createBudget(_ request: BudgetRequest) async throws(ClientError) -> BudgetRecord {
    try await post("/v1/budgets", request)
  }

  /// Adds money to a budget.
  public func grant(
    _ request: GrantRequest, to budget: String
  ) async throws(ClientError) -> BudgetRecord {
    try await post("/v1/budgets/\(Self.encoded(budget))/grants", request)
  }

  // MARK: Scenes, vendors, models

  /// All scenes.
  public func scenes() async throws(ClientError) -> [SceneRecord] { try await list("/v1/scenes") }

  /// One scene.
  public func scene(_ id: String) async throws(ClientError) -> SceneRecord {
    try await get("/v1/scenes/\(Self.encoded(id))")
  }

  /// Hands a GeoTIFF to the daemon, which keeps a clean copy of its own.
  public func addScene(file: URL) async throws(ClientError) -> SceneRecord {
    var limits = HTTPRequest.Limits()
    // The daemon checks and copies the scene before it answers.
    limits.tooSlow = .seconds(300)
    limits.total = .seconds(1800)
    let name = Self.encoded(file.lastPathComponent)
    return try await decoded(
      HTTPRequest(
        .post, "/v1/scenes", to: endpoint,
        fields: [
          "Content-Type": "image/tiff", "Fovea-Name": name, "Idempotency-Key": UUID().text,
        ], body: .file(file), limits: limits))
  }

  /// The vendors of the daemon's configuration.
  public func vendors() async throws(ClientError) -> [VendorRecord] {
    try await list("/v1/vendors")
  }

  /// The models that the daemon finds.
  public func models() async throws(ClientError) -> [ModelRecord] { try await list("/v1/models") }

  // MARK: The ledger

  /// The ledger's entries, oldest first.
  public func ledgerEntries(
    budget: String?, since: Int64?
  ) async throws(ClientError) -> [LedgerEntryRecord] {
    var query: [String] = []
    if let budget { query.append("budget=\(Self.encoded(budget))") }
    if let since { query.append("since=\(since)") }
    return try await list(
      "/v1/ledger/entries" + (query.isEmpty ? "" : "?" + query.joined(separator: "&")))
  }

  /// Checks the books as they are now.
  public func verifyLedger() async throws(ClientError) -> LedgerCheck {
    try await get("/v1/ledger/verify")
  }

  /// The ledger as text of another program's form: `hledger`, `csv` or `json`.
  public func exportLedger(
    format: String, since: Int64?
  ) async throws(ClientError) -> Data {
    let since = since.map { "&since=\($0)" } ?? ""
    return try await bytes("/v1/ledger/export?format=\(Self.encoded(format))\(since)")
  }

  // MARK: How calls are made

  func list<Item: Sendable & Codable>(_ path: String) async throws(ClientError) -> [Item] {
    let answer: ItemList<Item> = try await get(path)
    return answer.items
  }

  func get<Answer: Decodable>(_ path: String) async throws(ClientError) -> Answer {
    try await decoded(HTTPRequest(.get, path, to: endpoint))
  }

  /// Creates or acts; the key makes a repeated request one request.
  func post<Answer: Decodable>(
    _ path: String, _ body: some Encodable, key: String = UUID().text
  ) async throws(ClientError) -> Answer {
    let data: Data
    do {
      data = try JSON.encoder().encode(body)
    } catch {
      throw .malformedAnswer(path: path, reason: "\(error)")
    }
    return try await decoded(
      HTTPRequest(
        .post, path, to: endpoint,
        fields: ["Content-Type": "application/json", "Idempotency-Key": key], body: .data(data)))
  }

  func bytes(_ path: String) async throws(ClientError) -> Data {
    var limits = HTTPRequest.Limits()
    limits.answerBytes = 1 << 30
    limits.total = .seconds(1800)
    return try await send(HTTPRequest(.get, path, to: endpoint, limits: limits)).body
  }

  private func decoded<Answer: Decodable>(
    _ request: HTTPRequest
  ) async throws(ClientError) -> Answer {
    let response = try await send(request)
    do {
      return try JSON.decoder().decode(Answer.self, from: response.body)
    } catch {
      throw .malformedAnswer(path: request.path, reason: "\(error)")
    }
  }

  func send(_ request: HTTPRequest) async throws(ClientError) -> HTTPResponse {
    let response: HTTPResponse
    do {
      response = try await http.send(request)
    } catch {
      throw failure(error)
    }
    guard response.isSuccess else { throw problem(response, request.path) }
    return response
  }

  func failure(_ error: TransferError) -> ClientError {
    switch error {
    case .file(let reason): .file(reason: reason)
    case .invalidRequest(let what, let remedy): .file(reason: "\(what). \(remedy)")
    case .notSent(_, let reason), .interrupted(_, let reason):
      .unreachable(socket: socket, reason: reason)
    default: .unreachable(socket: socket, reason: error.description)
    }
  }

  func problem(_ response: HTTPResponse, _ path: String) -> ClientError {
    do {
      return .refused(try JSON.decoder().decode(ProblemDocument.self, from: response.body))
    } catch {
      return .malformedAnswer(path: path, reason: "status \(response.status)")
    }
  }

  /// A text as one part of a path or query (RFC 3986, section 2.3).
  static func encoded(_ text: String) -> String {
    var allowed = CharacterSet(charactersIn: "-._~")
    allowed.insert(charactersIn: "0"..."9")
    allowed.insert(charactersIn: "A"..."Z")
    allowed.insert(charactersIn: "a"..."z")
    return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
  }
}
