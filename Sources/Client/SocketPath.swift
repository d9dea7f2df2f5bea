// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// Where the daemon's socket is: named, or derived from what a person gave.
public enum SocketPath {
  /// The socket of the installed service.
  public static let standard = "/run/fovea/fovead.sock"

  /// The first of: the named socket, `FOVEA_SOCKET`, the socket of a state directory, the standard.
  public static func resolve(
    socket: String?, state: String?, environment: [String: String]
  ) -> String {
    if let socket { return socket }
    if let named = environment["FOVEA_SOCKET"], !named.isEmpty, state == nil { return named }
    return state.map { URL(filePath: $0).appending(path: "fovead.sock").path } ?? standard
  }
}
