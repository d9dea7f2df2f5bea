// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import Logging
import NIOCore
import Planning
import Platform
import Raster
import ServiceLifecycle
import UnixSignals

/// A vendor of imagery: it owns a GeoTIFF and sells windows of it over HTTP.
///
/// ```swift
/// let server = try await VendorServer(configuration)
/// try await server.run(stopsOnSignals: true) { print("listening on \($0)") }
/// ```
public struct VendorServer: Sendable {
  private let configuration: VendorServerConfiguration
  private let catalogue: Catalogue
  /// Reads what is downloaded.
  private let pool: ComputePool
  /// Cuts what was ordered, which must not keep downloads waiting.
  private let cutters: ComputePool
  private let logger: Logger

  /// Reads image and prices; nothing of the state is opened yet, and nothing listens.
  ///
  /// - Throws: `VendorServerError`.
  public init(_ configuration: VendorServerConfiguration) async throws {
    self.configuration = configuration
    var logger = Logger(
      label: "fovea-vendor", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel = configuration.logsOrders ? .info : .error
    self.logger = logger
    pool = ComputePool()
    cutters = ComputePool()
    let image = configuration.imageFile
    do {
      let layout = try await pool.run { try Dataset(trusted: image).layout }
      let prices = try PriceList(contentsOf: configuration.pricesFile)
      let product = try Self.product(configuration, in: prices)
      catalogue = Catalogue(product: product.name, layout: layout, rule: product.rule)
      try catalogue.checkRule()
    } catch let error as RasterError {
      throw VendorServerError.image(reason: "\(error)")
    } catch let error as PlanningError {
      throw VendorServerError.prices(reason: "\(error)")
    }
  }

  /// The product that was named, or the list's only one.
  private static func product(
    _ configuration: VendorServerConfiguration, in prices: PriceList
  ) throws(VendorServerError) -> (name: String, rule: PriceRule) {
    let names = prices.products.keys.sorted()
    let name = configuration.product ?? (names.count == 1 ? names[0] : nil)
    guard let name, let rule = prices.products[name] else {
      throw .prices(
        reason: (name.map { "\(configuration.pricesFile.path) has no product \($0)" }
          ?? "\(configuration.pricesFile.path) has \(names.count) products")
          + ". Give one of \(names.joined(separator: ", ")) with --product.")
    }
    return (name, rule)
  }

  /// Serves until the task is cancelled, or a signal asks for a stop.
  ///
  /// The state folder and a Unix socket belong to this server alone while it runs.
  ///
  /// - Parameters:
  ///   - stopsOnSignals: whether SIGTERM and SIGINT end it.
  ///   - onListening: called once with the address, when clients can connect.
  /// - Throws: `PlatformError.locked` where another has the state folder or the socket;
  ///   `VendorServerError.books`; or why clients cannot connect.
  public func run(
    stopsOnSignals: Bool, onListening: @escaping @Sendable (ListenAddress) async -> Void
  ) async throws {
    let state = configuration.stateFolder
    try DurableFile.createFolder(state)
    let lock = try DirectoryLock(file: state.appending(path: "fovea-vendor.lock"))
    try await serve(stopsOnSignals: stopsOnSignals, onListening: onListening)
    _ = consume lock
  }

  private func openBooks() throws(VendorServerError) -> Books {
    do {
      return try Books(folder: configuration.stateFolder, currency: catalogue.rule.currency)
    } catch {
      throw .books(reason: "\(error)")
    }
  }

  private func serve(
    stopsOnSignals: Bool, onListening: @escaping @Sendable (ListenAddress) async -> Void
  ) async throws {
    let (orders, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let shop = Shop(
      catalogue: catalogue, books: try openBooks(), stateFolder: configuration.stateFolder,
      terms: configuration.terms, now: { Date() }, wake: { wake.yield() })
    let faults = FaultInjector(configuration.faults, logger: logger, now: shop.now)
    let routes = Routes(
      shop: shop, faults: faults, pool: pool, key: configuration.key, logger: logger)
    let address = configuration.address
    let bind: BindAddress
    switch address {
    case .unixSocket(let path):
      // The server would take the place of any file there, a live socket's too.
      try SocketFile(path: path).prepare()
      bind = .unixDomainSocket(path: path)
    case .loopback(let port):
      bind = .hostname("127.0.0.1", port: port)
    }
    let application = Application(
      router: routes.router(),
      configuration: ApplicationConfiguration(address: bind, serverName: "fovea-vendor"),
      onServerRunning: { channel in
        guard case .loopback = address, let port = channel.localAddress?.port else {
          return await onListening(address)
        }
        await onListening(.loopback(port: port))
      }, logger: Self.quiet(logger))
    let fulfilment = Fulfilment(
      shop: shop, imageFile: configuration.imageFile, pool: cutters, faults: faults, orders: orders,
      logger: logger)
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [fulfilment, application],
        gracefulShutdownSignals: stopsOnSignals ? [.sigterm, .sigint] : [],
        logger: Self.quiet(logger)))
    try await group.run()
  }

  /// Serves while `body` runs, and stops when it returns or throws.
  ///
  /// - Throws: what `body` throws, or why clients cannot connect.
  public func serve<Value: Sendable>(
    while body: @escaping @Sendable (ListenAddress) async throws -> Value
  ) async throws -> Value {
    let (addresses, source) = AsyncStream<ListenAddress>.makeStream()
    return try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask {
        // Without an address the other task would wait for ever.
        defer { source.finish() }
        try await run(stopsOnSignals: false) { source.yield($0) }
        return nil
      }
      group.addTask {
        for await address in addresses { return try await body(address) }
        return nil
      }
      defer { group.cancelAll() }
      while let value = try await group.next() {
        if let value { return value }
      }
      throw CancellationError()
    }
  }

  /// The frameworks' own remarks only from warnings on.
  private static func quiet(_ logger: Logger) -> Logger {
    var logger = logger
    logger.logLevel = max(.warning, logger.logLevel)
    return logger
  }
}
