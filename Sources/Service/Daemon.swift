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
  /// How long a graceful stop may take; systemd is asked for more than that.
  private static let longestStop = Duration.seconds(30)

  private let configuration: Configuration
  private let logger: Logger
  private let notifier: ServiceNotifier
  private let now: @Sendable () -> Date
  private let replacedSteps: JobSteps?

  /// Creates a daemon; nothing is touched yet.
  ///
  /// - Parameter environment: the process's; `NOTIFY_SOCKET` is read from it.
  public init(_ configuration: Configuration, logger: Logger, environment: [String: String]) {
    self.init(configuration, logger: logger, environment: environment, replacingSteps: nil)
  }

  /// Creates a daemon whose jobs go through other steps than its own: the seam for tests of queue
  /// and API.
  package init(
    _ configuration: Configuration, logger: Logger, environment: [String: String],
    replacingSteps: JobSteps?
  ) {
    self.configuration = configuration
    self.logger = logger
    notifier = ServiceNotifier(environment: environment)
    now = { Date() }
    replacedSteps = replacingSteps
  }

  /// Runs until SIGTERM, SIGINT, or the task's cancellation.
  ///
  /// The order of the start: lock, databases and their checks, recovery of orders, socket, READY.
  ///
  /// - Throws: `PlatformError`, `LedgerError`, `StoreError`, `ConfigurationError` when it cannot
  ///   start.
  public func run() async throws {
    let state = StateDirectory(root: configuration.stateDirectory)
    let socket = SocketFile(path: configuration.socketPath)
    let storage = ComputePool(threadCount: 2)
    // The folder must be there for its lock, and nothing in it is touched without the lock.
    try DurableFile.createFolder(state.root)
    let lock = try DirectoryLock(file: state.lockFile)
    try state.create()
    let catalogue = try Catalogue(configuration, state: state, client: HTTPClient())
    let database = try ServiceDatabase(file: state.database)
    let ledger = try await storage.run { try Ledger(in: state.root) }
    let live = LiveSteps(
      scenes: SceneStore(database: database), ledger: ledger, catalogue: catalogue, state: state,
      compute: compute, storage: storage, now: now, makeID: Self.identifiers(now))
    // No network: orders that an earlier process left in the middle are marked as in doubt.
    try await live.purchaser(bandCount: 1).recover()
    try socket.prepare()
    logTrust()
    try await serve(live, database: database, socket: socket)
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
    _ live: LiveSteps, database: ServiceDatabase, socket: SocketFile
  ) async throws {
    let store = JobStore(database: database, now: now)
    let hub = EventHub()
    let steps = replacedSteps ?? live.steps
    let runner = JobRunner(
      store: store, hub: hub, steps: steps, concurrentJobs: configuration.concurrentJobs,
      logger: logger, folder: { [state = live.state] in state.job($0) }, now: now)
    let calls = KeyedCallStore(database: database, now: now)
    var routes = RouteTable()
    let intake = SceneIntake(
      scenes: live.scenes, state: live.state, settings: Settings(configuration),
      pool: live.compute, now: now)
    SceneRoutes(intake: intake, calls: calls).add(to: &routes)
    JobRoutes(
      store: store, hub: hub, runner: runner, steps: steps, state: live.state,
      pool: live.storage, makeID: { [makeID = live.makeID] in makeID().text }
    ).add(to: &routes)
    BudgetRoutes(ledger: live.ledger, calls: calls, pool: live.storage, now: now)
      .add(to: &routes)
    LedgerRoutes(ledger: live.ledger, pool: live.storage).add(to: &routes)
    CatalogueRoutes(catalogue: live.catalogue, pool: live.storage).add(to: &routes)
    let tokens = TokenBook(file: TokenFile(url: configuration.tokensFile), logger: logger)
    try await run(routes.responder(tokens: tokens, now: now), runner: runner, socket: socket)
  }

  private func run(
    _ responder: RouterResponder<APIContext>, runner: JobRunner, socket: SocketFile
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
    // Ended in reverse: the runner claims nothing anew while the API still answers.
    let services: [any Service] =
      [listener] + (loopback.map { [$0] } ?? [])
      + [RunnerService(runner: runner, notifier: notifier)]
    var configuration = ServiceGroupConfiguration(
      services: services.map { .init(service: $0) },
      gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    configuration.maximumGracefulShutdownDuration = Self.longestStop
    try await ServiceGroup(configuration: configuration).run()
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

/// The runner as a part of the service group.
private struct RunnerService: Service {
  let runner: JobRunner
  let notifier: ServiceNotifier

  func run() async throws {
    await withGracefulShutdownHandler {
      await runner.run()
    } onGracefulShutdown: { [notifier] in
      notifier.stopping()
    }
  }
}

/// What went wrong after the socket was bound, where nothing can be thrown.
private final class ListeningFailure: Sendable {
  private let failure = Mutex<PlatformError?>(nil)
  func set(_ error: PlatformError) { failure.withLock { $0 = error } }
  var error: PlatformError? { failure.withLock { $0 } }
}
