// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Messages to the service manager: `sd_notify(3)`'s protocol, one datagram each.
///
/// Without `NOTIFY_SOCKET` in the environment, in a terminal say, every call does nothing.
public struct ServiceNotifier: Sendable {
  private let path: String?
  /// How long the manager waits for ``watchdog()`` before it ends the service; nil when it does not.
  public let watchdogLimit: Duration?

  /// A notifier for the socket that `environment` names.
  public init(environment: [String: String]) {
    path = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
    // The variables may have been meant for a parent: sd_watchdog_enabled(3).
    let isMeant = environment["WATCHDOG_PID"].map { $0 == "\(getpid())" } ?? true
    let limit = environment["WATCHDOG_USEC"].flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil }
    watchdogLimit = isMeant && path != nil ? limit.map { .microseconds($0) } : nil
  }

  /// Start-up is done; `status` is shown by `systemctl status`.
  public func ready(status: String) { send("READY=1\nSTATUS=\(status)") }

  /// The configuration is read anew; ``reloaded()`` ends that.
  public func reloading() {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let microseconds = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    // Managers from version 253 on tell by the time which reload has ended.
    send("RELOADING=1\nMONOTONIC_USEC=\(microseconds)")
  }

  /// The reload has ended, with the new configuration or with the old one.
  public func reloaded() { send("READY=1") }

  /// Everything works: the manager's watchdog starts anew.
  public func watchdog() { send("WATCHDOG=1") }

  /// The start or the stop goes on, and needs at most so long more.
  public func extendTimeout(by duration: Duration) {
    let (seconds, attoseconds) = duration.components
    send("EXTEND_TIMEOUT_USEC=\(seconds * 1_000_000 + attoseconds / 1_000_000_000_000)")
  }

  /// What the service does now.
  public func status(_ status: String) { send("STATUS=\(status)") }

  /// A graceful stop has begun.
  public func stopping() { send("STOPPING=1\nSTATUS=stopping") }

  private func send(_ message: String) {
    guard let path, var address = UnixSocketAddress(path: path) else { return }
    let descriptor = socket(
      AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    // A manager that does not read must not hang the service: it waits this long at the most.
    var limit = timeval(tv_sec: 1, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let bytes = Array(message.utf8)
    address.withSockaddr { pointer, length in
      // The manager may be gone; a service does not fail for that.
      _ = sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), pointer, length)
    }
  }
}

/// A Unix socket's address, of a path or, with a leading `@`, of the abstract name space.
struct UnixSocketAddress {
  private var value = sockaddr_un()
  private let length: socklen_t

  /// Nil when the path does not fit into the address.
  init?(path: String) {
    let bytes = Array(path.utf8)
    let capacity = MemoryLayout.size(ofValue: value.sun_path)
    guard !bytes.isEmpty, bytes.count < capacity else { return nil }
    value.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &value.sun_path) { target in
      target.copyBytes(from: bytes)
      if bytes[0] == UInt8(ascii: "@") { target[0] = 0 }
    }
    let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
    length = socklen_t(offset + bytes.count)
  }

  mutating func withSockaddr(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Void) {
    let length = length
    withUnsafePointer(to: &value) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }
}
