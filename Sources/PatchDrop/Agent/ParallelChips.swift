// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Independent work on many chips, on all cores; blocks the caller, so call it on a plain thread.
enum ParallelChips {
  /// Chips between two reports of progress.
  static let batchSize = 128

  /// The results of `body` for 0 ..< count, in order.
  ///
  /// - Parameters:
  ///   - progress: told how many of how many are done; false stops the work.
  /// - Throws: what `body` throws, of the lowest index of a batch; `CancellationError` when
  ///   `progress` said so.
  static func map<Value: Sendable>(
    count: Int, progress: (Int, Int) -> Bool = { _, _ in true },
    _ body: @Sendable (Int) throws -> Value
  ) throws -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(count)
    while values.count < count {
      let first = values.count
      let size = min(batchSize, count - first)
      let results = Mutex([Result<Value, any Error>?](repeating: nil, count: size))
      DispatchQueue.concurrentPerform(iterations: size) { offset in
        let result = Result { try body(first + offset) }
        results.withLock { $0[offset] = result }
      }
      for result in results.withLock({ $0 }) {
        if let result { values.append(try result.get()) }
      }
      guard progress(values.count, count) else { throw CancellationError() }
    }
    return values
  }
}
