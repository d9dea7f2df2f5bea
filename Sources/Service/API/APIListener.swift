// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Platform
import ServiceLifecycle

/// A place where the API is served: the Unix socket, or a port of this machine.
struct APIListener: Service {
  private let application: Application<RouterResponder<APIContext>>
  private let place: String

  /// Serves a Unix socket; `onRunning` is called once it is bound.
  init(
    socket path: String, responder: RouterResponder<APIContext>, logger: Logger,
    onRunning: @escaping @Sendable () -> Void
  ) {
    place = path
    application = Application(
      responder: responder, server: Self.server,
      configuration: ApplicationConfiguration(
        address: .unixDomainSocket(path: path), serverName: "fovead"),
      onServerRunning: { _ in onRunning() }, logger: logger)
  }

  /// Serves a port of this machine, for callers with a token.
  init(address: LoopbackAddress, responder: RouterResponder<APIContext>, logger: Logger) {
    place = "\(address)"
    application = Application(
      responder: responder, server: Self.server,
      configuration: ApplicationConfiguration(
        address: .hostname(address.host, port: address.port), serverName: "fovead"),
      onServerRunning: { _ in
        logger.notice("tokens are taken over TCP", metadata: ["address": "\(address)"])
      }, logger: logger)
  }

  func run() async throws {
    do {
      try await application.run()
    } catch let error as IOError {
      guard error.errnoCode != EADDRINUSE else {
        throw PlatformError.locked(path: place, holder: "another program")
      }
      throw PlatformError.file(step: "listen on", path: place, reason: "\(error)")
    }
  }

  private static var server: HTTPServerBuilder {
    .http1(
      configuration: .init(
        additionalChannelHandlers: [MalformedHTTPHandler()],
        httpDecoderConfiguration: .init(
          maxHeaderFieldSize: MalformedHTTPHandler.largestHeaderBytes,
          maxHeaderListSize: MalformedHTTPHandler.largestHeaderBytes, maxHeaderFieldCount: 100)))
  }
}
