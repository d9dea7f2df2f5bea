// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import Platform
import Wire

/// Answers what is no HTTP, and closes the connection: after a message whose end is not certain
/// nothing on it can be trusted (RFC 9112, sections 6.3 and 11.2).
final class MalformedHTTPHandler: ChannelDuplexHandler, RemovableChannelHandler {
  /// The largest header of a request, all fields together.
  static let largestHeaderBytes = 16 << 10

  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// Whether an answer has begun and not ended: another in the middle of it would be read as its
  /// body.
  private var isAnswering = false

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head: isAnswering = true
    case .end: isAnswering = false
    case .body: break
    }
    context.write(data, promise: promise)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if let problem = Self.problem(error), context.channel.isActive {
      if !isAnswering { answer(problem, context) }
      context.close(mode: .output, promise: nil)
    }
    // Whoever reads the body must not take what came for the whole of it.
    context.fireErrorCaught(error)
  }

  private func answer(_ problem: ProblemDocument, _ context: ChannelHandlerContext) {
    // A problem document is plain text and numbers: it always encodes.
    guard let body = try? JSON.encoder().encode(problem) else { return }
    let head = HTTPResponse(
      status: .badRequest,
      headerFields: [
        .contentType: ProblemDocument.mediaType, .contentLength: "\(body.count)",
        .connection: "close",
      ])
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(ByteBuffer(bytes: body))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  /// The refusal that a parser's error means; nil for errors of the connection itself.
  private static func problem(_ error: any Error) -> ProblemDocument? {
    switch error {
    case HTTPParserError.headerOverflow:
      ProblemDocument(
        "http-malformed", status: 400, title: "Malformed HTTP",
        detail: "The header has more than \(largestHeaderBytes) bytes.", do: "Send less in it.")
    case is HTTPParserError, is HTTP1TypeConversionError:
      ProblemDocument(
        "http-malformed", status: 400, title: "Malformed HTTP",
        detail: "The request breaks the rules of HTTP/1.1: \(error).",
        do: "Send one length, whole lines and valid field names (RFC 9112).")
    default: nil
    }
  }
}
