// SPDX-License-Identifier: Apache-2.0

import Foundation
import Ledger
public import Logging
import PatchDrop
public import Platform
import Raster
import Transfer

/// What the program around the daemon needs.
extension Daemon {
  /// The logger of the program: lines on standard error, with the journal's priorities where that
  /// leads to the journal.
  public static func logger(
    _ threshold: LogThreshold, environment: [String: String]
  ) -> Logger {
    let isJournal = JournalStream.isStandardError(environment: environment)
    return Logger(label: "fovead") { _ in
      LineLogHandler(threshold: threshold, isJournal: isJournal)
    }
  }

  /// Checks what a configuration names, without touching the state directory: price lists,
  /// credentials, folders and models.
  ///
  /// A small image is decoded, too.
  ///
  /// - Returns: how files from outside are decoded, and the models that jobs may name, one a line.
  /// - Throws: `ConfigurationError`, `PlatformError`, `RasterError`.
  public static func check(_ configuration: Configuration) throws -> [String] {
    let state = StateDirectory(root: configuration.stateDirectory)
    let decoder = RasterDecoder(landlock: configuration.decodeLandlock)
    let catalogue = try Catalogue(
      configuration, state: state, client: HTTPClient(), metrics: Metrics(startedAt: Date()),
      decoder: decoder)
    try SocketFile(path: configuration.socketPath).checkLength()
    var lines = ["decoder: \(try decoder.check().words)"]
    var issues: [ConfigurationError.Issue] = []
    for name in catalogue.models.names() {
      do throws(ModelError) {
        let card = try catalogue.bundle(name).card
        lines.append("model: \(name), \(card.classes.count) classes")
      } catch {
        issues.append(
          .init(place: "model \(name)", what: error.reason, remedy: error.remedy))
      }
    }
    guard issues.isEmpty else { throw ConfigurationError(issues: issues) }
    return lines
  }

  /// The exit code for an error of ours; nil for one that is not.
  public static func exitCode(of error: any Error) -> ExitCode? {
    switch error {
    case is ConfigurationError: .configuration
    case let error as LedgerError: error.exitCode
    case let error as StoreError: error.exitCode
    case let error as TokenError: error.exitCode
    case RasterError.decoderUnavailable: .configuration
    case let error as PlatformError:
      switch error {
      case .locked: .tryLater
      case .socketPathTooLong: .configuration
      case .file: .cannotCreate
      }
    default: nil
    }
  }
}

extension Configuration {
  /// The settings in the words of the file, one a line.
  public var summary: String {
    var lines = [
      "state: \(stateDirectory.path)", "socket: \(socketPath)", "log_level: \(logLevel.rawValue)",
      "api.listen: \(apiAddress?.description ?? "(the socket only)")",
      "api.tokens: \(tokensFile.path)",
      "jobs.concurrent: \(concurrentJobs)", "jobs.compute_threads: \(computeThreads)",
      "jobs.stop_seconds: \(stopSeconds)", "limits.body_bytes: \(largestBodyByteCount)",
      "limits.free_bytes: \(keptFreeByteCount)",
    ]
    lines += SceneLimitKey.all.map { "limits.scene.\($0.name): \($0.value(sceneLimits))" }
    lines += [
      "decode.landlock: \(decodeLandlock.rawValue)", "incoming.folder: \(incomingFolder.path)",
      "incoming.settle_seconds: \(settleSeconds)",
    ]
    lines += modelFolders.map { "models.folders: \($0.path)" }
    lines += vendors.map { vendor in
      "vendors: \(vendor.name) at \(vendor.url), product \(vendor.product), item \(vendor.item), "
        + "prices \(vendor.pricesFile.path)"
        + (vendor.credential.map { ", credential \($0)" } ?? "")
    }
    return lines.joined(separator: "\n")
  }
}
