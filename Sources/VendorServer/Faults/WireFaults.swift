// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Sends an answer as it should not be sent: the faults of the stages `instead`, `bytes`, `wire`.
struct WireFaults {
  let faults: CallFaults
  let channel: any Channel

  // MARK: - Instead of the call

  /// The answer of a call that is not done; nil where it shall be done.
  func answer(to request: Request) async throws -> Response? {
    guard let rule = faults[.instead] else { return nil }
    switch rule.fault {
    case .refuse: throw Problem.refused("Refused", "This call is refused by the fault script.")
    case .status: return Self.status(rule)
    case .redirect:
      let target = rule.settings["to"] ?? request.uri.description
      return Response(status: .found, headers: [.location: target])
    case .hang: try await Task.sleep(for: .seconds(rule.integer("seconds") ?? 60))
    default: break
    }
    try await hangUp()
    return Response(status: .internalServerError)
  }

  private static func status(_ rule: FaultRule) -> Response {
    let code = rule.integer("code") ?? 503
    var headers: HTTPFields = [.contentType: "application/problem+json"]
    if let text = rule.settings["retry_after"] { headers[.retryAfter] = text }
    if let seconds = rule.integer("retry_date") {
      headers[.retryAfter] = httpDate(Date().addingTimeInterval(Double(seconds)))
    }
    let body: String
    switch rule.settings["body"] {
    case "html":
      headers[.contentType] = "text/html"
      body = page
    case "empty": body = ""
    case "nested-429": body = #"{"detail":"Too many requests.","error":{"code":429}}"#
    case "quota":
      body =
        #"{"title":"Quota","detail":"The quota is used up.","availableQuota":0,"requiredQuota":1}"#
    default:
      body =
        #"{"title":"Fault","detail":"This status is from the fault script.","status":\#(code)}"#
    }
    return Response(
      status: HTTPResponse.Status(code: code), headers: headers,
      body: ResponseBody(byteBuffer: ByteBuffer(string: body)))
  }

  private static let page = "<!DOCTYPE html><html><body><h1>Down for maintenance</h1></body></html>"

  /// The date form of RFC 9110, section 5.6.7.
  private static func httpDate(_ date: Date) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(identifier: "GMT")
    formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    return formatter.string(from: date)
  }

  // MARK: - Other bytes

  /// The answer with other bytes, and sent in another way.
  func changed(_ response: Response) async throws -> Response {
    var response = response
    if let rule = faults[.bytes] { response = try await changedBytes(response, rule) }
    if let rule = faults[.wire] { response = try await changedWire(response, rule) }
    return response
  }

  private func changedBytes(_ response: Response, _ rule: FaultRule) async throws -> Response {
    var response = response
    switch rule.fault {
    case .changedTag: response.headers[.eTag] = "\"\(UUID().uuidString)\""
    case .largeHead:
      let name = HTTPField.Name("X-Large")
      for name in Array(repeating: name, count: 16).compactMap(\.self) {
        response.headers.append(
          HTTPField(name: name, value: String(repeating: "x", count: 8 << 10)))
      }
    case .endless:
      response.headers[.contentLength] = nil
      response.body = Self.endless(megabytes: rule.integer("megabytes") ?? 64)
    default:
      let bytes = Self.changed(try await Self.collected(response.body), rule.fault)
      if rule.fault == .html { response.headers[.contentType] = "text/html" }
      response.headers[.contentLength] = nil
      response.body = ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
    }
    return response
  }

  private static func changed(_ bytes: Data, _ fault: Fault) -> Data {
    switch fault {
    case .html: return Data(page.utf8)
    case .empty: return Data()
    case .duplicateKeys:
      // The first member again, with another value: readers disagree on which one counts.
      let text = String(decoding: bytes, as: UTF8.self)
      let member =
        text.firstMatch(of: /"[a-z_0-9]+":/).map { String($0.output) } ?? "\"a\":1,\"a\":"
      return Data("{\(member)\"another\",\(text.dropFirst())".utf8)
    case .deep:
      return Data(
        (String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)).utf8)
    case .charset:
      return String(decoding: bytes, as: UTF8.self).data(using: .utf16) ?? Data()
    case .corrupt:
      var bytes = bytes
      if !bytes.isEmpty { bytes[bytes.startIndex + bytes.count / 2] ^= 1 }
      return bytes
    default: return bytes.prefix(bytes.count / 2)
    }
  }

  private static func endless(megabytes: Int) -> ResponseBody {
    ResponseBody { writer in
      let piece = ByteBuffer(repeating: UInt8(ascii: "x"), count: 1 << 20)
      for _ in 0..<megabytes { try await writer.write(piece) }
      try await writer.finish(nil)
    }
  }

  // MARK: - Another way

  private func changedWire(_ response: Response, _ rule: FaultRule) async throws -> Response {
    var response = response
    switch rule.fault {
    case .lostAnswer: return try await lose(response, at: rule.settings["at"] ?? "nothing")
    case .stall: try await Task.sleep(for: .seconds(rule.integer("seconds") ?? 60))
    case .cut:
      let bytes = try await Self.collected(response.body)
      let length = rule.settings["chunked"] == nil ? bytes.count : nil
      if length == nil { response.headers[.contentLength] = nil }
      response.body = ResponseBody(contentLength: length) { writer in
        try await writer.write(ByteBuffer(bytes: bytes.prefix(bytes.count / 2)))
        throw CancellationError()
      }
    default:
      let bytes = try await Self.collected(response.body)
      let piece = rule.integer("bytes") ?? 1
      let pause = Duration.seconds(rule.integer("seconds") ?? 1)
      response.body = ResponseBody(contentLength: bytes.count) { writer in
        var rest = bytes
        while !rest.isEmpty {
          try await writer.write(ByteBuffer(bytes: rest.prefix(piece)))
          rest = rest.dropFirst(piece)
          try await Task.sleep(for: pause)
        }
        try await writer.finish(nil)
      }
    }
    return response
  }

  private func lose(_ response: Response, at place: String) async throws -> Response {
    switch place {
    case "head":
      // The HTTP encoder has no words for half a head: the bytes go past it.
      let half = "HTTP/1.1 \(response.status.code) \(response.status.reasonPhrase)\r\nContent-Le"
      try await channel.pipeline.addHandler(RawWriter(text: half), position: .first).get()
    case "body":
      let length = try await Self.collected(response.body).count
      return Response(
        status: response.status, headers: response.headers,
        body: ResponseBody(contentLength: length) { _ in throw CancellationError() })
    default: break
    }
    try await hangUp()
    return response
  }

  private func hangUp() async throws {
    // The client shall see the connection end; that it may have ended already is as good.
    try? await channel.close()
  }

  static func collected(_ body: ResponseBody) async throws -> Data {
    let collector = BodyCollector()
    try await body.write(collector)
    return collector.bytes.withLock { $0 }
  }
}

/// Writes some bytes to the socket when it is added to a pipeline.
private final class RawWriter: ChannelInboundHandler, Sendable {
  typealias InboundIn = NIOAny
  private let text: String

  init(text: String) { self.text = text }

  func handlerAdded(context: ChannelHandlerContext) {
    context.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
  }
}
