// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Platform

/// A refusal in words: a problem document (RFC 9457).
struct Problem: HTTPResponseError, CustomStringConvertible {
  let status: HTTPResponse.Status
  let title: String
  let detail: String

  private struct Document: Encodable {
    let type = "about:blank"
    let status: Int
    let title: String
    let detail: String
  }

  init(_ status: HTTPResponse.Status, _ title: String, _ detail: String) {
    self.status = status
    self.title = title
    self.detail = detail
  }

  static func malformed(_ detail: String) -> Problem {
    Problem(.badRequest, "Malformed request", detail)
  }

  static func refused(_ title: String, _ detail: String) -> Problem {
    Problem(.unprocessableContent, title, detail)
  }

  static func unknownOrder(_ id: String) -> Problem {
    Problem(.notFound, "Unknown order", "There is no order \(id.prefix(64)).")
  }

  var description: String { "\(title): \(detail)" }

  func response(from request: Request, context: some RequestContext) throws -> Response {
    let document = Document(status: status.code, title: title, detail: detail)
    return Response(
      status: status, headers: [.contentType: "application/problem+json"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: try JSON.encoder().encode(document))))
  }
}
