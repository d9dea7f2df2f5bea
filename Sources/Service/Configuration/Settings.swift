// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The configuration in force: a reload replaces it whole while the daemon runs.
final class Settings: Sendable {
  private let configuration: Mutex<Configuration>

  /// Settings that begin with a configuration.
  init(_ configuration: Configuration) { self.configuration = Mutex(configuration) }

  /// What is in force now: whoever does one piece of work asks once.
  var current: Configuration { configuration.withLock { $0 } }

  /// Puts another configuration into force.
  func replace(with configuration: Configuration) {
    self.configuration.withLock { $0 = configuration }
  }
}
