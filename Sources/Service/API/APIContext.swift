// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import NIOCore

/// What is known of a request beside its own bytes: its connection, and so who sends it.
struct APIContext: RequestContext {
  var coreContext: CoreRequestContextStorage
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
  }

  /// Who sends the request: the user id that the kernel tells of the socket's other end.
  func actor() async -> String {
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
}
