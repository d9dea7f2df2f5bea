// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Platform
import TestSupport
import Testing
import Transfer
import Vendors

/// What the adapter makes of answers, each written out by hand.
@Suite struct FoveaVendorAnswerTests {
  private let folder: TemporaryFolder
  private let vendor: FoveaVendor
  private let submission = Submission(key: newKey(), body: Data("{}".utf8))

  init() throws {
    folder = try TemporaryFolder()
    vendor = try FoveaVendor(
      VendorConfiguration(
        name: "shop", url: "unix:\(folder.url.path)/s", trustsLocal: true, product: "hr-10m",
        pricesFile: URL(filePath: "/prices.yaml"), credential: Secret("s3cret")),
      client: HTTPClient())
  }

  private func answering(_ status: String, _ body: String, fields: String = "") -> ScriptedServer {
    ScriptedServer(
      path: "\(folder.url.path)/s",
      [
        .answer(
          "HTTP/1.1 \(status)\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
      ])
  }

  private func submitFailure() async throws -> SubmitError {
    try await #require(throws: SubmitError.self) { _ = try await vendor.submit(submission) }
  }

  private func statusFailure() async throws -> VendorError {
    try await #require(throws: VendorError.self) { _ = try await vendor.status("o1") }
  }

  private func order(reference: String? = nil, id: String = "o1", state: String = "waiting")
    -> String
  {
    """
    {"order_id":"\(id)","reference":"\(reference ?? submission.key.text)","state":"\(state)",
    "price":{"minor_units":650,"currency":"EUR"},"charged":{"minor_units":0,"currency":"EUR"},
    "items":[{"number":0,"state":"\(state)"}]}
    """
  }

  // MARK: - Submission

  @Test func `an order is sent as it was made, with its key and our credential`() async throws {
    let server = answering("201 Created", order())
    let receipt = try await vendor.submit(submission)
    let price = try Money(parsing: "6.50 EUR")
    #expect(receipt == Receipt(vendorOrderID: "o1", state: .waiting, price: price))
    let request = try #require(server.requests.first)
    #expect(request.hasPrefix("POST /v1/orders HTTP/1.1\r\n"))
    #expect(request.contains("\r\nIdempotency-Key: \(submission.key.text)\r\n"))
    #expect(request.contains("\r\nAuthorization: Bearer s3cret\r\n"))
    #expect(request.hasSuffix("\r\n\r\n{}"))
  }

  @Test func `nobody there: not sent`() async throws {
    let error = try await submitFailure()
    guard case .notSent = error else {
      Issue.record("\(error)")
      return
    }
    #expect("\(error)".contains("It is sent again when the vendor can be reached."))
  }

  @Test(arguments: [400, 401, 402, 403, 404, 410, 413, 415, 422])
  func `documented as not created: refused`(status: Int) async throws {
    let server = answering("\(status) No", #"{"title":"No","detail":"Not at\u0007 this price."}"#)
    #expect(
      try await submitFailure() == .refused(status: status, reason: "Not at this price"))
    #expect(server.requests.count == 1)
  }

  @Test(arguments: [302, 408, 409, 425, 429, 500, 502, 503, 504])
  func `anything else: unknown`(status: Int) async throws {
    let server = answering("\(status) Hm", "")
    let error = try await submitFailure()
    guard case .unknown = error else {
      Issue.record("\(error)")
      return
    }
    #expect("\(error)".contains("\(status)"))
    #expect(server.requests.count == 1)
  }

  @Test func `success without a proper receipt: unknown`() async throws {
    let bodies = [
      "", "<html>", "{}", order(reference: newKey().text), order(id: ""), order(id: "../admin"),
      order().replacingOccurrences(of: "650", with: "6.5"),
      order().replacingOccurrences(of: "EUR", with: "EURO"),
    ]
    for (index, body) in bodies.enumerated() {
      let path = "\(folder.url.path)/u\(index)"
      let server = ScriptedServer(
        path: path,
        [.answer("HTTP/1.1 201 Created\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")])
      let vendor = try FoveaVendor(
        VendorConfiguration(
          name: "shop", url: "unix:\(path)", trustsLocal: true, product: "hr-10m",
          pricesFile: URL(filePath: "/prices.yaml")), client: HTTPClient())
      let error = try await #require(throws: SubmitError.self, "\(body)") {
        _ = try await vendor.submit(submission)
      }
      guard case .unknown = error else {
        Issue.record("\(body): \(error)")
        continue
      }
      #expect(server.requests.count == 1)
    }
  }

