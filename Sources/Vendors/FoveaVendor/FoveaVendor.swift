// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation
internal import Platform
public import Transfer

/// The adapter of `fovea-vendor`: JSON over HTTP, as its README documents.
public struct FoveaVendor: Vendor {
  typealias Documents = FoveaVendorDocuments

  /// The most items that an order may have.
  public static let mostItems = 500
  /// The longest pause that a vendor can ask for.
  static let longestPause = Duration.seconds(3600)

  /// The vendor's name in the configuration.
  public let name: String
  /// Keys are honoured and found at once; an order can be cancelled until it is delivered.
  public let capabilities = VendorCapabilities(
    repeatSafeSubmit: .replays, lookUp: .byKey, lookUpLag: .zero, maxItems: Self.mostItems,
    cancel: .untilDelivery)

  private let configuration: VendorConfiguration
  private let endpoint: Endpoint
  private let client: HTTPClient

  /// Creates the adapter; nothing is sent.
  ///
  /// - Throws: `VendorError.misconfigured` when the url is not one that may be used.
  public init(_ configuration: VendorConfiguration, client: HTTPClient) throws(VendorError) {
    name = configuration.name
    self.configuration = configuration
    self.client = client
    do {
      endpoint = try Endpoint(configuration.url, trustsLocal: configuration.trustsLocal)
    } catch {
      throw .misconfigured(vendor: configuration.name, reason: "\(error)")
    }
  }

  /// Asks for a price by `POST /v1/quotes`.
  public func quote(_ draft: OrderDraft) async throws(VendorError) -> Quote {
    let body = try encoded(Documents.Order(draft))
    let answer: Documents.QuoteAnswer = try await ask(.post, "/v1/quotes", body: body)
    guard answer.price.minorUnits >= 0, answer.areaMm2 > 0 else {
      throw malformed("a quote of \(answer.price) for \(answer.areaMm2) mm2")
    }
    return Quote(
      price: answer.price, validUntil: answer.validUntil, vendorQuoteID: answer.quoteId,
      areaSquareMillimetres: answer.areaMm2)
  }

  /// The body of `POST /v1/orders`: sorted keys, so that the same order has the same bytes.
  public func submission(
    for draft: OrderDraft, quote: Quote, key: OrderKey
  ) throws(VendorError) -> Submission {
    guard draft.rectangles.count <= Self.mostItems else {
      throw .refused(
        vendor: name, status: 413,
        reason: "\(draft.rectangles.count) items, and an order has at most \(Self.mostItems)")
    }
    let order = Documents.Order(draft, reference: key.text, quote: quote)
    return Submission(key: key, body: try encoded(order))
  }

  /// Orders by `POST /v1/orders` with the key as `Idempotency-Key`.
  public func submit(_ submission: Submission) async throws(SubmitError) -> Receipt {
    var request = request(.post, "/v1/orders", body: submission.body)
    request.fields.append("Idempotency-Key", submission.key.text)
    let response: HTTPResponse
    do {
      response = try await client.send(request)
    } catch {
      throw error.nothingWasSent
        ? .notSent(reason: error.description) : .unknown(reason: error.description)
    }
    guard response.isSuccess else {
      let reason = Self.reason(response)
      throw Self.notCreated.contains(response.status)
        ? .refused(status: response.status, reason: reason)
        : .unknown(reason: "it answered \(response.status): \(reason)")
    }
    do {
      return try receipt(decoded(response), for: submission.key)
    } catch {
      throw .unknown(reason: error.description)
    }
  }

  /// Finds orders by `GET /v1/orders?reference=KEY`.
  public func lookUp(_ key: OrderKey) async throws(VendorError) -> [Receipt] {
    let list: Documents.List<Documents.OrderAnswer> = try await ask(
      .get, "/v1/orders?reference=\(key.text)")
    var receipts: [Receipt] = []
    for order in list.items { receipts.append(try receipt(order, for: key)) }
    return receipts
  }

  /// Reads an order by `GET /v1/orders/ID`.
  public func status(_ order: VendorOrderID) async throws(VendorError) -> StatusReport {
    let answer: Documents.OrderAnswer = try await ask(.get, "/v1/orders/\(try checked(order))")
    guard answer.orderId == order else {
      throw malformed("it was asked for order \(order) and told of another")
    }
    return StatusReport(
      state: VendorOrderState(foveaVendor: answer.state), vendorState: answer.state,
      items: answer.items.map {
        StatusReport.Item(
          number: $0.number, state: VendorOrderState(foveaVendor: $0.state), charge: $0.charge)
      }.sorted { $0.number < $1.number },
      charged: answer.charged)
  }

  /// Lists what can be fetched by `GET /v1/orders/ID/deliveries`.
  public func deliveries(_ order: VendorOrderID) async throws(VendorError) -> [Delivery] {
    let list: Documents.List<Documents.DeliveryAnswer> = try await ask(
      .get, "/v1/orders/\(try checked(order))/deliveries")
    for item in list.items {
      let isDigest =
        item.sha256.utf8.count == 64
        && item.sha256.allSatisfy { $0.isHexDigit && !$0.isUppercase }
      guard item.number >= 0, item.byteCount > 0, isDigest else {
        throw malformed("item \(item.number) has no length or no SHA-256")
      }
    }
    return list.items.map {
      Delivery(itemNumber: $0.number, url: $0.url, byteCount: $0.byteCount, sha256: $0.sha256)
    }.sorted { $0.itemNumber < $1.itemNumber }
  }

