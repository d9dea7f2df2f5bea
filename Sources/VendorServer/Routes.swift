// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Platform

/// A request's surroundings: its connection, which a fault may close.
struct ShopContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }
}

/// The vendor's interface over HTTP, with the faults that were asked for.
struct Routes: Sendable {
  /// The largest body of a request, in bytes.
  static let largestBodyBytes = 1 << 20

  let shop: Shop
  let faults: FaultInjector
  let pool: ComputePool
  let key: Secret?
  let logger: Logger

  private typealias Handler =
    @Sendable (Request, ShopContext, CallFaults) async throws -> Response

  func router() -> Router<ShopContext> {
    let router = Router(context: ShopContext.self)
    // The shopkeeper's own side, for whoever runs the vendor.
    router.get("/healthz") { _, _ in "ok\n" }
    router.get("/books") { _, _ in try json(try await shop.allBooks()) }
    router.get("/faults") { _, _ in try json(faults.record) }
    // What clients see.
    router.get("/v1/openapi.json") { _, _ in
      Response(
        status: .ok, headers: [.contentType: "application/json"],
        body: ResponseBody(byteBuffer: ByteBuffer(string: OpenAPI.document)))
    }
    router.get("/v1/capabilities") { _, _ in try json(shop.capabilities) }
    router.get("/v1/product", use: guarded { _, _ in try json(shop.catalogue.document) })
    router.get("/v1/statement", use: guarded(statement))
    router.post("/v1/quotes", use: handler(.quote, quote))
    router.post("/v1/orders", use: handler(.submit, submit))
    router.get("/v1/orders", use: handler(.lookup, lookUp))
    router.get("/v1/orders/{id}", use: handler(.status, status))
    router.get("/v1/orders/{id}/deliveries", use: handler(.deliveries, deliveries))
    router.get("/v1/orders/{id}/items/{number}", use: handler(.download, download))
    router.post("/v1/orders/{id}/cancel", use: handler(.cancel, cancel))
    return router
  }

  // MARK: - Calls

  private func quote(
    _ request: Request, _ context: ShopContext, _ faults: CallFaults
  ) async throws -> Response {
    try json(try await shop.quote(Shop.request(try await body(of: request))))
  }

  private func submit(
    _ request: Request, _ context: ShopContext, _ faults: CallFaults
  ) async throws -> Response {
    guard let key = Self.key(of: request) else {
      throw Problem.malformed("An order needs an Idempotency-Key, which is a UUID.")
    }
    let placed = try await shop.place(
      try await body(of: request), key: key, isDoubled: faults[.duplicate] != nil)
    logger.info(
      placed.isRepetition ? "order repeated" : "order accepted",
      metadata: ["order": "\(placed.orderID)", "reference": "\(key)"])
    return Response(
      status: .created,
      headers: [
        .contentType: "application/json", .location: "/v1/orders/\(placed.orderID)",
      ], body: ResponseBody(byteBuffer: ByteBuffer(bytes: placed.answer)))
  }

  private static func key(of request: Request) -> String? {
    HTTPField.Name("Idempotency-Key").flatMap { request.headers[$0] }
      .flatMap(UUID.init(uuidString:))?.text
  }

  private func lookUp(
    _ request: Request, _ context: ShopContext, _ faults: CallFaults
  ) async throws -> Response {
    let reference = request.uri.queryParameters["reference"]?.lowercased()
    let orders = faults[.blind] == nil ? try await shop.found(reference) : []
    return try json(Documents.List(items: try orders.map { try $0.document }))
  }

  private func status(
    _ request: Request, _ context: ShopContext, _ faults: CallFaults
  ) async throws -> Response {
    try json(try await shop.order(try context.parameters.require("id")).document)
  }

  private func deliveries(
    _ request: Request, _ context: ShopContext, _ faults: CallFaults
  ) async throws -> Response {
    try json(
      Documents.List(items: try await shop.deliveries(try context.parameters.require("id"))))
  }