  // A price that differs is the caller's to judge: it must reach it.
  @Test func `another price is reported, not judged`() async throws {
    let server = answering("201 Created", order().replacingOccurrences(of: "650", with: "65000"))
    #expect(try await vendor.submit(submission).price == Money(parsing: "650.00 EUR"))
    #expect(server.requests.count == 1)
  }

  // MARK: - Other calls

  @Test(arguments: [
    ("7", Duration.seconds(7)), ("99999999", .seconds(3600)), ("-1", .zero),
    ("Mon, 23 Nov 2020 11:00:00 GMT", .zero), ("Fri, 20 Nov 2099 11:00:00 GMT", .seconds(3600)),
    ("", nil),
  ])
  func `slow down, for so long`(text: String, pause: Duration?) async throws {
    let server = answering("429 Slow", "", fields: "Retry-After: \(text)\r\n")
    let error = try await statusFailure()
    #expect(error == .rateLimited(vendor: "shop", retryAfter: pause))
    #expect(error.isTransient)
    #expect(server.requests.count == 1)
  }

  @Test func `no money left is not tried again`() async throws {
    let server = answering("402 Pay", #"{"detail":"0.00 EUR of credit"}"#)
    let error = try await statusFailure()
    #expect(error == .quotaExhausted(vendor: "shop", reason: "0.00 EUR of credit"))
    #expect(!error.isTransient)
    #expect("\(error)".contains("Add credit"))
    #expect(server.requests.count == 1)
  }

  @Test func `refused, broken and malformed are told apart`() async throws {
    for (status, body, kind) in [
      ("404 No", "gone", "refused (404): gone"), ("503 Busy", "", "cannot be reached"),
      ("200 OK", "<html>", "not its interface's"), ("302 Found", "", "not its interface's"),
      ("200 OK", order(id: "o2"), "told of another"),
    ] {
      let path = "\(folder.url.path)/s"
      unlink(path)
      let server = answering(status, body)
      #expect("\(try await statusFailure())".contains(kind))
      #expect(server.requests.count == 1)
    }
  }

  @Test func `an unknown state is not an end`() async throws {
    let server = answering("200 OK", order(state: "BEING_FULFILLED"))
    let report = try await vendor.status("o1")
    #expect(report.state == .running)
    #expect(report.vendorState == "BEING_FULFILLED")
    #expect(server.requests.count == 1)
  }

  @Test(arguments: [
    #"{"number":0,"url":"/x","byte_count":0,"sha256":"\#(Digest.sha256(Data()))"}"#,
    #"{"number":0,"url":"/x","byte_count":5,"sha256":"md5"}"#,
    #"{"number":-1,"url":"/x","byte_count":5,"sha256":"\#(Digest.sha256(Data()))"}"#,
  ])
  func `a delivery that cannot be verified is none`(item: String) async throws {
    let server = answering("200 OK", #"{"items":[\#(item)]}"#)
    let error = try await #require(throws: VendorError.self) {
      _ = try await vendor.deliveries("o1")
    }
    #expect("\(error)".contains("has no length or no SHA-256"))
    #expect(server.requests.count == 1)
  }

  @Test func `links lead to the vendor, and are not shown`() async throws {
    let delivery = Delivery(
      itemNumber: 0, url: "https://evil.example/x?sig=s3cret", byteCount: 5,
      sha256: Digest.sha256(Data()))
    #expect(!"\(delivery)".contains("s3cret"))
    let error = try await #require(throws: VendorError.self) {
      try await vendor.download(delivery, to: folder.url.appending(path: "x.tif")) { _ in }
    }
    #expect("\(error)".contains("evil.example"))
    #expect("\(error)".contains("not among the hosts"))
    #expect(!"\(error)".contains("s3cret"))
  }

  @Test func `an address of this machine needs trust`() throws {
    let error = try #require(throws: VendorError.self) {
      _ = try FoveaVendor(
        VendorConfiguration(
          name: "shop", url: "http://127.0.0.1:80", trustsLocal: false, product: "hr-10m",
          pricesFile: URL(filePath: "/prices.yaml")), client: HTTPClient())
    }
    #expect("\(error)".contains("the entry of shop in the configuration is wrong"))
    #expect("\(error)".contains("trust: local"))
  }

  @Test func `a look-up that proves nothing lasts twice the lag`() {
    func capabilities(_ lag: Duration?) -> VendorCapabilities {
      VendorCapabilities(
        repeatSafeSubmit: .replays, lookUp: .byKey, lookUpLag: lag, maxItems: nil, cancel: .never)
    }
    #expect(capabilities(.seconds(40)).settleTime == .seconds(80))
    #expect(capabilities(.zero).settleTime == .zero)
    #expect(capabilities(nil).settleTime == .seconds(900))
  }
}
