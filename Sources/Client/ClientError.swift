// SPDX-License-Identifier: Apache-2.0

import Foundation
public import Platform
import Transfer
public import Wire

/// Why a call to the daemon did not give its answer.
public enum ClientError: Error, CustomStringConvertible {
  /// The daemon refused, and says why.
  case refused(ProblemDocument)
  /// Nothing answers on the socket.
  case unreachable(socket: String, reason: String)
  /// The exchange broke off; whether the daemon did what was asked is not known.
  case interrupted(socket: String, reason: String)
  /// What answered does not speak the daemon's language.
  case malformedAnswer(path: String, reason: String)
  /// A file could not be sent or written.
  case file(String)
  /// The calling task was cancelled.
  case cancelled

  init(_ error: TransferError, socket: String) {
    switch error {
    case .invalidRequest(let what, let remedy):
      self = .unreachable(socket: socket, reason: "\(what). \(remedy)")
    case .notSent: self = .unreachable(socket: socket, reason: Self.obstacle(at: socket))
    case .file(let reason): self = .file(reason)
    case .cancelled: self = .cancelled
    default: self = .interrupted(socket: socket, reason: "\(error)")
    }
  }

  /// Why nothing was sent, in terms of the socket: libcurl's own words name a host and a port.
  private static func obstacle(at socket: String) -> String {
    guard FileManager.default.fileExists(atPath: socket) else { return "there is no such socket" }
    return access(socket, R_OK | W_OK) == 0
      ? "nobody listens there" : "it may not be opened by this user, who is not of its group"
  }

  /// The exit code of a program that ends on this error.
  public var exitCode: ExitCode {
    switch self {
    case .refused(let problem):
      switch problem.status {
      case 402, 429, 503: .tryLater
      case 409 where problem.name == "key-busy": .tryLater
      case 403: .notAllowed
      case 500...: .inputOutput
      default: .badData
      }
    case .unreachable, .interrupted: .unavailable
    case .malformedAnswer: .unavailable
    case .file: .inputOutput
    case .cancelled: .tryLater
    }
  }

  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .refused(let problem): problem.description
    case .unreachable(let socket, let reason):
      "\(socket): the daemon cannot be reached: \(reason). Start it (systemctl start fovead, or "
        + "fovead --state DIR), or name its socket with --socket, FOVEA_SOCKET or --state."
    case .interrupted(let socket, let reason):
      "\(socket): the exchange broke off: \(reason). See whether the daemon runs, and what it did."
    case .malformedAnswer(let path, let reason):
      "\(path): the answer cannot be read: \(reason). Use a client of the daemon's version."
    case .file(let reason): reason
    case .cancelled: "the call was cancelled. Make it again to go on."
    }
  }
}
