// SPDX-License-Identifier: Apache-2.0

import Foundation
public import Platform
import Transfer
public import Wire

/// Why a call to the daemon did not give its answer.
public enum ClientError: Error, CustomStringConvertible {
  /// The daemon refused, and says why.
  case refused(ProblemDocument)
  /// Nothing answers there.
  case unreachable(address: String, reason: String)
  /// The exchange broke off; whether the daemon did what was asked is not known.
  case interrupted(address: String, reason: String)
  /// What answered does not speak the daemon's language.
  case malformedAnswer(path: String, reason: String)
  /// A file could not be sent or written.
  case file(String)
  /// The calling task was cancelled.
  case cancelled

  init(_ error: TransferError, address: String) {
    switch error {
    case .invalidRequest(let what, let remedy):
      self = .unreachable(address: address, reason: "\(what). \(remedy)")
    case .notSent: self = .unreachable(address: address, reason: Self.obstacle(at: address))
    case .file(let reason): self = .file(reason)
    case .cancelled: self = .cancelled
    default: self = .interrupted(address: address, reason: "\(error)")
    }
  }

  /// Why nothing was sent, in terms of the socket: libcurl's own words name a host and a port.
  private static func obstacle(at socket: String) -> String {
    if isURL(socket) { return "nobody listens there" }
    guard FileManager.default.fileExists(atPath: socket) else { return "there is no such socket" }
    return access(socket, R_OK | W_OK) == 0
      ? "nobody listens there" : "it may not be opened by this user, who is not of its group"
  }

  private static func isURL(_ address: String) -> Bool { address.contains("://") }

  /// The exit code of a program that ends on this error.
  public var exitCode: ExitCode {
    switch self {
    case .refused(let problem):
      switch problem.status {
      case 402, 429, 503: .tryLater
      case 409 where problem.name == "key-busy": .tryLater
      case 401, 403: .notAllowed
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
    case .unreachable(let address, let reason):
      "\(address): the daemon cannot be reached: \(reason). "
        + (Self.isURL(address)
          ? "Start it with api.listen in its configuration, or name its address with --url or "
            + "FOVEA_URL."
          : "Start it (systemctl start fovead, or fovead --state DIR), or name its socket with "
            + "--socket, FOVEA_SOCKET or --state.")
    case .interrupted(let address, let reason):
      "\(address): the exchange broke off: \(reason). See whether the daemon runs, and what it did."
    case .malformedAnswer(let path, let reason):
      "\(path): the answer cannot be read: \(reason). Use a client of the daemon's version."
    case .file(let reason): reason
    case .cancelled: "the call was cancelled. Make it again to go on."
    }
  }
}
