// SPDX-License-Identifier: Apache-2.0

package import Logging
package import Platform
import ServiceLifecycle

/// The queue as a part of the service group, and its orderly end.
package struct RunnerService: Service {
  /// What a stop that goes on asks of the service manager each time.
  private static let patience = Duration.seconds(15)

  private let runner: JobRunner
  private let hub: EventHub
  private let health: Health
  private let notifier: ServiceNotifier
  private let logger: Logger
  private let period: Duration

  /// Creates the service.
  ///
  /// - Parameter period: how often a stop looks whether it makes progress.
  package init(
    runner: JobRunner, hub: EventHub, health: Health, notifier: ServiceNotifier, logger: Logger,
    period: Duration = .seconds(2)
  ) {
    self.runner = runner
    self.hub = hub
    self.health = health
    self.notifier = notifier
    self.logger = logger
    self.period = period
  }

  /// Runs jobs until a graceful stop has ended what ran.
  package func run() async throws {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await askForPatience() }
      await withGracefulShutdownHandler {
        await runner.run()
      } onGracefulShutdown: {
        health.stop()
        notifier.stopping()
        logger.info("stopping: no job is taken anew")
      }
      group.cancelAll()
    }
  }

  /// Once a stop has begun: while jobs make progress the manager is to wait on.
  private func askForPatience() async {
    var seen: Int?
    while !Task.isCancelled {
      // Cancelled when the steps have ended.
      try? await Task.sleep(for: period)
      guard Task.isShuttingDownGracefully, !Task.isCancelled else { continue }
      let published = hub.publishedCount
      if let seen, published != seen { notifier.extendTimeout(by: Self.patience) }
      seen = published
    }
  }
}
