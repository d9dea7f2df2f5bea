// SPDX-License-Identifier: Apache-2.0

/// Why a transfer did not succeed.
///
/// URLs in it have neither query nor user.
/// ``nothingWasSent`` is what a purchase depends on: only then may an order be sent again.
public enum TransferError: Error, Hashable, CustomStringConvertible {
  /// The request cannot be made as it is: its URL, a header or the file to send.
  case invalidRequest(what: String, remedy: String)
  /// The server was not reached; no byte of the request left.
  case notSent(url: String, reason: String)
  /// The exchange broke off after the request, or a part of it, had left.
  case interrupted(url: String, reason: String)
  /// The answer, its head or one of its lines is larger than the limit.
  case answerTooLarge(url: String, limitBytes: Int64)
  /// A stream's reader fell behind by more than the limit.
  case readerTooSlow(url: String, limitLines: Int)
  /// A download was answered with another status than success; with the pause that was asked for.
  case status(url: String, code: Int, reason: String, retryAfter: Duration? = nil)
  /// A link or a redirect leads where it may not.
  case forbiddenLink(url: String, host: String)
  /// A download has another length or other bytes than announced.
  case mismatch(url: String, reason: String)
  /// A file of ours could not be read or written.
  case file(reason: String)
  /// The calling task was cancelled.
  case cancelled(nothingWasSent: Bool)

  /// Whether it is certain that no byte of the request left this machine.
  public var nothingWasSent: Bool {
    switch self {
    case .invalidRequest, .notSent: true
    case .cancelled(let nothingWasSent): nothingWasSent
    default: false
    }
  }

  /// Whether the same request may succeed later without anybody doing anything.
  public var isTransient: Bool {
    switch self {
    case .notSent, .interrupted: true
    case .status(_, let code, _, _): code == 408 || code == 425 || code == 429 || code >= 500
    default: false
    }
  }

  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .invalidRequest(let what, let remedy): "\(what). \(remedy)"
    case .notSent(let url, let reason):
      "could not reach \(url): \(reason). Check that the server runs and that the address is right."
    case .interrupted(let url, let reason):
      "the exchange with \(url) broke off: \(reason). Try again."
    case .answerTooLarge(let url, let limit):
      "the answer of \(url) is larger than \(limit) bytes, the limit. Check that the address is "
        + "right."
    case .readerTooSlow(let url, let limit):
      "the stream of \(url) ran \(limit) lines ahead of its reader. Connect again."
    case .status(let url, let code, let reason, _):
      "\(url) answered \(code): \(reason). Ask for a fresh link, or try again."
    case .forbiddenLink(let url, let host):
      "\(url) leads to \"\(host.prefix(100))\", which is not among the hosts that it may lead to. "
        + "Add the host to the server's entry in the configuration if it is right."
    case .mismatch(let url, let reason):
      "the download of \(url) is damaged: \(reason). Fetch it again."
    case .file(let reason): reason
    case .cancelled: "the transfer was cancelled. Start it again to go on."
    }
  }
}
