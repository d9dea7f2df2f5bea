// SPDX-License-Identifier: Apache-2.0

/// A file whose decoding did not end well: for the log.
public struct DecodeIncident: Sendable, Hashable {
  /// How the process that decoded it ended.
  public enum End: Sendable, Hashable {
    /// By itself, with a code; 65 where it refused the file.
    case exited(code: Int)
    /// By a signal's number.
    case signalled(Int)
    /// It was killed at its deadline.
    case ranOutOfTime
    /// It was given up, since its answer was not to be believed or not wanted.
    case givenUp

    /// Words for a line of the log.
    public var words: String {
      switch self {
      case .exited(let code): "exit \(code)"
      case .signalled(let number): "signal \(number)"
      case .ranOutOfTime: "deadline"
      case .givenUp: "given up"
      }
    }
  }

  /// How the process ended.
  public let end: End
  /// What people are told.
  public let reason: String
  /// The SHA-256 of the file, 64 hexadecimal digits; nil where it could not be read.
  public let inputDigest: String?
}
