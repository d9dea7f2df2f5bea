// SPDX-License-Identifier: Apache-2.0

import Foundation
public import Platform
import Transfer
import Wire

/// The daemon's API as Swift calls, over its Unix socket or, with a token, a port of this machine.
///
/// ```swift
/// let daemon = try DaemonClient(socketPath: "/run/fovea/fovead.sock")
/// for job in try await daemon.jobs() { print(job.id, job.state) }
/// ```
public struct DaemonClient: Sendable {
  /// Where the daemon is: the path of its socket, or a URL.
  public let address: String
  private let endpoint: Endpoint
  private let token: Secret?
  private let http = HTTPClient()

  /// Creates a client of a socket; nothing is connected yet.
  ///
  /// - Throws: ``ClientError/unreachable(address:reason:)`` when no socket can have this path.
  public init(socketPath: String) throws(ClientError) {
    address = socketPath
    token = nil
    do {
      endpoint = try Endpoint(unixSocket: socketPath)
    } catch {
      throw ClientError(error, address: address)
    }
  }

  /// Creates a client of a port of this machine, `http://127.0.0.1:PORT`, or of an https address
  /// that leads there; nothing is connected yet.
  ///
  /// - Parameter token: what the daemon's administrator made with `fovead token create`.
  /// - Throws: ``ClientError/unreachable(address:reason:)`` when this is no such address.
  public init(url: String, token: Secret?) throws(ClientError) {
    address = url
    self.token = token
    do {
      endpoint = try Endpoint(url, trustsLocal: !url.hasPrefix("unix:"))
    } catch {
      throw ClientError(error, address: address)
    }
  }

  // MARK: Requests

  func get<Value: Decodable>(_ path: String) async throws(ClientError) -> Value {
    try decode(try await send(request(.get, path)), path)
  }

  func data(_ path: String) async throws(ClientError) -> Data {
    // An output may be as large as a disk allows.
    var request = request(.get, path)
    request.limits.answerBytes = 64 << 20
    return try await send(request).body
  }

  func post<Value: Decodable>(
    _ path: String, _ body: some Encodable, idempotencyKey: String? = nil
  ) async throws(ClientError) -> Value {
    let data: Data
    do {
      data = try JSON.encoder().encode(body)
    } catch {
      throw .malformedAnswer(path: path, reason: "\(error)")
    }
    var fields: HTTPFields = ["Content-Type": "application/json"]
    if let idempotencyKey { fields.append("Idempotency-Key", idempotencyKey) }
    return try decode(
      try await send(request(.post, path, fields: fields, body: .data(data))), path)
  }

  func post<Value: Decodable>(
    _ path: String, idempotencyKey: String? = nil
  ) async throws(ClientError) -> Value {
    var fields: HTTPFields = [:]
    if let idempotencyKey { fields.append("Idempotency-Key", idempotencyKey) }
    return try decode(try await send(request(.post, path, fields: fields)), path)
  }

  func delete<Value: Decodable>(_ path: String) async throws(ClientError) -> Value {
    try decode(try await send(request(.delete, path)), path)
  }

  func upload<Value: Decodable>(
    _ file: URL, to path: String, mediaType: String, idempotencyKey: String
  ) async throws(ClientError) -> Value {
    var request = request(
      .post, path, fields: ["Content-Type": mediaType, "Idempotency-Key": idempotencyKey],
      body: .file(file))
    // The daemon reads every pixel before it answers.
    request.limits.tooSlow = nil
    request.limits.total = .seconds(600)
    return try decode(try await send(request), path)
  }

  func lines(_ path: String, fields: HTTPFields) async throws(ClientError) -> HTTPLines {
    let lines: HTTPLines
    do {
      lines = try await http.lines(request(.get, path, fields: fields, limits: .stream))
    } catch {
      throw ClientError(error, address: address)
    }
    if let error = refusal(lines.response, path) { throw error }
    return lines
  }

  func download(_ path: String, sha256: String, byteCount: Int64, to file: URL)
    async throws(ClientError)
  {
    do {
      try await http.download(
        request(.get, path), to: file,
        plan: DownloadPlan(
          byteCount: byteCount, sha256: sha256, mayBeText: true))
    } catch {
      throw ClientError(error, address: address)
    }
  }

  private func request(
    _ method: HTTPRequest.Method, _ path: String, fields: HTTPFields = [:],
    body: HTTPRequest.Body = .none, limits: HTTPRequest.Limits = .init()
  ) -> HTTPRequest {
    var fields = fields
    if let token { fields.append("Authorization", "Bearer \(token.reveal())") }
    return HTTPRequest(method, path, to: endpoint, fields: fields, body: body, limits: limits)
  }

  private func send(_ request: HTTPRequest) async throws(ClientError) -> HTTPResponse {
    let response: HTTPResponse
    do {
      response = try await http.send(request)
    } catch {
      throw ClientError(error, address: address)
    }
    if let error = refusal(response, request.path) { throw error }
    return response
  }

  private func refusal(_ response: HTTPResponse, _ path: String) -> ClientError? {
    guard !response.isSuccess else { return nil }
    do {
      return .refused(try JSON.decoder().decode(ProblemDocument.self, from: response.body))
    } catch {
      return .malformedAnswer(path: path, reason: "status \(response.status) without a reason")
    }
  }

  private func decode<Value: Decodable>(
    _ response: HTTPResponse, _ path: String
  ) throws(ClientError) -> Value {
    do {
      return try JSON.decoder().decode(Value.self, from: response.body)
    } catch {
      throw .malformedAnswer(path: path, reason: "\(error)")
    }
  }

  /// One part of a path, with all that is special in it escaped.
  static func escaped(_ part: String) -> String {
    var allowed = CharacterSet.alphanumerics
    allowed.insert(charactersIn: "-._~")
    allowed.formIntersection(CharacterSet(charactersIn: Unicode.Scalar(0)..."\u{7F}"))
    return part.addingPercentEncoding(withAllowedCharacters: allowed) ?? part
  }
}
