// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Platform
import Wire

/// The API's answers, all in one manner.
enum Answer {
  /// A value as JSON.
  static func json(
    _ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
  ) throws -> Response {
    var headers = headers
    headers[.contentType] = "application/json"
    return Response(
      status: status, headers: headers, body: body(try JSON.encoder().encode(value)))
  }

  /// Bytes of another type.
  static func data(_ data: Data, mediaType: String) -> Response {
    Response(status: .ok, headers: [.contentType: mediaType], body: body(data))
  }

  /// A refusal.
  static func problem(_ problem: ProblemDocument, headers: HTTPFields = [:]) throws -> Response {
    var headers = headers
    headers[.contentType] = ProblemDocument.mediaType
    return Response(
      status: HTTPResponse.Status(code: problem.status), headers: headers,
      body: body(try JSON.encoder().encode(problem)))
  }

  private static func body(_ data: Data) -> ResponseBody {
    ResponseBody(byteBuffer: ByteBuffer(bytes: data))
  }
}
