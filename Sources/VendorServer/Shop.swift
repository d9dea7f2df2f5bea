// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import HTTPTypes
import Platform

/// What the vendor does for its clients, apart from HTTP.
struct Shop: Sendable {
  let catalogue: Catalogue
  let books: Books
  let stateFolder: URL
  let terms: VendorTerms
  let now: @Sendable () -> Date
  /// Wakes the fulfilment.
  let wake: @Sendable () -> Void

  /// An answer to an order: what to send, and whether it was sent before.
  struct Placed {
    let answer: Data
    let orderID: String
    let isRepetition: Bool
  }

  /// Prices a request and remembers the price for as long as it holds.
  func quote(_ request: Documents.Request) async throws -> Documents.Quote {
    let offer = try catalogue.offer(request)
    let quote = Books.QuoteRow(
      id: newID(), contentDigest: Self.digest(of: offer), price: offer.price,
      validUntil: now().addingTimeInterval(terms.quoteLifetime / .seconds(1)))
    try await books.add(quote)
    return Documents.Quote(
      quoteId: quote.id, price: quote.price, areaMm2: offer.areaSquareMillimetres,
      validUntil: quote.validUntil)
  }

  /// Takes an order; what becomes of a key that is used again is in the terms.
  ///
  /// - Parameter isDoubled: whether a second order is entered beside it.
  func place(_ body: Data, key: String, isDoubled: Bool) async throws -> Placed {
    let digest = Digest.sha256(body)
    let mayRepeat = terms.repeatedSubmit == .none
    if !mayRepeat, let earlier = try await books.orders(reference: key).first {
      return try repetition(of: earlier, digest)
    }
    let request = try Self.request(body)
    guard request.reference == nil || request.reference == key else {
      throw Problem.refused(
        "Two references", "The reference in the body is not the Idempotency-Key.")
    }
    let offer = try catalogue.offer(request)
    let price = try await agreedPrice(request, offer)
    let order = try orderRow(key: key, digest, offer, price)
    let entered = try await books.add(order, isAnother: mayRepeat)
    guard entered.id == order.id else { return try repetition(of: entered, digest) }
    if isDoubled {
      _ = try await books.add(try orderRow(key: key, digest, offer, price), isAnother: true)
    }
    wake()
    return Placed(answer: order.firstAnswer, orderID: order.id, isRepetition: false)
  }

  private func repetition(of order: OrderRow, _ digest: String) throws -> Placed {
    guard terms.repeatedSubmit == .replays else {
      throw Problem(
        .conflict, "Key in use",
        "There is an order with the Idempotency-Key \(order.reference) already.")
    }
    guard order.bodyDigest == digest else {
      throw Problem.refused(
        "Key in use",
        "The Idempotency-Key \(order.reference) belongs to an order with another body.")
    }
    return Placed(answer: order.firstAnswer, orderID: order.id, isRepetition: true)
  }

  private func orderRow(
    key: String, _ digest: String, _ offer: Catalogue.Offer, _ price: Money
  ) throws -> OrderRow {
    let draft = row(id: newID(), key: key, digest, offer, price, answer: Data())
    let answer = try JSON.encoder().encode(try draft.document)
    return row(id: draft.id, key: key, digest, offer, price, answer: answer)
  }

  private func row(
    id: String, key: String, _ digest: String, _ offer: Catalogue.Offer, _ price: Money,
    answer: Data
  ) -> OrderRow {
    let accepted = now()
    return OrderRow(
      id: id, reference: key, bodyDigest: digest, firstAnswer: answer, state: .waiting,
      price: price, accepted: accepted,
      ready: accepted.addingTimeInterval(terms.delay / .seconds(1)),
      items: offer.items.map { OrderRow.Item(selection: $0) })
  }

  /// The price of the quote that the order names, else today's; never another than the client's.
  private func agreedPrice(
    _ request: Documents.Request, _ offer: Catalogue.Offer
  ) async throws -> Money {
    var price = offer.price
    if let id = request.quoteId {
      guard let quote = try await books.quote(id), quote.contentDigest == Self.digest(of: offer)
      else {
        throw Problem.refused(
          "Unknown quote", "There is no quote \(id.prefix(64)) for these items.")
      }
      guard quote.validUntil > now() else {
        throw Problem.refused(
          "Quote expired", "The quote \(id) was good until \(Timestamp.text(quote.validUntil)).")
      }
      price = quote.price
    }
    guard request.price == nil || request.price == price else {
      throw Problem.refused("Another price", "These items cost \(price).")
    }
    return price
  }

  /// The orders under a client's key, or all orders, that a look-up finds.
  func found(_ reference: String?) async throws -> [OrderRow] {
    guard terms.lookUp != .none, reference == nil || terms.lookUp == .byKey else {
      throw Problem(
        .notFound, "No such look-up",
        "Orders are not found by \(reference == nil ? "reading a list" : "reference") here.")
    }
    let orders =
      if let reference {
        try await books.orders(reference: reference)
      } else {
        try await books.allOrders()
      }
    let latest = now().addingTimeInterval(-(terms.lookUpLag / .seconds(1)))
    return orders.filter { $0.accepted <= latest }
  }

