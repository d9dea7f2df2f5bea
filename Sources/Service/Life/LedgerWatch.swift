// SPDX-License-Identifier: Apache-2.0

package import Ledger
package import Logging
package import Platform
import ServiceLifecycle

/// Recomputes the whole ledger every hour: its chain, its balances, its anchor.
///
/// Books that do not add up end the daemon, and with it all buying: a person must look.
package struct LedgerWatch: Service {
  private let ledger: Ledger
  private let pool: ComputePool
  private let period: Duration
  private let logger: Logger

  /// Creates a watch; ``run()`` starts it.
  ///
  /// - Parameter pool: where the check runs, which blocks.
  package init(
    _ ledger: Ledger, pool: ComputePool, period: Duration = .seconds(3600), logger: Logger
  ) {
    self.ledger = ledger
    self.pool = pool
    self.period = period
    self.logger = logger
  }

  /// Checks until a graceful stop; the ledger was checked when it was opened, so it waits first.
  ///
  /// - Throws: `LedgerError.broken`.
  package func run() async throws {
    while true {
      // Cut short by a stop, which the next line sees.
      try? await cancelWhenGracefulShutdown { [period] in try await Task.sleep(for: period) }
      if Task.isShuttingDownGracefully || Task.isCancelled { return }
      try await check()
    }
  }

  private func check() async throws {
    let verification = try await pool.run { [ledger] in try ledger.verify() }
    guard verification.isSound else {
      for problem in verification.problems {
        logger.critical("the ledger is broken", metadata: ["problem": "\(problem)"])
      }
      throw LedgerError.broken(path: Ledger.fileName, verification: verification)
    }
    logger.info("the ledger is sound", metadata: ["entries": "\(verification.entryCount)"])
  }
}
