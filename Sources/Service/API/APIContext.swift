// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import NIOCore
import Wire

/// What is known of a request beside its own bytes: its connection, and so who sends it.
struct APIContext: RequestContext {
  /// Who sends a request.
  enum Caller: Sendable {
    /// Nobody whom the daemon knows: may do nothing.
    case unknown
    /// Somebody who could open the socket: may do everything.
    case socket
    /// The holder of a token: may do what its role says.
    case token(AccessToken)
  }

  var coreContext: CoreRequestContextStorage
  /// Who sends the request.
  var caller: Caller
  private let channel: any Channel

  // `struct ucred` of socket(7), which Glibc shows only to GNU sources.
  private struct PeerCredentials: Sendable {
    var pid: Int32 = 0
    var uid: UInt32 = 0
    var gid: UInt32 = 0
  }

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
    caller = channel.localAddress?.pathname == nil ? .unknown : .socket
  }

  /// Whether the request came through the Unix socket.
  var isLocalSocket: Bool {
    if case .socket = caller { true } else { false }
  }

  /// Who sends the request, as it is recorded: the user id that the kernel tells of the socket's
  /// other end, or the token's id.
  func actor() async -> String {
    if case .token(let token) = caller { return "token:\(token.id)" }
    guard let options = channel as? any SocketOptionProvider else { return "uid:unknown" }
    do {
      let peer: PeerCredentials = try await options.unsafeGetSocketOption(
        level: SocketOptionLevel(SOL_SOCKET), name: SocketOptionName(SO_PEERCRED)
      ).get()
      return "uid:\(peer.uid)"
    } catch {
      return "uid:unknown"
    }
  }

  /// What the caller may do.
  var role: AccessRole? {
    switch caller {
    case .unknown: nil
    case .socket: .admin
    case .token(let token): token.role
    }
  }

  /// Refuses a caller whose role is too low.
  func require(_ needed: AccessRole) throws(ProblemDocument) {
    guard let role, role >= needed else {
      throw ProblemDocument(
        "role-too-low", status: 403, title: "Not allowed",
        detail: "This needs the role \(needed.rawValue), and the token has "
          + "\(role?.rawValue ?? "none").", where: "Authorization",
        do: "Use a token of the role \(needed.rawValue), or the daemon's socket.")
    }
  }

  /// Refuses a caller whose token does not name the budget.
  func requireBudget(_ id: String) throws(ProblemDocument) {
    guard case .token(let token) = caller, !token.mayUse(id) else { return }
    throw ProblemDocument(
      "budget-not-allowed", status: 403, title: "Not allowed",
      detail: "The token may use \(token.budgets.joined(separator: ", ")) only.",
      where: "Authorization", got: id, do: "Use one of these budgets, or another token.")
  }
}
