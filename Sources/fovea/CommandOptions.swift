// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import Foundation
import Platform

/// How a command finds the daemon.
struct ConnectionOptions: ParsableArguments {
  @Option(help: "The daemon's Unix socket.")
  var socket: String?

  @Option(help: "The daemon's state directory, where its socket is.")
  var state: String?

  @Option(help: "The daemon's address on this machine, http://127.0.0.1:PORT; needs a token.")
  var url: String?

  @Option(
    help: "The file with the token for --url; FOVEA_TOKEN without it.", completion: .file())
  var tokenFile: String?

  /// The socket of the installed service.
  static let standardSocket = "/run/fovea/fovead.sock"

  func validate() throws {
    guard [socket, state, url].compactMap(\.self).count <= 1 else {
      throw ValidationError("Give one of --socket, --state and --url: each names the daemon.")
    }
  }

  /// The named socket, the named state directory's, `FOVEA_SOCKET`, the installed service's.
  var socketPath: String {
    if let socket { return URL(filePath: socket).standardizedFileURL.path }
    if let state {
      return URL(filePath: state).appending(path: "fovead.sock").standardizedFileURL.path
    }
    return Self.environment("FOVEA_SOCKET") ?? Self.standardSocket
  }

  /// The daemon that the flags name, or else `FOVEA_SOCKET`, `FOVEA_URL`, the installed service.
  func connect() throws -> DaemonClient {
    let named = socket ?? state ?? Self.environment("FOVEA_SOCKET")
    guard let url = url ?? (named == nil ? Self.environment("FOVEA_URL") : nil) else {
      return try DaemonClient(socketPath: socketPath)
    }
    return try DaemonClient(url: url, token: try token())
  }

  /// The token, which is never an argument: those are seen by everybody on the machine.
  private func token() throws -> Secret? {
    guard let tokenFile else { return Self.environment("FOVEA_TOKEN").map(Secret.init) }
    let text = try String(contentsOf: URL(filePath: tokenFile), encoding: .utf8)
    let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !token.isEmpty, !token.contains(where: \.isWhitespace) else {
      throw CommandFailure(
        "\(tokenFile): this holds no token. Write the line that fovead token create printed.",
        .badData)
    }
    return Secret(token)
  }

  private static func environment(_ name: String) -> String? {
    let value = ProcessInfo.processInfo.environment[name] ?? ""
    return value.isEmpty ? nil : value
  }
}

/// How a command answers.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print JSON.")
  var json = false
}
