// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform
import Testing

/// Bytes sent to a socket as they are, for what no client would send.
enum RawExchange {
  /// What comes back until the other side closes, or for five seconds.
  ///
  /// - Parameter thenStop: whether the sender ends its side after the last byte.
  static func send(
    _ text: String, toSocketAt path: String, thenStop: Bool = false
  ) async throws -> String {
    // Blocking calls, so on a thread of their own.
    try await ComputePool(threadCount: 1).run {
      let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      try #require(descriptor >= 0)
      defer { close(descriptor) }
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
      let isConnected = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
        }
      }
      try #require(isConnected)
      var limit = timeval(tv_sec: 5, tv_usec: 0)
      setsockopt(
        descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
      let bytes = Array(text.utf8)
      // MSG_NOSIGNAL: the other side may have closed already.
      _ = bytes.withUnsafeBytes { Foundation.send(descriptor, $0.baseAddress, $0.count, 0x4000) }
      if thenStop { shutdown(descriptor, Int32(SHUT_WR)) }
      var answer: [UInt8] = []
      var piece = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = recv(descriptor, &piece, piece.count, 0)
        guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
        answer += piece[..<count]
      }
    }
  }
}
