// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import NIOCore
import Wire

/// The pieces of a body up to a number of bytes; more is an error.
struct CappedBody: AsyncSequence, Sendable {
  let body: RequestBody
  let limitBytes: UInt64
  let error: ProblemDocument

  struct AsyncIterator: AsyncIteratorProtocol {
    var pieces: RequestBody.AsyncIterator
    var restBytes: UInt64
    let error: ProblemDocument

    mutating func next() async throws -> ByteBuffer? {
      guard let piece = try await pieces.next() else { return nil }
      let count = UInt64(piece.readableBytes)
      guard count <= restBytes else { throw error }
      restBytes -= count
      return piece
    }
  }

  func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(pieces: body.makeAsyncIterator(), restBytes: limitBytes, error: error)
  }
}

extension Request {
  /// The same request, whose body is refused from the first byte over the limit.
  func capped(at limitBytes: Int) throws -> Request {
    let error = ProblemDocument(
      "too-large", status: 413, title: "Too large",
      detail: "The body has more than \(limitBytes) bytes, the limit.",
      do:
        "Send less: an outline can be simplified; or raise limits.body_bytes in the configuration.")
    let length = headers[.contentLength].flatMap { Int($0) } ?? 0
    guard length <= limitBytes else { throw error }
    var request = self
    request.body = RequestBody(
      asyncSequence: CappedBody(body: body, limitBytes: UInt64(limitBytes), error: error))
    return request
  }
}