  private func download(
    _ request: Request, _ context: ShopContext, _ faults: CallFaults
  ) async throws -> Response {
    let order = try await shop.order(try context.parameters.require("id"))
    let number = try context.parameters.require("number", as: Int.self)
    guard order.items.indices.contains(number), let file = order.items[number].file else {
      throw Problem(.notFound, "No such item", "Order \(order.id) has no item \(number) to fetch.")
    }
    return try ItemFile(
      file: shop.file(of: order.id, item: number), byteCount: file.byteCount, sha256: file.sha256,
      pool: pool
    ).response(to: request)
  }

  private func cancel(
    _ request: Request, _ context: ShopContext, _ faults: CallFaults
  ) async throws -> Response {
    let id = try context.parameters.require("id")
    return try json(try await shop.cancel(id, isPretended: faults[.pretend] != nil))
  }

  private func statement(_ request: Request, _ context: ShopContext) async throws -> Response {
    guard let since = request.uri.queryParameters["since"].flatMap({ Timestamp.date(String($0)) })
    else {
      throw Problem.malformed("Give the time from which on: ?since=2026-03-01T12:00:00.000Z.")
    }
    return try json(try await shop.statement(since: since))
  }

  // MARK: - What all calls share

  private func guarded(
    _ handle: @escaping @Sendable (Request, ShopContext) async throws -> Response
  ) -> @Sendable (Request, ShopContext) async throws -> Response {
    { request, context in
      if let key, request.headers[.authorization] != "Bearer \(key.reveal())" {
        throw Problem(
          .unauthorized, "Who are you?", "Send your key as Authorization: Bearer KEY.")
      }
      do {
        return try await handle(request, context)
      } catch let error as any HTTPResponseError {
        throw error
      } catch {
        logger.error(
          "call failed", metadata: ["path": "\(request.uri.path)", "reason": "\(error)"])
        throw Problem(.internalServerError, "Failure", "The vendor's log has the reason.")
      }
    }
  }

  /// A call with its faults: those instead of it, those in it, those after it.
  private func handler(
    _ phase: FaultRule.Phase, _ handle: @escaping Handler
  ) -> @Sendable (Request, ShopContext) async throws -> Response {
    guarded { request, context in
      let taken = faults.take(try await call(phase, request, context))
      let wire = WireFaults(faults: taken, channel: context.channel)
      if let answer = try await wire.answer(to: request) { return answer }
      return try await wire.changed(try await changed(handle(request, context, taken), by: taken))
    }
  }

  /// What a script's rules are held against.
  private func call(
    _ phase: FaultRule.Phase, _ request: Request, _ context: ShopContext
  ) async throws -> FaultInjector.Call {
    guard !faults.script.rules.isEmpty else { return FaultInjector.Call(phase: phase) }
    var order: Int?
    switch phase {
    case .quote, .lookup: break
    case .submit:
      let earlier = try await shop.books.orders(reference: Self.key(of: request) ?? "").first
      order = try await shop.books.place(of: earlier?.id)
    default: order = try await shop.books.place(of: context.parameters.get("id"))
    }
    return FaultInjector.Call(
      phase: phase, order: order, item: context.parameters.get("number", as: Int.self))
  }

  private func changed(_ response: Response, by faults: CallFaults) async throws -> Response {
    guard faults[.document] != nil, response.status.kind == .successful else { return response }
    var response = response
    let document = try AnswerFaults(faults: faults).changed(
      try await WireFaults.collected(response.body))
    response.headers[.contentLength] = nil
    response.body = ResponseBody(byteBuffer: ByteBuffer(bytes: document))
    return response
  }

  private func body(of request: Request) async throws -> Data {
    let buffer = try await request.body.collect(upTo: Self.largestBodyBytes)
    return Data(buffer.readableBytesView)
  }

  private func json(_ document: some Encodable) throws -> Response {
    Response(
      status: .ok, headers: [.contentType: "application/json"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: try JSON.encoder().encode(document))))
  }
}
