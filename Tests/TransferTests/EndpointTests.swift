// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing
import Transfer

/// Which servers may be named, and which addresses are connected to.
@Suite struct EndpointTests {
  @Test(arguments: [
    "https://api.example.com", "https://api.example.com:8443/v2", "http://127.0.0.1:8080",
    "http://[::1]:8080", "unix:/run/vendor.sock",
  ])
  func `a trusted entry may name these`(text: String) throws {
    #expect(try Endpoint(text, trustsLocal: true).description == text)
  }

  @Test(arguments: [
    ("http://127.0.0.1:8080", "trust: local"), ("unix:/run/vendor.sock", "trust: local"),
    ("http://api.example.com", "trust: local"), ("ftp://api.example.com", "Use https."),
    ("file:///etc/passwd", "https://api.example.com"),
    ("api.example.com", "https://api.example.com"),
    ("https://", "https://api.example.com"), ("", "https://api.example.com"),
    ("https://user:pw@api.example.com", "credentials have a place"),
    ("https://api.example.com/?key=1", "credentials have a place"),
  ])
  func `another entry may not`(text: String, remedy: String) throws {
    let error = try #require(throws: TransferError.self) {
      _ = try Endpoint(text, trustsLocal: false)
    }
    #expect("\(error)".contains(remedy))
    #expect(!"\(error)".contains("pw") && !"\(error)".contains("key=1"))
  }

  @Test(arguments: ["http://localhost:80", "http://192.168.0.1", "http://127.0.0.1.example.com"])
  func `http stays on this machine`(text: String) {
    #expect(throws: TransferError.self) { _ = try Endpoint(text, trustsLocal: true) }
  }

  @Test func `a socket's path has the length that the system allows`() throws {
    _ = try Endpoint(unixSocket: String(repeating: "x", count: 107))
    let error = try #require(throws: TransferError.self) {
      _ = try Endpoint(unixSocket: String(repeating: "x", count: 108))
    }
    #expect("\(error)".contains("has 108 bytes"))
    #expect("\(error)".contains("Give a shorter path."))
  }

  @Test func `links stay at their server`() throws {
    let endpoint = try Endpoint("https://api.example.com/v2", trustsLocal: false)
    #expect(try endpoint.path(ofLink: "/items/1?sig=2") == "/items/1?sig=2")
    #expect(try endpoint.path(ofLink: "https://api.example.com/v2/items/1") == "/items/1")
    for link in [
      "//evil.example/x", "https://api.example.com.evil.example/v2/x", "http://169.254.169.254/",
      "https://api.example.com/v20/x", "file:///etc/passwd", "items/1",
    ] {
      #expect(throws: TransferError.self) { _ = try endpoint.path(ofLink: link) }
    }
  }

  // Nothing leaves the machine: the address is judged before a socket is opened.
  @Test(arguments: [
    "https://127.0.0.1:9", "https://[::1]:9", "https://10.0.0.1", "https://169.254.169.254",
    "https://192.168.1.1", "https://100.64.0.1", "https://[fd00::1]", "https://[fe80::1]",
    "https://[::ffff:127.0.0.1]:9", "https://[2002:7f00:1::]", "https://0.0.0.0:9",
    "https://2130706433:9",
  ])
  func `an https host at a private address is not connected to`(text: String) async throws {
    let request = HTTPRequest(.get, "/", to: try Endpoint(text, trustsLocal: false))
    let error = try await #require(throws: TransferError.self) {
      _ = try await HTTPClient().send(request)
    }
    #expect(error.nothingWasSent)
    #expect("\(error)".contains("its address is not a public one"), "\(error)")
  }
}
