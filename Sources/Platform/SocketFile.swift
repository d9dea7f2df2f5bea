// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The file of a Unix socket that a program listens on.
public struct SocketFile: Sendable {
  /// The longest path of a Unix socket, in bytes; the last of 108 is the end mark.
  static let longestPathBytes = 107

  /// Where it is.
  public let path: String

  /// The socket at `path`, which need not be there.
  public init(path: String) { self.path = path }

  /// Makes room for the socket: its folder is there, and nobody else listens.
  ///
  /// A file that an ended program has left is removed. The lock on the state directory proves that
  /// no other program has our state; only one with another state could listen here, and then it
  /// answers.
  ///
  /// - Throws: `PlatformError.socketPathTooLong`, `PlatformError.locked`, `PlatformError.file`.
  public func prepare() throws(PlatformError) {
    try checkLength()
    let file = URL(filePath: path, directoryHint: .notDirectory)
    try DurableFile.createFolder(file.deletingLastPathComponent())
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw .file(step: "bind the socket", path: path, reason: "another file stands there")
    }
    guard !isAnswered else { throw .locked(path: path, holder: "another program") }
    guard unlink(path) == 0 else {
      throw .file(
        step: "remove the old socket", path: path, reason: String(cString: strerror(errno)))
    }
  }

  /// Refuses a path that no socket can have.
  ///
  /// - Throws: `PlatformError.socketPathTooLong`.
  public func checkLength() throws(PlatformError) {
    guard path.utf8.count <= Self.longestPathBytes else {
      throw .socketPathTooLong(path: path, limitBytes: Self.longestPathBytes)
    }
  }

  /// Lets the group in: what binds the socket obeys the process's mask.
  ///
  /// - Throws: `PlatformError.file`.
  public func openToGroup() throws(PlatformError) {
    guard chmod(path, 0o660) == 0 else {
      throw .file(
        step: "open to the group", path: path, reason: String(cString: strerror(errno)))
    }
  }

  private var isAnswered: Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
  }
}
