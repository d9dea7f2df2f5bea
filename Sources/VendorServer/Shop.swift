// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import HTTPTypes
import Platform

/// What the vendor does for its clients, apart from HTTP.
struct Shop: Sendable {
  /// How long a quote is kept to.
  static let quoteLifetime = Duration.seconds(3600)

  let catalogue: Catalogue
  let books: Books
  let stateFolder: URL
  let delay: Duration
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
      validUntil: now().addingTimeInterval(Self.quoteLifetime / .seconds(1)))
    try await books.add(quote)
    return Documents.Quote(
      quoteId: quote.id, price: quote.price, areaMm2: offer.areaSquareMillimetres,
      validUntil: quote.validUntil)
  }

  /// Takes an order, once for each key.
  ///
  /// The same key and body get the first answer again, whatever has become of the order; the same
  /// key with another body is refused.
  func place(_ body: Data, key: String) async throws -> Placed {
    let digest = Digest.sha256(body)
    if let earlier = try await books.orders(reference: key).first {
      return try repetition(of: earlier, digest)
    }
    let request = try Self.request(body)
    guard request.reference == nil || request.reference == key else {
      throw Problem.refused(
        "Two references", "The reference in the body is not the Idempotency-Key.")
    }
    let offer = try catalogue.offer(request)
    let price = try await agreedPrice(request, offer)
    let draft = row(key: key, digest, offer, price, answer: Data())
    let answer = try JSON.encoder().encode(try draft.document)
    let order = row(id: draft.id, key: key, digest, offer, price, answer: answer)
    let entered = try await books.add(order)
    guard entered.id == order.id else { return try repetition(of: entered, digest) }
    wake()
    return Placed(answer: answer, orderID: order.id, isRepetition: false)
  }

  private func repetition(of order: OrderRow, _ digest: String) throws -> Placed {
    guard order.bodyDigest == digest else {
      throw Problem.refused(
        "Key in use",
        "The Idempotency-Key \(order.reference) belongs to an order with another "
          + "body.")
    }
    return Placed(answer: order.firstAnswer, orderID: order.id, isRepetition: true)
  }

  private func row(
    id: String? = nil, key: String, _ digest: String, _ offer: Catalogue.Offer, _ price: Money,
    answer: Data
  ) -> OrderRow {
    OrderRow(
      id: id ?? newID(), reference: key, bodyDigest: digest, firstAnswer: answer, state: .waiting,
      price: price, ready: now().addingTimeInterval(delay / .seconds(1)),
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

  /// Ends an order that is not delivered; ending it again changes nothing.
  func cancel(_ id: String) async throws -> OrderRow {
    guard let order = try await books.end(id, as: .cancelled) else {
      throw Problem.unknownOrder(id)
    }
    guard order.state == .cancelled else {
      throw Problem(.conflict, "Too late", "Order \(id) is \(order.state.rawValue).")
    }
    return order
  }

  /// Everything that was ordered and sold, for the comparison with a client's ledger.
  func statement() async throws -> Documents.Books {
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
    return Documents.Books(orders: try orders.map { try $0.document }, sales: sales, total: total)
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

  private func newID() -> String {
    var generator = SystemRandomNumberGenerator()
    return UUID.version7(at: now(), using: &generator).text
  }
}
