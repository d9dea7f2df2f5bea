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
  let faults: FaultScript
  let pool: ComputePool
  let logger: Logger

  private typealias Handler =
    @Sendable (Request, ShopContext, FaultRule.Fault?) async throws -> Response

  func router() -> Router<ShopContext> {
    let router = Router(context: ShopContext.self)
    router.get("/healthz") { _, _ in "ok\n" }
    router.get("/books") { _, _ in try json(try await shop.statement()) }
    router.get("/v1/product") { _, _ in try json(shop.catalogue.document) }
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
    _ request: Request, _ context: ShopContext, _ fault: FaultRule.Fault?
  ) async throws -> Response {
    try json(try await shop.quote(Shop.request(try await body(of: request))))
  }

  private func submit(
    _ request: Request, _ context: ShopContext, _ fault: FaultRule.Fault?
  ) async throws -> Response {
    guard let name = HTTPField.Name("Idempotency-Key"), let key = request.headers[name],
      let id = UUID(uuidString: key)
    else {
      throw Problem.malformed("An order needs an Idempotency-Key, which is a UUID.")
    }
    let placed = try await shop.place(try await body(of: request), key: id.text)
    logger.info(
      placed.isRepetition ? "order repeated" : "order accepted",
      metadata: ["order": "\(placed.orderID)", "reference": "\(id.text)"])
    return Response(
      status: .created,
      headers: [
        .contentType: "application/json", .location: "/v1/orders/\(placed.orderID)",
      ], body: ResponseBody(byteBuffer: ByteBuffer(bytes: placed.answer)))
  }

  private func lookUp(
    _ request: Request, _ context: ShopContext, _ fault: FaultRule.Fault?
  ) async throws -> Response {
    guard let reference = request.uri.queryParameters["reference"] else {
      throw Problem.malformed("Give the reference of the order: /v1/orders?reference=KEY.")
    }
    let orders = try await shop.books.orders(reference: reference.lowercased())
    return try json(Documents.List(items: try orders.map { try $0.document }))
  }

  private func status(
    _ request: Request, _ context: ShopContext, _ fault: FaultRule.Fault?
  ) async throws -> Response {
    try json(try await shop.order(try context.parameters.require("id")).document)
  }

  private func deliveries(
    _ request: Request, _ context: ShopContext, _ fault: FaultRule.Fault?
  ) async throws -> Response {
    try json(
      Documents.List(items: try await shop.deliveries(try context.parameters.require("id"))))
  }

  private func download(
    _ request: Request, _ context: ShopContext, _ fault: FaultRule.Fault?
  ) async throws -> Response {
    let order = try await shop.order(try context.parameters.require("id"))
    let number = try context.parameters.require("number", as: Int.self)
    guard order.items.indices.contains(number), let file = order.items[number].file else {
      throw Problem(.notFound, "No such item", "Order \(order.id) has no item \(number) to fetch.")
    }
    return try ItemFile(
      file: shop.file(of: order.id, item: number), byteCount: file.byteCount, sha256: file.sha256,
      pool: pool
    ).response(to: request, fault: fault)
  }

  private func cancel(
    _ request: Request, _ context: ShopContext, _ fault: FaultRule.Fault?
  ) async throws -> Response {
    try json(try await shop.cancel(try context.parameters.require("id")).document)
  }

  // MARK: - What all calls share

  /// A call with its faults: those that keep it from being done, and those after it.
  private func handler(
    _ phase: FaultRule.Phase, _ handle: @escaping Handler
  ) -> @Sendable (Request, ShopContext) async throws -> Response {
    { request, context in
      let fault = faults.take(phase)
      if let fault {
        logger.notice("fault", metadata: ["phase": "\(phase.rawValue)", "fault": "\(fault)"])
      }
      switch fault {
      case .refuse: throw Problem.refused("Refused", "This call is refused by the fault script.")
      case .status(let code):
        throw Problem(
          HTTPResponse.Status(code: code), "Fault", "This status is from the fault script.")
      default: break
      }
      let response: Response
      do {
        response = try await handle(request, context, fault)
      } catch let error as any HTTPResponseError {
        throw error
      } catch {
        logger.error(
          "call failed", metadata: ["path": "\(request.uri.path)", "reason": "\(error)"])
        throw Problem(.internalServerError, "Failure", "The vendor's log has the reason.")
      }
      if fault == .lostAnswer {
        // The client shall see the connection end; that it may have ended already is as good.
        try? await context.channel.close()
      }
      return response
    }
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
