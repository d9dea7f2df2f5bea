// SPDX-License-Identifier: Apache-2.0

import Synchronization
package import Wire

/// What is known of the daemon's parts: each that is looked after reports here.
package final class Health: Sendable {
  /// What can be in trouble while the daemon goes on.
  package enum Part: String, Sendable, CaseIterable {
    /// Old holds, frozen vendors: what a person should look at.
    case accounts
    /// The file was changed into something that cannot be used; the old one is in force.
    case configuration
    /// The database of jobs and scenes.
    case database
    /// The processes that read what comes from outside.
    case decode
    /// The room that is left.
    case disk
    /// The watched folder.
    case incoming
    /// The books.
    case ledger
    /// The socket.
    case listener
    /// The queue.
    case runner
  }

  private struct State {
    var problems: [Part: String] = [:]
    var isStopping = false
  }

  private let state = Mutex(State())

  /// Everything is well at first.
  package init() {}

  /// Says what is wrong with a part, nil for nothing.
  ///
  /// - Returns: whether that is news.
  @discardableResult
  package func report(_ part: Part, problem: String?) -> Bool {
    state.withLock { state in
      let isNews = state.problems[part] != problem
      state.problems[part] = problem
      return isNews
    }
  }

  /// A stop has begun.
  package func stop() { state.withLock { $0.isStopping = true } }

  /// What a monitor is told.
  package var record: HealthRecord {
    state.withLock { state in
      HealthRecord(
        status: state.isStopping ? "stopping" : state.problems.isEmpty ? "ok" : "degraded",
        checks: Part.allCases.map { .init(part: $0.rawValue, problem: state.problems[$0]) })
    }
  }

  /// Whether a stop has begun.
  package var isStopping: Bool { state.withLock(\.isStopping) }
}
