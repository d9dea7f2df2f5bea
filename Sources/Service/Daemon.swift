// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import Ledger
public import Logging
import Platform
import Purchasing
import ServiceLifecycle
import Synchronization
import Transfer
import UnixSignals
import Wire

/// The daemon: one state directory, one ledger, one queue, one socket.
///
/// ```swift
/// let configuration = try Configuration.load(file: nil, environment: [:], overrides: .init())
/// try await Daemon(configuration, logger: logger, environment: [:]).run()
/// ```
public struct Daemon: Sendable {
  /// How much longer than its steps a stop may take.
  private static let stopMargin = Duration.seconds(10)

  private let configuration: Configuration
  private let logger: Logger
  private let threshold: LogThreshold
  private let reread: @Sendable () throws -> Configuration
  private let notifier: ServiceNotifier
  private let now: @Sendable () -> Date
  private let replacedSteps: JobSteps?

  /// Creates a daemon; nothing is touched yet.
  ///
  /// - Parameters:
  ///   - threshold: that of `logger`, so that a reload can change it.
  ///   - environment: the process's; `NOTIFY_SOCKET` and `WATCHDOG_USEC` are read from it.
  ///   - reread: gives the configuration anew at SIGHUP.
  public init(
    _ configuration: Configuration, logger: Logger, threshold: LogThreshold,
    environment: [String: String], rereading reread: @escaping @Sendable () throws -> Configuration
  ) {
    self.init(
      configuration, logger: logger, threshold: threshold, environment: environment,
      rereading: reread, replacingSteps: nil)
  }

  /// Creates a daemon whose jobs go through other steps than its own: the seam for tests of queue
  /// and API.
  package init(
    _ configuration: Configuration, logger: Logger, threshold: LogThreshold? = nil,
    environment: [String: String],
    rereading reread: (@Sendable () throws -> Configuration)? = nil, replacingSteps: JobSteps?
  ) {
    self.configuration = configuration
    self.logger = logger
    self.threshold = threshold ?? LogThreshold(configuration.logLevel)
    self.reread = reread ?? { configuration }
    notifier = ServiceNotifier(environment: environment)
    now = { Date() }
    replacedSteps = replacingSteps
  }

  /// Runs until SIGTERM, SIGINT, or the task's cancellation.
  ///
  /// The order of the start: decoder, lock, databases and their checks, recovery of orders, socket, READY.
  ///
  /// - Throws: `PlatformError`, `LedgerError`, `StoreError`, `ConfigurationError`, `RasterError` when
  ///   it cannot start.
  public func run() async throws {
    let state = StateDirectory(root: configuration.stateDirectory)
    let socket = SocketFile(path: configuration.socketPath)
    let storage = ComputePool(threadCount: 2)
    let health = Health()
    let decoder = try await Self.decoder(
      configuration, health: health, logger: logger, pool: storage)
    // The folder must be there for its lock, and nothing in it is touched without the lock.
    try DurableFile.createFolder(state.root)
    let lock = try DirectoryLock(file: state.lockFile)
    try state.create()
    let client = HTTPClient()
    let metrics = Metrics(startedAt: now())
    let catalogue = try Catalogue(
      configuration, state: state, client: client, metrics: metrics, decoder: decoder)
    let database = try ServiceDatabase(file: state.database)
    let ledger = try await storage.run { try Ledger(in: state.root) }
    let settings = Settings(configuration)
    let live = LiveSteps(
      scenes: SceneStore(database: database), ledger: ledger, catalogue: catalogue, state: state,
      decoder: decoder,
      compute: compute, storage: storage,
      keptFreeByteCount: { settings.current.keptFreeByteCount }, now: now,
      makeID: Self.identifiers(now))
    // No network: orders that an earlier process left in the middle are marked as in doubt.
    try await live.purchaser(bandCount: 1).recover()
    try socket.prepare()
    logTrust()
    try await serve(
      live, settings: settings, database: database, socket: socket, client: client,
      metrics: metrics, health: health)
    try await storage.run { try ledger.close() }
    try database.close()
    _ = consume lock
    logger.info("stopped")
  }

  private var compute: ComputePool {
    configuration.computeThreads == 0
      ? ComputePool() : ComputePool(threadCount: configuration.computeThreads)
  }

  // MARK: Serving

