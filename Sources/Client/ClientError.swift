// SPDX-License-Identifier: Apache-2.0

public import Platform
public import Wire

/// Why a call of the daemon's interface did not succeed.
public enum ClientError: Error, Hashable, CustomStringConvertible {
  /// Nobody answers on the socket.
  case unreachable(socket: String, reason: String)
  /// The daemon refused, in its words.
  case refused(ProblemDocument)
  /// The answer is not what the interface promises.
  case malformedAnswer(path: String, reason: String)
  /// A file of ours could not be read or written.
  case file(reason: String)

  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .unreachable(let socket, let reason):
      "\(socket): the daemon cannot be reached: \(reason). Start it (systemctl start fovead), or "
        + "name its socket with --socket or its state directory with --state."
    case .refused(let problem): problem.description
    case .malformedAnswer(let path, let reason):
      "\(path): the answer cannot be read: \(reason). Check that client and daemon are of one "
        + "version."
    case .file(let reason): reason
    }
  }

  /// The exit code of a command that ends on this error.
  public var exitCode: ExitCode {
    switch self {
    case .unreachable: .unavailable
    case .malformedAnswer: .unavailable
    case .file: .inputOutput
    case .refused(let problem):
      switch problem.status {
      case 402, 409, 429, 503: .tryLater
      case 403: .notAllowed
      case 507: .inputOutput
      case 500...: .invariant
      default: .badData
      }
    }
  }
}
