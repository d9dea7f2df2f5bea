// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing
import Transfer

/// One request and its answer, or what is known when there is none.
@Suite struct HTTPClientTests {
  private let folder: TemporaryFolder
  private let client = HTTPClient()

  init() throws { folder = try TemporaryFolder() }

  private var path: String { folder.url.appending(path: "s").path }

  private func endpoint() throws -> Endpoint { try Endpoint(unixSocket: path) }

  private func failure(_ request: HTTPRequest) async throws -> TransferError {
    try await #require(throws: TransferError.self) { _ = try await client.send(request) }
  }

  @Test func `a request arrives as it was made, and its answer comes back whole`() async throws {
    let server = ScriptedServer(
      path: path,
      [.answer("HTTP/1.1 201 Created\r\nX-A: 1\r\nx-b:  two \r\nContent-Length: 2\r\n\r\nok")])
    let response = try await client.send(
      HTTPRequest(
        .post, "/v1/orders?x=1", to: endpoint(),
        fields: ["Content-Type": "application/json", "Idempotency-Key": "k"],
        body: .data(Data("{}".utf8))))
    #expect(response.status == 201)
    #expect(response.fields["x-a"] == "1")
    #expect(response.fields["X-B"] == "two")
    #expect(String(decoding: response.body, as: UTF8.self) == "ok")
    let request = try #require(server.requests.first)
    #expect(request.hasPrefix("POST /v1/orders?x=1 HTTP/1.1\r\n"))
    #expect(request.contains("\r\nIdempotency-Key: k\r\n"))
    #expect(request.contains("\r\nContent-Type: application/json\r\n"))
    #expect(!request.contains("Expect:"))
    #expect(request.hasSuffix("\r\n\r\n{}"))
  }

  @Test func `a file is sent as a body`() async throws {
    let file = folder.url.appending(path: "scene")
    let bytes = String(repeating: "0123456789", count: 50_000)
    try Data(bytes.utf8).write(to: file)
    let server = ScriptedServer(path: path, [.answer("HTTP/1.1 204 No Content\r\n\r\n")])
    let response = try await client.send(
      HTTPRequest(.put, "/v1/scenes", to: endpoint(), body: .file(file)))
    #expect(response.status == 204)
    #expect(server.requests.first?.hasSuffix("\r\n\r\n" + bytes) == true)
  }

  @Test func `nothing was sent where nobody listens`() async throws {
    let error = try await failure(HTTPRequest(.post, "/v1/orders?token=secret", to: endpoint()))
    #expect(error.nothingWasSent)
    #expect("\(error)".contains("could not reach unix:\(path)/v1/orders: "))
    #expect("\(error)".contains("Check that the server runs"))
    #expect(!"\(error)".contains("secret"))
  }

  @Test(arguments: [
    ScriptedServer.Step.answer(""),
    .answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"),
    .answer("HTTP/1.1 200 OK\r\nContent-Le"), .answer("<html>"),
  ])
  func `an answer that is cut or none leaves it open`(step: ScriptedServer.Step) async throws {
    let server = ScriptedServer(path: path, [step])
    let error = try await failure(
      HTTPRequest(.post, "/v1/orders", to: endpoint(), body: .data(Data("{}".utf8))))
    #expect(!error.nothingWasSent, "\(error)")
    #expect(server.requests.count == 1)
  }

