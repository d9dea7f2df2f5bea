// SPDX-License-Identifier: Apache-2.0

import Platform
import Synchronization

extension ComputePool {
  /// Runs long work on a thread of the pool, and lets it ask whether its task was cancelled.
  func run<Value: Sendable>(
    asking body: @escaping @Sendable (_ isCancelled: () -> Bool) throws -> Value
  ) async throws -> Value {
    let flag = CancellationFlag()
    return try await withTaskCancellationHandler {
      try await run { try body { flag.isSet.load(ordering: .acquiring) } }
    } onCancel: {
      flag.isSet.store(true, ordering: .releasing)
    }
  }
}

private final class CancellationFlag: Sendable {
  let isSet = Atomic<Bool>(false)
}
