// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Pieces of work done on all cores and taken in order by one thread, few at a time.
enum OrderedWork {
  /// Makes 0 ..< count on plain threads and hands each value, in order, to the calling thread.
  ///
  /// A thread waits before it is more than a piece a thread ahead of what was taken, so memory does
  /// not grow with `count`.
  ///
  /// - Throws: what `consume` throws; the threads have then ended.
  static func run<Value: Sendable>(
    count: Int, threadCount: Int = ProcessInfo.processInfo.activeProcessorCount,
    produce: @escaping @Sendable (Int) -> Value, consume: (Value) throws -> Void
  ) throws {
    let queue = Queue<Value>(count: count, ahead: threadCount)
    for _ in 0..<min(threadCount, count) {
      let thread = Thread {
        while let index = queue.claim() { queue.deliver(produce(index), of: index) }
        queue.leave()
      }
      thread.stackSize = 8 << 20
      queue.enter()
      thread.start()
    }
    defer { queue.stop() }
    for index in 0..<count { try consume(queue.take(index)) }
  }

  /// Which piece is next, and what is made and not yet taken.
  private final class Queue<Value: Sendable>: Sendable {
    private struct State: Sendable {
      var next = 0
      var taken = 0
      var ready: [Int: Value] = [:]
      var threads = 0
    }

    private let count: Int
    private let ahead: Int
    // NSCondition is a lock with a wait; `state` is only touched between lock and unlock.
    private let condition = NSCondition()
    nonisolated(unsafe) private var state = State()

    init(count: Int, ahead: Int) {
      self.count = count
      self.ahead = ahead
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
      condition.lock()
      defer {
        condition.broadcast()
        condition.unlock()
      }
      return body()
    }

    func enter() { locked { state.threads += 1 } }
    func leave() { locked { state.threads -= 1 } }

    /// The next piece to make, or nil when there is none.
    func claim() -> Int? {
      locked {
        while state.next < count && state.next > state.taken + ahead { condition.wait() }
        guard state.next < count else { return nil }
        defer { state.next += 1 }
        return state.next
      }
    }

    func deliver(_ value: Value, of index: Int) { locked { state.ready[index] = value } }

    /// Waits for a piece and takes it.
    func take(_ index: Int) -> Value {
      locked {
        while true {
          if let value = state.ready.removeValue(forKey: index) {
            state.taken += 1
            return value
          }
          condition.wait()
        }
      }
    }

    /// Lets the threads end and waits until they have.
    func stop() {
      locked {
        state.next = count
        while state.threads > 0 { condition.wait() }
      }
    }
  }
}
