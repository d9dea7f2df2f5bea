// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import Foundation

/// How a command finds the daemon.
struct ConnectionOptions: ParsableArguments {
  @Option(help: "The daemon's Unix socket.")
  var socket: String?

  @Option(help: "The daemon's state directory, where its socket is.")
  var state: String?

  /// The socket of the installed service.
  static let standardSocket = "/run/fovea/fovead.sock"

  /// The named socket, the named state directory's, `FOVEA_SOCKET`, the installed service's.
  var socketPath: String {
    if let socket { return URL(filePath: socket).standardizedFileURL.path }
    if let state {
      return URL(filePath: state).appending(path: "fovead.sock").standardizedFileURL.path
    }
    let named = ProcessInfo.processInfo.environment["FOVEA_SOCKET"] ?? ""
    return named.isEmpty ? Self.standardSocket : named
  }

  func connect() throws(ClientError) -> DaemonClient { try DaemonClient(socketPath: socketPath) }
}

/// How a command answers.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print JSON.")
  var json = false
}
