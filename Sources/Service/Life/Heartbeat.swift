// SPDX-License-Identifier: Apache-2.0

package import Logging
package import Platform
import ServiceLifecycle

/// Asks each part of the daemon in turn whether it still works, and feeds the service manager's
/// watchdog only when all have answered: a daemon that hangs is ended and started anew.
///
/// A timer alone would go on beating while the purchases hang.
package struct Heartbeat: Service {
  /// How often without a watchdog.
  private static let usualPeriod = Duration.seconds(5)

  /// A question to a part: it returns when the part has answered, and throws what is wrong.
  package struct Probe: Sendable {
    let part: Health.Part
    let ask: @Sendable () async throws -> Void

    /// Creates a question.
    package init(_ part: Health.Part, ask: @escaping @Sendable () async throws -> Void) {
      self.part = part
      self.ask = ask
    }
  }

  private let probes: [Probe]
  private let health: Health
  private let notifier: ServiceNotifier
  private let logger: Logger
  private let status: @Sendable () async -> String
  private let period: Duration

  /// Creates a heart; ``run()`` makes it beat.
  ///
  /// - Parameters:
  ///   - status: what the daemon does, in a few words for `systemctl status`.
  ///   - period: the time between beats; a third of the watchdog's limit when not given.
  package init(
    probes: [Probe], health: Health, notifier: ServiceNotifier, logger: Logger,
    period: Duration? = nil, status: @escaping @Sendable () async -> String
  ) {
    self.probes = probes
    self.health = health
    self.notifier = notifier
    self.logger = logger
    self.status = status
    self.period =
      period ?? min(Self.usualPeriod, notifier.watchdogLimit.map { $0 / 3 } ?? .seconds(60))
  }

  /// Beats until a graceful stop.
  ///
  /// - Throws: a probe's ``Fatal`` error, which ends the daemon.
  package func run() async throws {
    var told = ""
    while true {
      // First of all: the parts are only starting. Cut short by a stop, which the next line sees.
      try? await cancelWhenGracefulShutdown { [period] in try await Task.sleep(for: period) }
      if Task.isShuttingDownGracefully || Task.isCancelled { return }
      let allAreWell = try await beat()
      if allAreWell && notifier.watchdogLimit != nil { notifier.watchdog() }
      let text = await status()
      if text != told, !Task.isShuttingDownGracefully { notifier.status(text) }
      told = text
    }
  }

  /// Asks all parts; returns when every one has answered, and whether all are well.
  private func beat() async throws -> Bool {
    try await withThrowingTaskGroup(of: (Health.Part, Bool)?.self) { group in
      for probe in probes { group.addTask { (probe.part, try await works(probe)) } }
      group.addTask { [period] in
        // Cancelled as soon as all have answered.
        try? await Task.sleep(for: period)
        return nil
      }
      var silent = Set(probes.map(\.part))
      var isWell = true
      while !silent.isEmpty, let answer = try await group.next() {
        if let (part, partIsWell) = answer {
          silent.remove(part)
          isWell = isWell && partIsWell
        } else {
          tellOfSilence(silent)
        }
      }
      group.cancelAll()
      return isWell
    }
  }

  private func works(_ probe: Probe) async throws -> Bool {
    do {
      try await probe.ask()
      if health.report(probe.part, problem: nil) {
        logger.notice("works again", metadata: ["part": "\(probe.part.rawValue)"])
      }
      return true
    } catch let error as Fatal {
      throw error.cause
    } catch is CancellationError {
      return false
    } catch {
      if health.report(probe.part, problem: "\(error)") {
        logger.error(
          "does not work", metadata: ["part": "\(probe.part.rawValue)", "error": "\(error)"])
      }
      return false
    }
  }

  private func tellOfSilence(_ parts: Set<Health.Part>) {
    for part in parts.sorted(by: { $0.rawValue < $1.rawValue }) {
      health.report(part, problem: "It does not answer. Look into the log, and restart fovead.")
      logger.error("does not answer", metadata: ["part": "\(part.rawValue)"])
    }
  }

  /// What a probe throws when the daemon must not go on.
  package struct Fatal: Error {
    let cause: any Error
  }
}