  /// Fetches an item, continuing what is there of it.
  public func download(
    _ delivery: Delivery, to file: URL, progress: @escaping @Sendable (Int64) -> Void
  ) async throws(VendorError) {
    do throws(TransferError) {
      let path = try endpoint.path(ofLink: delivery.url)
      try await client.download(
        request(.get, path), to: file,
        plan: DownloadPlan(byteCount: delivery.byteCount, sha256: delivery.sha256),
        progress: progress)
    } catch {
      switch error {
      case .mismatch(_, let reason):
        throw .badDelivery(vendor: name, item: delivery.itemNumber, reason: reason)
      case .file(let reason): throw .storage(reason: reason)
      case .status(_, let code, let reason, _) where !error.isTransient:
        throw .refused(vendor: name, status: code, reason: reason)
      case .invalidRequest(let what, _): throw malformed(what)
      default: throw failure(error)
      }
    }
  }

  /// Asks for an order's end by `POST /v1/orders/ID/cancel`.
  public func cancel(_ order: VendorOrderID) async throws(VendorError) -> CancelAnswer {
    do throws(VendorError) {
      let _: Documents.OrderAnswer = try await ask(
        .post, "/v1/orders/\(try checked(order))/cancel", body: Data("{}".utf8))
      return .requested
    } catch {
      if case .refused(_, 409, let reason) = error { return .declined(reason: reason) }
      throw error
    }
  }

  // MARK: - Exchanges

  /// The statuses that this interface documents as "not created".
  static let notCreated: Set<Int> = [400, 401, 402, 403, 404, 410, 413, 415, 422]

  private func request(
    _ method: HTTPRequest.Method, _ path: String, body: Data? = nil
  ) -> HTTPRequest {
    var request = HTTPRequest(method, path, to: endpoint)
    if let body {
      request.body = .data(body)
      request.fields.append("Content-Type", "application/json")
    }
    if let credential = configuration.credential {
      request.fields.append("Authorization", "Bearer \(credential.reveal())")
    }
    return request
  }

  private func ask<Answer: Decodable>(
    _ method: HTTPRequest.Method, _ path: String, body: Data? = nil
  ) async throws(VendorError) -> Answer {
    let response: HTTPResponse
    do {
      response = try await client.send(request(method, path, body: body))
    } catch {
      throw failure(error)
    }
    guard response.isSuccess else { throw refusal(response) }
    return try decoded(response)
  }

  private func failure(_ error: TransferError) -> VendorError {
    switch error {
    case .cancelled: .cancelled
    case .invalidRequest: .misconfigured(vendor: name, reason: error.description)
    case .answerTooLarge: malformed(error.description)
    default: .unavailable(vendor: name, reason: error.description)
    }
  }

  /// What an answer without success means where no money is involved.
  private func refusal(_ response: HTTPResponse) -> VendorError {
    let reason = Self.reason(response)
    switch response.status {
    case 402: return .quotaExhausted(vendor: name, reason: reason)
    case 429:
      // Seconds, as fovea-vendor documents; a date or nonsense counts as no word at all.
      let pause = response.fields["Retry-After"].flatMap(Int.init).map { Duration.seconds($0) }
      return .rateLimited(
        vendor: name, retryAfter: pause.map { max(.zero, min($0, Self.longestPause)) })
    case 408, 425, 500...:
      return .unavailable(vendor: name, reason: "it answered \(response.status): \(reason)")
    case 400..<500: return .refused(vendor: name, status: response.status, reason: reason)
    default: return malformed("status \(response.status)")
    }
  }

  // MARK: - Documents

  private func encoded(_ order: Documents.Order) throws(VendorError) -> Data {
    do {
      return try JSON.encoder().encode(order)
    } catch {
      throw malformed("the order cannot be written as JSON: \(error)")
    }
  }

  private func decoded<Answer: Decodable>(
    _ response: HTTPResponse
  ) throws(VendorError) -> Answer {
    do {
      return try JSON.decoder().decode(Answer.self, from: response.body)
    } catch {
      throw malformed(
        "status \(response.status) with \"\(Self.clean(response.body))\", which is not the "
          + "document that was asked for")
    }
  }

  private func receipt(
    _ answer: Documents.OrderAnswer, for key: OrderKey
  ) throws(VendorError) -> Receipt {
    guard answer.reference == key.text else {
      throw malformed("order \(key.text) was meant, and another reference came back")
    }
    return Receipt(
      vendorOrderID: try checked(answer.orderId),
      state: VendorOrderState(foveaVendor: answer.state), price: answer.price)
  }

  /// An order's name goes into a path, so it is held to what needs no encoding there.
  private func checked(_ order: VendorOrderID) throws(VendorError) -> VendorOrderID {
    let isPlain = order.utf8.allSatisfy { byte in
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
        || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || byte == UInt8(ascii: "-")
    }
    guard isPlain, (1...64).contains(order.utf8.count) else {
      throw malformed("\"\(order.prefix(64))\" is not an order's name")
    }
    return order
  }

  private func malformed(_ reason: String) -> VendorError {
    .malformedAnswer(vendor: name, reason: reason)
  }

  /// The vendor's own words: a problem document's, else the beginning of the body.
  private static func reason(_ response: HTTPResponse) -> String {
    // Whatever is no problem document is shown as text.
    let problem = try? JSON.decoder().decode(Documents.Problem.self, from: response.body)
    return problem.flatMap { $0.detail ?? $0.title }.map { clean(Data($0.utf8)) }
      ?? clean(response.body)
  }

  /// At most 200 bytes of somebody else's text, without control characters.
  private static func clean(_ body: Data) -> String {
    let text = String(decoding: body.prefix(200), as: UTF8.self)
    let shown = text.unicodeScalars.filter { scalar in
      ![.control, .format, .lineSeparator, .paragraphSeparator].contains(
        scalar.properties.generalCategory)
    }
    let line = String(String.UnicodeScalarView(shown))
    // It becomes part of a sentence of ours.
    return line.hasSuffix(".") ? String(line.dropLast()) : line
  }
}
