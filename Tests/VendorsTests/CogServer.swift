// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A static file server on loopback that serves ranges of one file, and misbehaves on demand.
final class CogServer: Sendable {
  /// How one request goes wrong.
  enum Fault: Sendable, CaseIterable {
    /// The whole file with 200.
    case wholeFile
    /// 416.
    case notSatisfiable
    /// 206 with another content's tag.
    case otherTag
    /// 412.
    case preconditionFailed
    /// Fewer bytes than announced, then a closed connection.
    case shortBody
    /// More bytes than were asked for, without an end.
    case endlessBody
    /// A page instead of bytes, with 200.
    case page
    /// 403.
    case forbidden
    /// 404.
    case missing
    /// 503 with Retry-After.
    case busy
    /// 429 with Retry-After.
    case tooMany
    /// 500.
    case broken
    /// 302 to another host.
    case redirect
    /// 206 of another range than was asked for.
    case otherRange
    /// 206 with a range that says nothing.
    case noContentRange
    /// Closed without an answer.
    case hangUp
    /// Right length, other bytes.
    case otherBytes
  }

  private struct State {
    var file: Data
    var tag: String?
    var faults: [Fault] = []
    var ranges: [Range<Int>] = []
    var conditions: [String] = []
  }

  private struct NoPort: Error {}

  private let state: Mutex<State>
  let port: UInt16
  private let descriptor: Int32

  /// The ranges that were asked for.
  var ranges: [Range<Int>] { state.withLock(\.ranges) }
  /// The tags that were asked to match.
  var conditions: [String] { state.withLock(\.conditions) }

  /// Says what happens to the next requests; after them all is well.
  func misbehave(_ faults: [Fault]) { state.withLock { $0.faults = faults } }

  /// Puts another file in the place of the first, or the same one under another tag.
  func replace(_ file: Data? = nil, tag: String) {
    state.withLock {
      $0.file = file ?? $0.file
      $0.tag = tag
    }
  }

  var url: String { "http://127.0.0.1:\(port)/data/file.tif" }

  init(_ file: Data, tag: String? = "\"one\"") throws {
    state = Mutex(State(file: file, tag: tag))
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 16) == 0
          && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isBound else { throw NoPort() }
    port = address.sin_port.bigEndian
    Thread { [weak self] in
      while true {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0 else { return }
        Thread { [self] in self?.serve(connection) }.start()
      }
    }.start()
  }

  deinit {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
  }

  private func serve(_ connection: Int32) {
    defer { close(connection) }
    var request = Data()
    var piece = [UInt8](repeating: 0, count: 4096)
    while request.range(of: Data("\r\n\r\n".utf8)) == nil {
      let count = recv(connection, &piece, piece.count, 0)
      guard count > 0 else { return }
      request += piece[..<count]
    }
    let text = String(decoding: request, as: UTF8.self)
    let numbers = text.firstMatch(of: /Range: bytes=(\d+)-(\d+)/)
    guard text.hasPrefix("GET /data/file.tif "), let first = numbers.flatMap({ Int($0.1) }),
      let last = numbers.flatMap({ Int($0.2) })
    else { return send("HTTP/1.1 400 Bad\r\n\r\n", Data(), connection) }
    let (fault, file, tag) = state.withLock { state in
      state.ranges.append(first..<last + 1)
      if let match = text.firstMatch(of: /If-Match: (\S+)/) {
        state.conditions.append(String(match.1))
      }
      return (state.faults.isEmpty ? nil : state.faults.removeFirst(), state.file, state.tag)
    }
    if let match = text.firstMatch(of: /If-Match: (\S+)/), String(match.1) != tag {
      return send("HTTP/1.1 412 Changed\r\nContent-Length: 0\r\n\r\n", Data(), connection)
    }
    let end = min(last + 1, file.count)
    answer(fault, file, tag, first..<max(first, end), connection)
  }

  private func answer(
    _ fault: Fault?, _ file: Data, _ tag: String?, _ range: Range<Int>, _ connection: Int32
  ) {
    func head(_ status: String, _ count: Int, _ more: [String] = []) -> String {
      (["HTTP/1.1 \(status)", "Content-Length: \(count)"] + more).joined(separator: "\r\n")
        + "\r\n\r\n"
    }
    let body = range.isEmpty ? Data() : file[range]
    let place = "Content-Range: bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.count)"
    let tagLine = tag.map { ["ETag: \($0)"] } ?? []
    let page = Data("<html><body>gone</body></html>".utf8)
    switch fault {
    case nil: send(head("206 Partial", body.count, [place] + tagLine), body, connection)
    case .wholeFile: send(head("200 OK", file.count, tagLine), file, connection)
    case .notSatisfiable: send(head("416 Range", 0), Data(), connection)
    case .otherTag:
      send(head("206 Partial", body.count, [place, "ETag: \"two\""]), body, connection)
    case .preconditionFailed: send(head("412 Changed", 0), Data(), connection)
    case .shortBody:
      send(head("206 Partial", body.count, [place] + tagLine), body.prefix(10), connection)
    case .endlessBody:
      send("HTTP/1.1 206 Partial\r\n\(place)\r\nConnection: close\r\n\r\n", body, connection)
      // Megabytes more than anybody asked for; the client hangs up long before the end.
      for _ in 0..<64 { send("", Data(count: 1 << 20), connection) }
    case .page: send(head("200 OK", page.count), page, connection)
    case .forbidden: send(head("403 Forbidden", 0), Data(), connection)
    case .missing: send(head("404 Not Found", page.count), page, connection)
    case .busy: send(head("503 Busy", 0, ["Retry-After: 7"]), Data(), connection)
    case .tooMany: send(head("429 Slow", 0, ["Retry-After: 9"]), Data(), connection)
    case .broken: send(head("500 Broken", 0), Data(), connection)
    case .redirect: send(head("302 Found", 0, ["Location: http://10.0.0.1/"]), Data(), connection)
    case .otherRange:
      let other = "Content-Range: bytes 1-\(body.count)/\(file.count)"
      send(head("206 Partial", body.count, [other] + tagLine), body, connection)
    case .noContentRange: send(head("206 Partial", body.count, tagLine), body, connection)
    case .hangUp: break
    case .otherBytes:
      let noise = Data(body.map { $0 ^ 0x5A })
      send(head("206 Partial", noise.count, [place] + tagLine), noise, connection)
    }
  }

  private func send(_ head: String, _ body: Data, _ connection: Int32) {
    let bytes = [UInt8](Data(head.utf8) + body)
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes {
        Foundation.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      done += count
    }
  }
}
