// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation
public import Planning
internal import Platform
public import Transfer

/// The adapter of `fovea-vendor`: JSON over HTTP, as its README documents.
public struct FoveaVendor: Vendor {
  typealias Documents = FoveaVendorDocuments

  /// The most items that an order may have.
  public static let mostItems = 500
  /// The most bytes that a document may have.
  static let largestDocumentBytes: Int64 = 4 << 20
  /// The most bytes that an item may be announced with.
  static let largestItemBytes: Int64 = 8 << 30

  /// The vendor's name in the configuration.
  public let name: String
  /// What the configuration says, else: keys are honoured and found at once; an order can be
  /// cancelled until it is delivered.
  public var capabilities: VendorCapabilities { configuration.capabilities ?? Self.standard }

  private static let standard = VendorCapabilities(
    repeatSafeSubmit: .replays, lookUp: .byKey, lookUpLag: .zero, maxItems: Self.mostItems,
    cancel: .untilDelivery)

  let configuration: VendorConfiguration
  let endpoint: Endpoint
  let client: HTTPClient

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

  /// Counts by geometry alone.
  public func measure(on grid: ChipGrid) async throws(VendorError) -> OrderMeasure {
    { OrderQuantity($0) }
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

  /// Finds orders by `GET /v1/orders?reference=KEY`, or in the list of all orders.
  public func lookUp(_ key: OrderKey) async throws(VendorError) -> [Receipt] {
    let path: String
    switch capabilities.lookUp {
    case .byKey: path = "/v1/orders?reference=\(key.text)"
    case .byListing: path = "/v1/orders"
    case .none: throw .refused(vendor: name, status: 501, reason: "it offers no look-up")
    }
    let list: Documents.List<Documents.OrderAnswer> = try await ask(.get, path)
    var receipts: [Receipt] = []
    for order in list.items
    where capabilities.lookUp == .byKey || order.reference == key.text {
      receipts.append(try receipt(order, for: key))
    }
    return receipts
  }

  /// Reads an order by `GET /v1/orders/ID`.
  public func status(_ order: VendorOrderID) async throws(VendorError) -> StatusReport {
    let answer: Documents.OrderAnswer = try await ask(.get, "/v1/orders/\(try checked(order))")
    guard answer.orderId == order else {
      throw malformed("it was asked for order \(order) and told of another")
    }
    let items = answer.items.map {
      StatusReport.Item(
        number: $0.number, state: VendorOrderState(foveaVendor: $0.state), charge: $0.charge)
    }
    return StatusReport(
      state: VendorOrderState(foveaVendor: answer.state),
      vendorState: VendorWords.clean(Data(answer.state.utf8)),
      items: try unique(items, by: \.number), charged: answer.charged)
  }

  /// Lists what can be fetched by `GET /v1/orders/ID/deliveries`.
  public func deliveries(_ order: VendorOrderID) async throws(VendorError) -> [Delivery] {
    let list: Documents.List<Documents.DeliveryAnswer> = try await ask(
      .get, "/v1/orders/\(try checked(order))/deliveries")
    var deliveries: [Delivery] = []
    for item in list.items {
      let sum = item.sha256.lowercased()
      let isDigest = sum.utf8.count == 64 && sum.utf8.allSatisfy(Self.isHexDigit)
      guard item.number >= 0, (1...Self.largestItemBytes).contains(item.byteCount), isDigest else {
        throw malformed("item \(item.number) has no length or no SHA-256 that can be right")
      }
      deliveries.append(
        Delivery(
          itemNumber: item.number, url: item.url, byteCount: item.byteCount, sha256: sum))
    }
    return try unique(deliveries, by: \.itemNumber)
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte
  }

  /// The elements by number; one that comes twice counts once, and must be the same both times.
  private func unique<Element: Equatable>(
    _ elements: [Element], by number: (Element) -> Int
  ) throws(VendorError) -> [Element] {
    var byNumber: [Int: Element] = [:]
    for element in elements {
      if let earlier = byNumber[number(element)], earlier != element {
        throw malformed("item \(number(element)) is there twice, and not the same")
      }
      byNumber[number(element)] = element
    }
    return byNumber.sorted { $0.key < $1.key }.map(\.value)
  }

  /// Fetches an item, continuing what is there of it.
  public func download(
    _ delivery: Delivery, to file: URL, progress: @escaping @Sendable (Int64) -> Void
  ) async throws(VendorError) {
    guard let byteCount = delivery.byteCount, let sha256 = delivery.sha256 else {
      throw malformed("item \(delivery.itemNumber) has no length or no SHA-256")
    }
    do throws(TransferError) {
      try await client.download(
        try request(forLink: delivery.url), to: file,
        plan: DownloadPlan(byteCount: byteCount, sha256: sha256),
        progress: progress)
    } catch {
      switch error {
      case .mismatch(_, let reason):
        throw .badDelivery(vendor: name, item: delivery.itemNumber, reason: reason)
      case .file(let reason): throw .storage(reason: reason)
      case .status(_, 429, _, let pause): throw .rateLimited(vendor: name, retryAfter: pause)
      case .status(_, 503, _, let pause?):
        throw .rateLimited(vendor: name, retryAfter: pause)
      // A link that has ended: fresh ones are asked for with each attempt.
      case .status: throw .unavailable(vendor: name, reason: error.description)
      case .invalidRequest(let what, _): throw malformed(what)
      case .forbiddenLink: throw malformed(error.description)
      default: throw failure(error)
      }
    }
  }

  /// A request for what a link leads to; our credential stays with the vendor's own server.
  private func request(forLink link: String) throws(TransferError) -> HTTPRequest {
    if link.hasPrefix("/"), !link.hasPrefix("//") {
      var request = request(.get, try endpoint.path(ofLink: link))
      request.redirectHosts = configuration.hosts
      return request
    }
    var start = request(.get, "/")
    start.redirectHosts = configuration.hosts
    return try start.led(to: link)
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

  /// Reads orders and refunds by `GET /v1/statement`.
  public func statement(since date: Date) async throws(VendorError) -> VendorStatement {
    let answer: Documents.Statement = try await ask(
      .get, "/v1/statement?since=\(Timestamp.text(date))")
    var orders: [VendorStatement.Order] = []
    for order in answer.orders {
      orders.append(
        VendorStatement.Order(
          id: try checked(order.orderId), reference: order.reference,
          state: VendorOrderState(foveaVendor: order.state), charged: order.charged))
    }
    return VendorStatement(
      orders: orders,
      refunds: answer.refunds.map {
        VendorStatement.Refund(id: $0.refundId, order: $0.orderId, amount: $0.amount)
      })
  }

  /// What the vendor says of itself by `GET /v1/capabilities`.
  public func announcedCapabilities() async throws(VendorError) -> VendorCapabilities? {
    let answer: Documents.Capabilities = try await ask(.get, "/v1/capabilities")
    guard (0...86_400).contains(answer.lookUpLagSeconds), answer.maxItems > 0 else {
      throw malformed("a lag of \(answer.lookUpLagSeconds) s, and \(answer.maxItems) items")
    }
    // A word that is not known means the less that a client can rely on.
    return VendorCapabilities(
      repeatSafeSubmit: .init(rawValue: answer.repeatSafeSubmit) ?? .duplicates,
      lookUp: .init(rawValue: answer.lookUp) ?? .none,
      lookUpLag: .seconds(answer.lookUpLagSeconds), maxItems: answer.maxItems,
      cancel: ["until-running": .untilRunning, "until-delivery": .untilDelivery][answer.cancel]
        ?? .never)
  }
}
