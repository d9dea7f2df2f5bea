// SPDX-License-Identifier: Apache-2.0

import Foundation
import Ledger
import Logging
import Platform
import Purchasing
import Raster
import ServiceLifecycle
import Transfer
import UnixSignals
import Wire

/// Reads the configuration anew at every SIGHUP, and puts all of it into force or none of it.
struct Reload: Service {
  /// The configuration as its file, the environment and the flags have it now.
  let read: @Sendable () throws -> Configuration
  let settings: Settings
  let catalogue: Catalogue
  let state: StateDirectory
  let client: HTTPClient
  let ledger: Ledger
  let runner: JobRunner
  /// Where files are read and the ledger is asked, which blocks.
  let pool: ComputePool
  let threshold: LogThreshold
  let health: Health
  let notifier: ServiceNotifier
  let logger: Logger

  func run() async throws {
    for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
      notifier.reloading()
      await reload()
      notifier.reloaded()
    }
  }

  private func reload() async {
    do {
      let change = try await pool.run { try checked() }
      settings.replace(with: change.configuration)
      catalogue.replace(with: change.content)
      threshold.set(change.configuration.logLevel)
      await runner.setConcurrentJobs(change.configuration.concurrentJobs)
      health.report(.configuration, problem: nil)
      logger.notice(
        "the configuration was read anew",
        metadata: ["vendors": "\(change.content.vendors.map(\.record.name).joined(separator: ","))"]
      )
    } catch {
      let reason = (error as? ConfigurationError)?.line ?? "\(error)"
      health.report(.configuration, problem: "The old one is in force: \(reason)")
      logger.error("the configuration stays as it was", metadata: ["reason": "\(reason)"])
    }
  }

  /// The new configuration with everything that it names opened; blocks.
  private func checked() throws -> (configuration: Configuration, content: Catalogue.Content) {
    let configuration = try read()
    let content = try Catalogue.content(
      of: configuration, state: state, client: client, metrics: catalogue.metrics,
      decoder: catalogue.decoder)
    let issues =
      Self.fixedIssues(from: settings.current, to: configuration)
      + (try removalIssues(content.vendors.map(\.record.name)))
    guard issues.isEmpty else { throw ConfigurationError(issues: issues) }
    return (configuration, content)
  }

  /// What cannot change while the daemon runs, and does.
  private static func fixedIssues(
    from old: Configuration, to new: Configuration
  ) -> [ConfigurationError.Issue] {
    let fixed = [
      ("state", old.stateDirectory.path, new.stateDirectory.path, "its lock and books are open"),
      ("socket", old.socketPath, new.socketPath, "its clients know it by that path"),
      (
        "api.listen", old.apiAddress.map { "\($0)" } ?? "none",
        new.apiAddress.map { "\($0)" } ?? "none", "it is bound"
      ),
      (
        "decode.landlock", old.decodeLandlock.rawValue, new.decodeLandlock.rawValue,
        "the decoder is running"
      ),
      ("api.tokens", old.tokensFile.path, new.tokensFile.path, "the API reads the old one"),
      (
        "jobs.compute_threads", "\(old.computeThreads)", "\(new.computeThreads)",
        "the threads are running"
      ),
    ]
    return fixed.filter { $0.1 != $0.2 }.map { key, before, after, reason in
      .init(
        place: key, what: "it cannot change from \(before) to \(after) now: \(reason)",
        remedy: "Restart fovead for that, or put it back.")
    }
  }

  /// The vendors that are needed by orders which have not ended.
  private func removalIssues(_ names: [String]) throws -> [ConfigurationError.Issue] {
    let open = Dictionary(grouping: try ledger.openOrders(), by: \.vendor)
    return open.filter { !names.contains($0.key) }.sorted { $0.key < $1.key }.map { name, orders in
      .init(
        place: "vendors",
        what: "\(name) has \(orders.count) open order\(orders.count == 1 ? "" : "s"), and the new "
          + "configuration is without it",
        remedy: "Keep its entry until they have ended.")
    }
  }
}
