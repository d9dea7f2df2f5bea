// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A server that reads one request a connection and answers with the bytes it is told to.
///
/// It listens on a Unix socket and answers on a thread of its own, so that a test can cut an
/// answer at any byte.
public final class ScriptedServer: Sendable {
  /// What happens to one connection.
  public enum Step: Sendable {
    /// Sends these bytes, then closes.
    case answer(String)
    /// Sends these bytes, then keeps the connection until the other side closes or asks again.
    case hold(String)
    /// Closes at once, without reading.
    case hangUp
  }

  /// The path of the socket.
  public let path: String
  private let descriptor: Int32
  private let seen = Mutex<[String]>([])

  /// The requests so far, heads and bodies.
  public var requests: [String] { seen.withLock { $0 } }

  /// Listens; connection n gets step n, and the last step again after that.
  public init(path: String, _ steps: [Step]) {
    self.path = path
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    precondition(result == 0 && listen(descriptor, 8) == 0, "the test's socket can be bound")
    Thread { [weak self, descriptor] in
      var connectionCount = 0
      while true {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0 else { return }
        let step = steps[min(connectionCount, steps.count - 1)]
        connectionCount += 1
        Thread { [self] in self?.serve(connection, step) }.start()
      }
    }.start()
  }

  deinit {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
  }

  private func serve(_ connection: Int32, _ step: Step) {
    defer { close(connection) }
    switch step {
    case .hangUp: return
    case .answer(let text):
      readRequest(connection)
      write(connection, text)
    case .hold(let text):
      readRequest(connection)
      write(connection, text)
      var byte: UInt8 = 0
      if recv(connection, &byte, 1, 0) > 0 { seen.withLock { $0.append("asked again") } }
    }
  }

  private func write(_ connection: Int32, _ text: String) {
    let bytes = Array(text.utf8)
    _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  private func readRequest(_ connection: Int32) {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
      let text = String(decoding: bytes, as: UTF8.self)
      if let end = text.range(of: "\r\n\r\n") {
        let length = text.firstMatch(of: /Content-Length: (\d+)/).flatMap { Int($0.output.1) } ?? 0
        if text[end.upperBound...].utf8.count >= length { break }
      }
      let count = recv(connection, &piece, piece.count, 0)
      guard count > 0 else { break }
      bytes += piece[..<count]
    }
    let text = String(decoding: bytes, as: UTF8.self)
    seen.withLock { $0.append(text) }
  }
}
