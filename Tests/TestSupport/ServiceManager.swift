// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// The service manager's side of `sd_notify(3)`: a datagram socket that keeps what it is told.
public final class ServiceManager: Sendable {
  /// The path of the socket, for `NOTIFY_SOCKET`.
  public let path: String
  private let descriptor: Int32
  private let told = Mutex<[String]>([])

  /// What it was told so far, message by message.
  public var messages: [String] { told.withLock { $0 } }

  /// Listens on a socket in `folder`.
  public init(in folder: TemporaryFolder) {
    path = folder.url.appending(path: "notify-\(UUID().uuidString.prefix(4))").path
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    precondition(bound == 0, "the test's socket can be bound")
    // Read at once: the kernel keeps ten messages, and then the sender waits.
    Thread { [descriptor, weak self] in
      var bytes = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = recv(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { break }
        let message = String(decoding: bytes[..<count], as: UTF8.self)
        self?.told.withLock { $0.append(message) }
      }
      // Here, and not where the socket is given up: another one may get its number at once.
      close(descriptor)
    }.start()
  }

  deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }
}
