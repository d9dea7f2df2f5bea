// SPDX-License-Identifier: Apache-2.0

package import Logging
import Synchronization

/// How much is logged: shared by all loggers of a daemon, so that a reload can change it.
public final class LogThreshold: Sendable {
  private let threshold: Mutex<Logger.Level>

  /// A threshold as a configuration has it.
  public init(_ level: Configuration.LogLevel) { threshold = Mutex(level.loggerLevel) }

  /// The least level that is written.
  package var level: Logger.Level { threshold.withLock { $0 } }

  /// Writes more or less from now on.
  func set(_ level: Configuration.LogLevel) { threshold.withLock { $0 = level.loggerLevel } }
}

extension Configuration.LogLevel {
  fileprivate var loggerLevel: Logger.Level {
    switch self {
    case .debug: .debug
    case .info: .info
    case .warning: .warning
    case .error: .error
    }
  }
}
