// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform
import TestSupport
import Testing
import Transfer

/// Downloads that break, lie or change.
@Suite struct DownloadTests {
  private let folder: TemporaryFolder
  private let client = HTTPClient()
  private let bytes = String((0..<5000).map { Character(UnicodeScalar(UInt8(97 + $0 % 23))) })

  init() throws { folder = try TemporaryFolder() }

  private var path: String { folder.url.appending(path: "s").path }
  private var file: URL { folder.url.appending(path: "item.tif") }
  private var part: URL { folder.url.appending(path: "item.tif.part") }

  private var plan: DownloadPlan {
    DownloadPlan(
      byteCount: 5000, sha256: Digest.sha256(Data(bytes.utf8)), mostAttempts: 3,
      backoff: Backoff(first: .milliseconds(1), longest: .seconds(1)))
  }

  private func download() async throws {
    let request = HTTPRequest(.get, "/item?signature=secret", to: try Endpoint(unixSocket: path))
    try await client.download(request, to: file, plan: plan)
  }

  private func failure() async throws -> TransferError {
    try await #require(throws: TransferError.self) { try await download() }
  }

  private func whole(etag: String = "\"v1\"", _ body: String) -> String {
    "HTTP/1.1 200 OK\r\nETag: \(etag)\r\nContent-Length: 5000\r\n\r\n\(body)"
  }

  private func rest(from start: Int, _ body: String) -> String {
    "HTTP/1.1 206 Partial Content\r\nETag: \"v1\"\r\nContent-Length: \(5000 - start)\r\n"
      + "Content-Range: bytes \(start)-4999/5000\r\n\r\n\(body)"
  }

  private func expectWhole() throws {
    #expect(try String(contentsOf: file, encoding: .utf8) == bytes)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
        == ["item.tif", "s"])
  }

  @Test func `a file comes whole`() async throws {
    let server = ScriptedServer(path: path, [.answer(whole(bytes))])
    try await download()
    try expectWhole()
    #expect(server.requests.count == 1)
    #expect(server.requests[0].contains("Range:") == false)
  }

  @Test func `a cut download goes on where it broke`() async throws {
    let server = ScriptedServer(
      path: path,
      [
        .answer(whole(String(bytes.prefix(2000)))),
        .answer(rest(from: 2000, String(bytes.dropFirst(2000)))),
      ])
    try await download()
    try expectWhole()
    #expect(server.requests.count == 2)
    #expect(server.requests[1].contains("\r\nRange: bytes=2000-\r\n"))
    #expect(server.requests[1].contains("\r\nIf-Range: \"v1\"\r\n"))
  }

  @Test func `an earlier process's part is continued`() async throws {
    try Data(bytes.prefix(100).utf8).write(to: part)
    try Data("\"v1\"".utf8).write(to: folder.url.appending(path: "item.tif.part-etag"))
    let server = ScriptedServer(
      path: path, [.answer(rest(from: 100, String(bytes.dropFirst(100))))])
    try await download()
    try expectWhole()
    #expect(server.requests.count == 1)
  }

  @Test func `a part of a file that has changed meanwhile is not used`() async throws {
    try Data(repeating: 0, count: 100).write(to: part)
    try Data("\"v0\"".utf8).write(to: folder.url.appending(path: "item.tif.part-etag"))
    let server = ScriptedServer(path: path, [.answer(whole(bytes))])
    try await download()
    try expectWhole()
    #expect(server.requests[0].contains("If-Range: \"v0\""))
  }

  @Test func `without a strong validator it begins again`() async throws {
    let server = ScriptedServer(
      path: path,
      [.answer(whole(etag: "W/\"v1\"", String(bytes.prefix(2000)))), .answer(whole(bytes))])
    try await download()
    try expectWhole()
    #expect(server.requests[1].contains("Range:") == false)
  }

  @Test func `wrong bytes of the right length are found and removed`() async throws {
    let wrong = "X" + bytes.dropFirst()
    let server = ScriptedServer(path: path, [.answer(whole(wrong))])
    let error = try await failure()
    guard case .mismatch = error else {
      Issue.record("\(error)")
      return
    }
    #expect("\(error)".contains("its SHA-256 is \(Digest.sha256(Data(wrong.utf8)))"))
    #expect("\(error)".contains("Fetch it again."))
    #expect(!"\(error)".contains("secret"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["s"])
    #expect(server.requests.count == 1)
  }

  @Test func `a damaged part is not the end of it`() async throws {
    try Data(repeating: 0, count: 100).write(to: part)
    try Data("\"v1\"".utf8).write(to: folder.url.appending(path: "item.tif.part-etag"))
    let server = ScriptedServer(
      path: path,
      [.answer(rest(from: 100, String(bytes.dropFirst(100)))), .answer(whole(bytes))])
    try await download()
    try expectWhole()
    #expect(server.requests.count == 2)
  }

  @Test func `a body without end is stopped`() async throws {
    let server = ScriptedServer(
      path: path, [.answer("HTTP/1.1 200 OK\r\n\r\n\(bytes)\(bytes)")])
    #expect("\(try await failure())".contains("longer than the announced 5000 bytes"))
    #expect(server.requests.count == 1)
  }

  @Test func `a shorter file is not taken`() async throws {
    let server = ScriptedServer(
      path: path, [.answer("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")])
    #expect("\(try await failure())".contains("it has 3 bytes, and 5000 were announced"))
    #expect(server.requests.count == 1)
  }

  @Test func `a refusal ends it at once, a failure after some attempts`() async throws {
    let gone = ScriptedServer(
      path: path, [.answer("HTTP/1.1 410 Gone\r\nContent-Length: 4\r\n\r\ngone")])
    #expect("\(try await failure())".contains("answered 410: gone"))
    #expect(gone.requests.count == 1)
    let busy = folder.url.appending(path: "busy").path
    let server = ScriptedServer(
      path: busy, [.answer("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")])
    await #expect(throws: TransferError.self) {
      try await client.download(
        HTTPRequest(.get, "/", to: Endpoint(unixSocket: busy)), to: file, plan: plan)
    }
    #expect(server.requests.count == 3)
  }

  @Test func `a pause that is asked for is made, and a long one left to the caller`() async throws {
    let server = ScriptedServer(
      path: path,
      [
        .answer("HTTP/1.1 429 Slow\r\nRetry-After: 0.2\r\nContent-Length: 0\r\n\r\n"),
        .answer(whole(bytes)),
      ])
    let start = ContinuousClock.now
    try await download()
    #expect(ContinuousClock.now - start >= .milliseconds(200))
    #expect(server.requests.count == 2)
    let busy = folder.url.appending(path: "busy").path
    let slow = ScriptedServer(
      path: busy,
      [.answer("HTTP/1.1 503 Busy\r\nRetry-After: 900\r\nContent-Length: 0\r\n\r\n")])
    let error = try await #require(throws: TransferError.self) {
      try await client.download(
        HTTPRequest(.get, "/", to: Endpoint(unixSocket: busy)),
        to: folder.url.appending(path: "other.tif"), plan: plan)
    }
    guard case .status(_, 503, _, .seconds(900)?) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(slow.requests.count == 1)
  }
}