  // libcurl repeats a request by itself when a connection that it kept was closed meanwhile.
  @Test func `an order is sent once, on a connection of its own`() async throws {
    let server = ScriptedServer(
      path: path,
      [.hold("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), .answer("")])
    _ = try await client.send(HTTPRequest(.get, "/v1/product", to: endpoint()))
    let error = try await failure(HTTPRequest(.post, "/v1/orders", to: endpoint()))
    #expect(!error.nothingWasSent)
    #expect(server.requests.map { $0.prefix(8) } == ["GET /v1/", "POST /v1"])
  }

  @Test func `a body over the limit is refused, announced or not`() async throws {
    let body = String(repeating: "x", count: 2000)
    for head in ["Content-Length: 2000\r\n", ""] {
      let path = folder.url.appending(path: "s\(head.count)").path
      let server = ScriptedServer(path: path, [.answer("HTTP/1.1 200 OK\r\n\(head)\r\n\(body)")])
      var request = HTTPRequest(.get, "/v1", to: try Endpoint(unixSocket: server.path))
      request.limits.answerBytes = 1000
      #expect(
        try await failure(request)
          == .answerTooLarge(url: "unix:\(path)/v1", limitBytes: 1000))
    }
  }

  @Test func `a head without end is refused`() async throws {
    let fields = String(repeating: "X-Long: \(String(repeating: "y", count: 900))\r\n", count: 90)
    let server = ScriptedServer(path: path, [.answer("HTTP/1.1 200 OK\r\n\(fields)\r\n")])
    let error = try await failure(HTTPRequest(.get, "/", to: Endpoint(unixSocket: server.path)))
    #expect(error == .answerTooLarge(url: "unix:\(path)/", limitBytes: 65_536))
  }

  @Test func `silence ends at the limit`() async throws {
    let server = ScriptedServer(path: path, [.hold("")])
    var request = HTTPRequest(.post, "/v1", to: try Endpoint(unixSocket: server.path))
    request.limits.total = .milliseconds(200)
    let error = try await failure(request)
    #expect(!error.nothingWasSent)
    #expect(error.isTransient)
  }

  @Test func `an answer that does not begin is given up`() async throws {
    let server = ScriptedServer(path: path, [.hold("")])
    var request = HTTPRequest(.get, "/v1", to: try Endpoint(unixSocket: server.path))
    request.limits.firstByte = .milliseconds(150)
    let error = try await failure(request)
    #expect(!error.nothingWasSent)
    #expect("\(error)".contains("no answer began in 0.15 seconds"))
  }

  @Test func `a redirect is not followed`() async throws {
    let server = ScriptedServer(
      path: path, [.answer("HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")])
    let response = try await client.send(HTTPRequest(.get, "/v1", to: endpoint()))
    #expect(response.status == 302)
    #expect(server.requests.count == 1)
  }

  @Test func `cancelling the task ends the exchange`() async throws {
    let server = ScriptedServer(path: path, [.hold("HTTP/1.1 200 OK\r\n\r\nsome")])
    let request = HTTPRequest(.get, "/v1", to: try endpoint())
    let client = client
    let task = Task { try await client.send(request) }
    while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(2)) }
    task.cancel()
    await #expect(throws: TransferError.cancelled(nothingWasSent: false)) { try await task.value }
  }

  @Test(arguments: [
    ("X-A", "1\r\nX-Evil: 2"), ("X-A", "1\nX-Evil: 2"), ("X-A", "nul\0"), ("X A", "1"),
    ("X-A:", "1"), ("", "1"),
  ])
  func `a header field cannot smuggle another`(name: String, value: String) async throws {
    var fields = HTTPFields()
    fields.append(name, value)
    let error = try await failure(HTTPRequest(.get, "/v1", to: endpoint(), fields: fields))
    #expect(error.nothingWasSent)
    #expect("\(error)".contains("Take line breaks and control characters out"))
  }

  @Test func `lines come as they are written`() async throws {
    let server = ScriptedServer(
      path: path,
      [.answer("HTTP/1.1 200 OK\r\n\r\nid: 1\ndata: {}\r\n\r\nlast")])
    let answer = try await client.lines(
      HTTPRequest(.get, "/events", to: Endpoint(unixSocket: server.path), limits: .stream))
    #expect(answer.response.status == 200)
    var lines: [String] = []
    for try await line in answer.lines { lines.append(line) }
    #expect(lines == ["id: 1", "data: {}", "", "last"])
  }

  @Test func `a stream that is refused has its answer`() async throws {
    let server = ScriptedServer(
      path: path, [.answer("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno")])
    let answer = try await client.lines(
      HTTPRequest(.get, "/events", to: Endpoint(unixSocket: server.path), limits: .stream))
    #expect(answer.response.status == 404)
    #expect(String(decoding: answer.response.body, as: UTF8.self) == "no")
    for try await _ in answer.lines { Issue.record("there is no line") }
  }

  @Test func `a stream that breaks says so`() async throws {
    let server = ScriptedServer(
      path: path, [.answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\none\ntwo\n")])
    let answer = try await client.lines(
      HTTPRequest(.get, "/events", to: Endpoint(unixSocket: server.path), limits: .stream))
    var lines: [String] = []
    await #expect(throws: TransferError.self) {
      for try await line in answer.lines { lines.append(line) }
    }
    #expect(lines == ["one", "two"])
  }
}
