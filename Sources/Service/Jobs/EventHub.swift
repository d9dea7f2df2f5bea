// SPDX-License-Identifier: Apache-2.0

package import Acquisition
package import Foundation
import Synchronization
package import Wire

/// Tells those who watch a job that something happened, and remembers how far its step is.
///
/// Kept events are in the database; a watcher reads them there, so that one which it was too slow
/// for here is not lost to it.
package final class EventHub: Sendable {
  /// Enough that a watcher sees progress move, little enough that a stuck one costs nothing.
  private static let waitingEvents = 16

  private struct Watcher: Sendable {
    let job: String
    let continuation: AsyncStream<JobEvent>.Continuation
  }

  private struct State: Sendable {
    var watchers: [Int: Watcher] = [:]
    var nextWatcher = 0
    var steps: [String: StageProgress] = [:]
    var jobStates: [String: JobState] = [:]
    var publishedCount = 0
  }

  private let state = Mutex(State())

  /// Creates a hub without watchers.
  package init() {}

  /// Hands an event to those who watch its job.
  package func publish(_ event: JobEvent) {
    let watchers = state.withLock { state in
      state.publishedCount += 1
      if event.kind == .state {
        state.steps[event.job] = nil
        state.jobStates[event.job] = event.state.isFinal ? nil : event.state
      }
      return state.watchers.values.filter { $0.job == event.job }
    }
    for watcher in watchers { watcher.continuation.yield(event) }
  }

  /// Tells how far a job's step is.
  package func publish(_ step: StageProgress, of job: String, at date: Date) {
    let jobState = state.withLock { state in
      state.steps[job] = step
      return state.jobStates[job] ?? .queued
    }
    publish(
      JobEvent(
        id: nil, job: job, at: date, kind: .progress, state: jobState, message: "", progress: step))
  }

  /// Says where a job stands that is taken up in the middle of its life.
  package func resume(_ job: String, in jobState: JobState) {
    state.withLock { $0.jobStates[job] = jobState }
  }

  /// How many events there were: while it grows, work goes on.
  var publishedCount: Int { state.withLock(\.publishedCount) }

  /// How far a job's present step is.
  package func progress(of job: String) -> StageProgress? { state.withLock { $0.steps[job] } }

  /// What happens to a job from now on; ends when its reader does.
  package func events(of job: String) -> AsyncStream<JobEvent> {
    let (stream, continuation) = AsyncStream<JobEvent>.makeStream(
      bufferingPolicy: .bufferingNewest(Self.waitingEvents))
    let id = state.withLock { state in
      state.nextWatcher += 1
      state.watchers[state.nextWatcher] = Watcher(job: job, continuation: continuation)
      return state.nextWatcher
    }
    continuation.onTermination = { [weak self] _ in
      self?.state.withLock { $0.watchers[id] = nil }
    }
    return stream
  }
}
