// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform
import Synchronization

/// What the daemon has counted since it started; what the databases know is asked there.
final class Metrics: Sendable {
  /// A call to a vendor, as it is counted.
  struct VendorCall: Hashable, Comparable {
    let vendor: String
    /// `quote`, `submit`, `look_up`, `status`, `deliveries`, `download`, `cancel`, `orders`.
    let phase: String
    /// `ok`, or how it failed.
    let outcome: String

    static func < (left: VendorCall, right: VendorCall) -> Bool {
      (left.vendor, left.phase, left.outcome) < (right.vendor, right.phase, right.outcome)
    }
  }

  /// How often and how long a step ran.
  struct StepTime {
    var count = 0
    var seconds = 0.0
  }

  /// All counts at one moment.
  struct Counts {
    var vendorCalls: [VendorCall: Int] = [:]
    var downloadedBytes: [String: Int64] = [:]
    var steps: [String: StepTime] = [:]
    var chips: [String: Int] = [:]
  }

  /// When the process started.
  let startedAt: Date
  private let state = Mutex(Counts())

  init(startedAt: Date) { self.startedAt = startedAt }

  var counts: Counts { state.withLock { $0 } }

  /// Counts a call to a vendor.
  func count(_ call: VendorCall) { state.withLock { $0.vendorCalls[call, default: 0] += 1 } }

  /// Counts bytes that came from a vendor.
  func countDownload(from vendor: String, byteCount: Int64) {
    state.withLock { $0.downloadedBytes[vendor, default: 0] += byteCount }
  }

  /// Counts chips that a step has done.
  func countChips(_ step: String, _ count: Int) {
    state.withLock { $0.chips[step, default: 0] += count }
  }

  /// Runs a step and counts it with its time, however it ends.
  func time<Value: Sendable>(
    _ step: String, _ body: () async throws -> Value
  ) async rethrows -> Value {
    let clock = ContinuousClock()
    let start = clock.now
    defer {
      let duration = clock.now - start
      state.withLock { counts in
        counts.steps[step, default: StepTime()].count += 1
        counts.steps[step, default: StepTime()].seconds += duration / .seconds(1)
      }
    }
    return try await body()
  }
}