  func order(_ id: String) async throws -> OrderRow {
    guard let order = try await books.order(id) else { throw Problem.unknownOrder(id) }
    return order
  }

  func deliveries(_ id: String) async throws -> [Documents.Delivery] {
    try await order(id).items.compactMap { item in
      item.file.map { file in
        Documents.Delivery(
          number: item.selection.number, url: "/v1/orders/\(id)/items/\(item.selection.number)",
          byteCount: file.byteCount, sha256: file.sha256)
      }
    }
  }

  /// Ends an order for as long as the terms allow; ending it again changes nothing.
  ///
  /// - Parameter isPretended: whether it is only said to be ended.
  func cancel(_ id: String, isPretended: Bool) async throws -> Documents.Order {
    let order = try await order(id)
    guard order.state != .cancelled else { return try order.document }
    let halfTime = order.accepted.addingTimeInterval(
      order.ready.timeIntervalSince(order.accepted) / 2)
    let isAllowed =
      switch terms.cancellation {
      case .never: false
      case .untilRunning: order.state == .waiting && now() <= halfTime
      case .untilDelivery: true
      }
    if isPretended { return try order.document }
    let ended = isAllowed ? try await books.end(id, as: .cancelled) ?? order : order
    guard ended.state == .cancelled else {
      throw Problem(.conflict, "Too late", "Order \(id) is \(ended.state.rawValue).")
    }
    return try ended.document
  }

  // MARK: - Accounts

  /// Everything that was ordered, sold and given back, for the comparison with a client's ledger.
  func allBooks() async throws -> Documents.Books {
    let orders = try await books.allOrders()
    var total = Money.zero(books.currency)
    var sales: [Documents.Sale] = []
    for order in orders {
      for item in order.items {
        guard let charge = item.charge else { continue }
        total = try total.adding(charge)
        sales.append(
          Documents.Sale(
            orderId: order.id, reference: order.reference, item: item.selection.number,
            areaMm2: item.selection.areaSquareMillimetres, charge: charge,
            pixels: item.selection.pixels))
      }
    }
    return Documents.Books(
      orders: try orders.map { try $0.document }, sales: sales, total: total,
      refunds: try await refundDocuments())
  }

  /// What was ordered or given back since a time, each order with all its refunds.
  func statement(since start: Date) async throws -> Documents.Statement {
    let refunds = try await refundDocuments()
    let refunded = Set(refunds.filter { $0.at >= start }.map(\.orderId))
    let orders = try await books.allOrders().filter {
      $0.accepted >= start || refunded.contains($0.id)
    }
    let listed = refunded.union(orders.map(\.id))
    return Documents.Statement(
      orders: try orders.map { try $0.document },
      refunds: refunds.filter { listed.contains($0.orderId) })
  }

  private func refundDocuments() async throws -> [Documents.Refund] {
    try await books.refunds().map {
      Documents.Refund(refundId: $0.id, orderId: $0.orderID, amount: $0.amount, at: $0.at)
    }
  }

  var capabilities: Documents.Capabilities {
    Documents.Capabilities(
      repeatSafeSubmit: terms.repeatedSubmit.rawValue, lookUp: terms.lookUp.rawValue,
      lookUpLagSeconds: terms.lookUpLag / .seconds(1),
      quoteTtlSeconds: terms.quoteLifetime / .seconds(1), cancel: terms.cancellation.rawValue,
      maxItems: Catalogue.mostItems, checksum: "sha256", ranges: true, retryAfterUnit: "seconds")
  }

  /// Where an item lies once it is cut.
  func file(of order: String, item number: Int) -> URL {
    stateFolder.appending(path: "items/\(order)/\(number).tif")
  }

  /// Reads a request, with words for what is wrong.
  static func request(_ body: Data) throws -> Documents.Request {
    do {
      return try JSON.decoder().decode(Documents.Request.self, from: body)
    } catch let error as DecodingError {
      throw Problem.malformed(words(for: error))
    }
  }

  private static func words(for error: DecodingError) -> String {
    func place(_ context: DecodingError.Context) -> String {
      "/" + context.codingPath.map(\.stringValue).joined(separator: "/")
    }
    return switch error {
    case .keyNotFound(let key, let context):
      "\(place(context)) has no \(key.stringValue)."
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "\(place(context)) is of another type: \(context.debugDescription)"
    case .dataCorrupted(let context):
      context.codingPath.isEmpty
        ? "The body is not a JSON object." : "\(place(context)): \(context.debugDescription)"
    @unknown default: "The body cannot be read."
    }
  }

  /// What a quote is for: the pixels of its items.
  private static func digest(of offer: Catalogue.Offer) -> String {
    Digest.sha256(Data(offer.items.map { "\($0.pixels)" }.joined(separator: ";").utf8))
  }

  func newID() -> String {
    var generator = SystemRandomNumberGenerator()
    return UUID.version7(at: now(), using: &generator).text
  }
}
