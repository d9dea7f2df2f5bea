// SPDX-License-Identifier: Apache-2.0

public import Foundation
import Synchronization

/// Plain threads for work that blocks or computes: GDAL, training, survey, file reads.
///
/// Swift's cooperative pool has one thread a core, and nothing there may block. A pool's threads
/// may: work is queued in order and each piece runs to its end on one thread.
///
/// ```swift
/// let pool = ComputePool(threadCount: 2)
/// let digest = try await pool.run { try Digest.sha256(ofFileAt: url) }
/// ```
public final class ComputePool: Sendable {
  /// The number of threads.
  public let threadCount: Int

  private struct State: Sendable {
    var queue: [@Sendable () -> Void] = []
    var isStopped = false
  }

  /// Guards `state`; a thread waits on it for work.
  private final class Shared: Sendable {
    // NSCondition is a lock with a wait; `state` is only touched between lock and unlock.
    let condition = NSCondition()
    nonisolated(unsafe) var state = State()
  }

  private let shared = Shared()

  /// Starts the threads; they end when the pool is released and its queue is empty.
  ///
  /// - Parameter threadCount: at least one; the number of cores when not given.
  public init(threadCount: Int = ProcessInfo.processInfo.activeProcessorCount) {
    precondition(threadCount > 0, "a compute pool has at least one thread")
    self.threadCount = threadCount
    for index in 0..<threadCount {
      let thread = Thread { [shared] in Self.work(shared) }
      thread.name = "compute-\(index)"
      // Deep networks and GDAL's codecs use more stack than Foundation's default of 512 KiB.
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  deinit {
    shared.condition.lock()
    shared.state.isStopped = true
    shared.condition.broadcast()
    shared.condition.unlock()
  }

  /// Runs `body` on one of the pool's threads and returns what it returns.
  ///
  /// - Throws: what `body` throws; `CancellationError` when the task was cancelled before it ran.
  public func run<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    let isCancelled = Atomic<Bool>(false)
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        submit {
          if isCancelled.load(ordering: .acquiring) {
            continuation.resume(throwing: CancellationError())
          } else {
            continuation.resume(with: Result { try body() })
          }
        }
      }
    } onCancel: {
      isCancelled.store(true, ordering: .releasing)
    }
  }

  private func submit(_ piece: @escaping @Sendable () -> Void) {
    shared.condition.lock()
    shared.state.queue.append(piece)
    shared.condition.signal()
    shared.condition.unlock()
  }

  private static func work(_ shared: Shared) {
    while true {
      shared.condition.lock()
      while shared.state.queue.isEmpty && !shared.state.isStopped { shared.condition.wait() }
      guard !shared.state.queue.isEmpty else {
        shared.condition.unlock()
        return
      }
      let piece = shared.state.queue.removeFirst()
      shared.condition.unlock()
      piece()
    }
  }
}
