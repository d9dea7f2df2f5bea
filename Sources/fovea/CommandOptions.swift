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

  func connect() throws(ClientError) -> DaemonClient {
    try DaemonClient(
      socket: SocketPath.resolve(
        socket: socket, state: state, environment: ProcessInfo.processInfo.environment))
  }
}

/// How a command answers.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print JSON.")
  var json = false
}
