// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The interface as an OpenAPI 3.1 document, as `GET /v1/openapi.json` serves it.
enum OpenAPI {
  static let document = """
    {
      "openapi": "3.1.0",
      "info": {
        "title": "fovea-vendor", "version": "1",
        "description": "Sells windows of one image: quote, order, poll, fetch. Money is whole minor \
    units, times are RFC 3339 in UTC, areas whole square millimetres, Retry-After is in seconds.",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}
      },
      "security": [{}, {"key": []}],
      "paths": {
        "/v1/capabilities": {"get": {"operationId": "capabilities",
          "summary": "What this vendor's interface can do.",
          "responses": {"200": \(body("Capabilities"))}}},
        "/v1/product": {"get": {"operationId": "product", "summary": "What is sold.",
          "responses": {"200": \(body("Product")), \(refusals)}}},
        "/v1/statement": {"get": {"operationId": "statement",
          "summary": "What was ordered and given back since a time.",
          "parameters": [{"name": "since", "in": "query", "required": true,
            "schema": {"type": "string", "format": "date-time"}}],
          "responses": {"200": \(body("Statement")), \(refusals)}}},
        "/v1/quotes": {"post": {"operationId": "quote",
          "summary": "The price of some items. Nothing is bought.",
          "requestBody": \(request("QuoteRequest")),
          "responses": {"200": \(body("Quote")), \(refusals)}}},
        "/v1/orders": {
          "post": {"operationId": "order",
            "summary": "Orders. An answer of 400, 401, 402, 403, 404, 410, 413, 415 or 422 means \
    that there is no order; any other without success leaves it open.",
            "parameters": [{"name": "Idempotency-Key", "in": "header", "required": true,
              "schema": {"type": "string", "format": "uuid"}}],
            "requestBody": \(request("OrderRequest")),
            "responses": {"201": \(body("Order")), \(refusals)}},
          "get": {"operationId": "lookUp", "summary": "The orders of a key, or all orders.",
            "parameters": [{"name": "reference", "in": "query",
              "schema": {"type": "string", "format": "uuid"}}],
            "responses": {"200": \(list("Order")), \(refusals)}}
        },
        "/v1/orders/{id}": {"parameters": [\(id)],
          "get": {"operationId": "status", "summary": "An order, item by item.",
            "responses": {"200": \(body("Order")), \(refusals)}}},
        "/v1/orders/{id}/deliveries": {"parameters": [\(id)],
          "get": {"operationId": "deliveries", "summary": "What can be fetched.",
            "responses": {"200": \(list("Delivery")), \(refusals)}}},
        "/v1/orders/{id}/items/{number}": {
          "parameters": [\(id), {"name": "number", "in": "path", "required": true,
            "schema": {"type": "integer", "minimum": 0}}],
          "get": {"operationId": "download",
            "summary": "A GeoTIFF, with a strong ETag; bytes=N- with If-Range continues.",
            "responses": {"200": \(tiff), "206": \(tiff), \(refusals)}}},
        "/v1/orders/{id}/cancel": {"parameters": [\(id)],
          "post": {"operationId": "cancel",
            "summary": "Asks for an order's end; 409 when it is too late.",
            "responses": {"200": \(body("Order")), \(refusals)}}}
      },
      "components": {
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        "schemas": {
          "Money": \(object("minor_units: integer, currency: string")),
          "Item": \(object(
            "number: integer, west: number, south: number, east: number, north: number")),
          "QuoteRequest": \(object(
            "product: string, item: string, crs: string, items: [Item]")),
          "OrderRequest": \(object(
            "product: string, item: string, crs: string, items: [Item]",
            optional: "reference: string, quote_id: string, price: Money")),
          "Quote": \(object(
            "quote_id: string, price: Money, area_mm2: integer, valid_until: date-time")),
          "OrderItem": \(object("number: integer, state: State", optional: "charge: Money")),
          "Order": \(object(
            "order_id: string, reference: string, state: State, price: Money, charged: Money, "
              + "items: [OrderItem]")),
          "State": {"enum": ["waiting", "running", "delivered", "partly_delivered", "failed", \
    "cancelled"]},
          "Delivery": \(object(
            "number: integer, url: string, byte_count: integer, sha256: string")),
          "Refund": \(object(
            "refund_id: string, order_id: string, amount: Money, at: date-time")),
          "Statement": \(object("orders: [Order], refunds: [Refund]")),
          "Capabilities": \(object(
            "repeat_safe_submit: string, look_up: string, look_up_lag_seconds: number, "
              + "quote_ttl_seconds: number, cancel: string, max_items: integer, checksum: string, "
              + "ranges: boolean, retry_after_unit: string")),
          "Product": \(object(
            "product: string, item: string, crs: string, ground_sample_distance_m: number, "
              + "band_count: integer, pixel_type: string, extent: Extent, currency: string")),
          "Extent": \(object("west: number, south: number, east: number, north: number")),
          "Problem": \(object("title: string, detail: string, status: integer"))
        }
      }
    }
    """

  private static let id =
    #"{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}"#
  private static let tiff =
    #"{"description": "The item, or the rest of it.", "content": {"image/tiff": {}}}"#
  private static let refusals = """
    "default": {"description": "No, and why.", "content": {"application/problem+json": \
    {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    """

  private static func reference(_ name: String) -> String {
    "{\"$ref\": \"#/components/schemas/\(name)\"}"
  }

  private static func body(_ name: String) -> String {
    "{\"description\": \"\(name).\", \"content\": {\"application/json\": {\"schema\": "
      + reference(name) + "}}}"
  }

  private static func list(_ name: String) -> String {
    "{\"description\": \"A list.\", \"content\": {\"application/json\": {\"schema\": "
      + "{\"type\": \"object\", \"required\": [\"items\"], \"properties\": {\"items\": "
      + "{\"type\": \"array\", \"items\": \(reference(name))}, \"next\": {\"type\": \"null\"}}}}}}"
  }

  private static func request(_ name: String) -> String {
    "{\"required\": true, \"content\": {\"application/json\": {\"schema\": \(reference(name))}}}"
  }

  /// The schema of an object whose members are written `name: type`, a list's type in brackets.
  private static func object(_ members: String, optional: String = "") -> String {
    let needed = members.components(separatedBy: ", ")
    let all = needed + (optional.isEmpty ? [] : optional.components(separatedBy: ", "))
    let properties = all.map { member in
      let parts = member.components(separatedBy: ": ")
      return "\"\(parts[0])\": \(schema(parts[1]))"
    }
    let names = needed.map { "\"\($0.components(separatedBy: ": ")[0])\"" }
    return "{\"type\": \"object\", \"required\": [\(names.joined(separator: ", "))], "
      + "\"properties\": {\(properties.joined(separator: ", "))}}"
  }

  private static func schema(_ type: String) -> String {
    if type.hasPrefix("[") {
      return "{\"type\": \"array\", \"items\": \(schema(String(type.dropFirst().dropLast())))}"
    }
    if type == "date-time" { return "{\"type\": \"string\", \"format\": \"date-time\"}" }
    return type.first?.isUppercase == true ? reference(type) : "{\"type\": \"\(type)\"}"
  }
}
