// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What the operating system refused, with the remedy.
public enum PlatformError: Error, Equatable, CustomStringConvertible {
  /// A file operation failed; `step` says which, `reason` is the system's text.
  case file(step: String, path: String, reason: String)
  /// Another process holds the lock on a directory, or listens on a socket.
  case locked(path: String, holder: String)
  /// A Unix socket's path is longer than the system allows.
  case socketPathTooLong(path: String, limitBytes: Int)

  /// The error for a failed call, with the text of `errno`.
  static func last(_ step: String, _ path: String) -> PlatformError {
    .file(step: step, path: path, reason: String(cString: strerror(errno)))
  }

  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .file(let step, let path, let reason):
      "could not \(step) \(path): \(reason). Check the path, its owner and the space left."
    case .locked(let path, let holder):
      "\(path) is in use by \(holder). A state directory and a socket have one owner each: "
        + "stop that one, or give another path."
    case .socketPathTooLong(let path, let limit):
      "the socket path \(path) has \(path.utf8.count) bytes, and the system allows \(limit). "
        + "Use a shorter --state or --socket path."
    }
  }
}