  private func serve(
    _ live: LiveSteps, settings: Settings, database: ServiceDatabase, socket: SocketFile,
    client: HTTPClient, metrics: Metrics, health: Health
  ) async throws {
    let store = JobStore(database: database, now: now)
    let hub = EventHub()
    let steps = (replacedSteps ?? live.steps).counted(by: metrics)
    let runner = JobRunner(
      store: store, hub: hub, steps: steps, concurrentJobs: configuration.concurrentJobs,
      stopLimit: .seconds(configuration.stopSeconds), logger: logger,
      folder: { [state = live.state] in state.job($0) }, now: now)
    let calls = KeyedCallStore(database: database, now: now)
    var routes = RouteTable()
    let intake = SceneIntake(
      scenes: live.scenes, state: live.state, settings: settings, decoder: live.decoder,
      pool: live.compute, now: now)
    SceneRoutes(intake: intake, calls: calls).add(to: &routes)
    JobRoutes(
      store: store, hub: hub, runner: runner, steps: steps, state: live.state,
      pool: live.storage, makeID: { [makeID = live.makeID] in makeID().text }
    ).add(to: &routes)
    BudgetRoutes(ledger: live.ledger, calls: calls, pool: live.storage, now: now)
      .add(to: &routes)
    LedgerRoutes(ledger: live.ledger, pool: live.storage).add(to: &routes)
    CatalogueRoutes(catalogue: live.catalogue, ledger: live.ledger, pool: live.storage)
      .add(to: &routes)
    PatchRoutes(ledger: live.ledger, catalogue: live.catalogue, pool: live.storage)
      .add(to: &routes)
    OrderRoutes(ledger: live.ledger, calls: calls, pool: live.storage, now: now).add(to: &routes)
    let bookkeeping = Bookkeeping(
      ledger: live.ledger, catalogue: live.catalogue, pool: live.storage, health: health,
      logger: logger, now: now)
    AccountRoutes(bookkeeping: bookkeeping, calls: calls, backups: live.state.backups)
      .add(to: &routes)
    HealthRoutes(health: health).add(to: &routes)
    MetricsRoutes(
      metrics: metrics, store: store, scenes: live.scenes, ledger: live.ledger, pool: live.storage
    ).add(to: &routes)
    try OpenAPIRoutes.add(to: &routes)
    let watch = Watch(
      live: live, store: store, database: database, runner: runner, health: health,
      settings: settings,
      socket: socket, client: client)
    let tokens = TokenBook(file: TokenFile(url: configuration.tokensFile), logger: logger)
    // Ended in reverse: the runner takes no job anew while the API still answers.
    try await run(
      routes.responder(
        tokens: tokens, largestBody: { settings.current.largestBodyByteCount }, now: now),
      socket: socket,
      and: [
        Heartbeat(
          probes: watch.probes, health: health, notifier: notifier, logger: logger,
          status: watch.status),
        IncomingFolder(
          intake: intake, settings: settings, pool: live.storage, health: health, logger: logger),
        LedgerWatch(live.ledger, pool: live.storage, logger: logger),
        bookkeeping,
        Reload(
          read: reread, settings: settings, catalogue: live.catalogue, state: live.state,
          client: client, ledger: live.ledger, runner: runner, pool: live.storage,
          threshold: threshold, health: health, notifier: notifier, logger: logger),
        RunnerService(
          runner: runner, hub: hub, health: health, notifier: notifier, logger: logger),
      ])
  }

  private func run(
    _ responder: RouterResponder<APIContext>, socket: SocketFile, and services: [any Service]
  ) async throws {
    let listening = ListeningFailure()
    let listener = APIListener(socket: socket.path, responder: responder, logger: logger) {
      [logger, notifier, state = configuration.stateDirectory] in
      do throws(PlatformError) {
        try socket.openToGroup()
      } catch {
        listening.set(error)
        return
      }
      logger.info("ready", metadata: ["socket": "\(socket.path)", "state": "\(state.path)"])
      notifier.ready(status: "serving \(socket.path)")
    }
    let loopback = configuration.apiAddress.map {
      APIListener(address: $0, responder: responder, logger: logger)
    }
    let all: [any Service] = [listener] + (loopback.map { [$0] } ?? []) + services
    var group = ServiceGroupConfiguration(
      services: all.map { .init(service: $0) },
      gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    group.maximumGracefulShutdownDuration =
      .seconds(configuration.stopSeconds) + Self.stopMargin
    try await ServiceGroup(configuration: group).run()
    if let error = listening.error { throw error }
  }

  private func logTrust() {
    for vendor in configuration.vendors where vendor.isLocal {
      logger.notice(
        "a vendor on this machine is trusted",
        metadata: ["vendor": "\(vendor.name)", "url": "\(vendor.url)"])
    }
  }

  private static func identifiers(_ now: @escaping @Sendable () -> Date) -> @Sendable () -> UUID {
    {
      var generator = SystemRandomNumberGenerator()
      return UUID.version7(at: now(), using: &generator)
    }
  }
}

/// What went wrong after the socket was bound, where nothing can be thrown.
private final class ListeningFailure: Sendable {
  private let failure = Mutex<PlatformError?>(nil)
  func set(_ error: PlatformError) { failure.withLock { $0 = error } }
  var error: PlatformError? { failure.withLock { $0 } }
}
