// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing
import Transfer

/// Real TLS: whom the client believes, and where it lets itself be sent.
@Suite struct TLSTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func request(_ path: String, port: Int, hosts: [String]? = nil) throws -> HTTPRequest {
    var request = HTTPRequest(
      .get, path, to: try Endpoint("https://localhost:\(port)", trustsLocal: true),
      fields: ["Authorization": "Bearer s3cret"])
    request.redirectHosts = hosts
    return request
  }

  private func seen() throws -> [String] {
    try String(contentsOf: folder.url.appending(path: "seen.txt"), encoding: .utf8)
      .split(separator: "\n").map(String.init)
  }

  @Test func `a server with a certificate for its name is believed`() async throws {
    let server = try await TLSServer(in: folder.url)
    let client = HTTPClient(certificateAuthorities: server.authority)
    let response = try await client.send(request("/", port: server.port))
    #expect(response.status == 200)
    #expect(String(decoding: response.body, as: UTF8.self) == "hello")
  }

  @Test func `an authority that nobody knows is not`() async throws {
    let server = try await TLSServer(in: folder.url)
    let request = try request("/", port: server.port)
    let error = try await #require(throws: TransferError.self) {
      _ = try await HTTPClient().send(request)
    }
    #expect(error.nothingWasSent)
    #expect("\(error)".localizedStandardContains("certificate"), "\(error)")
  }

  @Test(arguments: [
    (TLSServer.Certificate(name: "other.example"), "localhost"),
    (TLSServer.Certificate(days: -1), "expired"),
  ])
  func `a certificate for another, or of yesterday, is not`(
    certificate: TLSServer.Certificate, words: String
  ) async throws {
    let server = try await TLSServer(in: folder.url, certificate)
    let client = HTTPClient(certificateAuthorities: server.authority)
    let request = try request("/", port: server.port)
    let error = try await #require(throws: TransferError.self) {
      _ = try await client.send(request)
    }
    #expect(error.nothingWasSent)
    #expect("\(error)".contains(words), "\(error)")
    #expect(!FileManager.default.fileExists(atPath: folder.url.appending(path: "seen.txt").path))
  }

  @Test func `a redirect on the server is followed where it may be, with what was sent`()
    async throws
  {
    let server = try await TLSServer(in: folder.url)
    let client = HTTPClient(certificateAuthorities: server.authority)
    let plain = try await client.send(request("/here", port: server.port))
    #expect(plain.status == 302)
    let followed = try await client.send(request("/here", port: server.port, hosts: []))
    #expect(followed.status == 200)
    #expect(try seen() == ["/here Bearer s3cret", "/here Bearer s3cret", "/ Bearer s3cret"])
  }

  @Test func `another server gets no credential`() async throws {
    let server = try await TLSServer(in: folder.url)
    let otherFolder = try TemporaryFolder()
    let other = try await TLSServer(in: otherFolder.url)
    let authorities = folder.url.appending(path: "both.pem")
    try (Data(contentsOf: server.authority) + Data(contentsOf: other.authority))
      .write(to: authorities)
    let client = HTTPClient(certificateAuthorities: authorities)
    let link = "/to?https://localhost:\(other.port)/"
    let response = try await client.send(
      request(link, port: server.port, hosts: ["localhost"]))
    #expect(response.status == 200)
    #expect(try seen().count == 1)
    let seenByOther = try String(
      contentsOf: otherFolder.url.appending(path: "seen.txt"), encoding: .utf8)
    #expect(seenByOther == "/ None\n")
  }

  @Test(arguments: [
    "https://elsewhere.example/x", "http://127.0.0.1:9/x", "file:///etc/passwd",
    "https://169.254.169.254/latest", "https://user@localhost:1/",
  ])
  func `a redirect that leads elsewhere is not followed`(link: String) async throws {
    let server = try await TLSServer(in: folder.url)
    let client = HTTPClient(certificateAuthorities: server.authority)
    let request = try request("/to?\(link)", port: server.port, hosts: ["api.example.com"])
    let error = try await #require(throws: TransferError.self) {
      _ = try await client.send(request)
    }
    #expect(!error.nothingWasSent)
    #expect(!error.isTransient)
    #expect(try seen().count == 1)
  }

  @Test func `a loop ends after three`() async throws {
    let server = try await TLSServer(in: folder.url)
    let client = HTTPClient(certificateAuthorities: server.authority)
    let response = try await client.send(request("/loop", port: server.port, hosts: []))
    #expect(response.status == 302)
    #expect(try seen().count == 4)
  }
}
