// SPDX-License-Identifier: Apache-2.0

import Foundation
import Purchasing
import Synchronization

/// Time that passes only while somebody waits, so that a week takes no time.
final class VirtualClock: Sendable {
  private static let start = Date(timeIntervalSince1970: 1_772_366_400)
  private let origin = ContinuousClock.now
  private let passed = Mutex(Duration.zero)

  /// How much time has passed.
  var elapsed: Duration { passed.withLock { $0 } }

  var now: Date { Self.start.addingTimeInterval(elapsed / .seconds(1)) }

  func advance(by duration: Duration) { passed.withLock { $0 += max(.zero, duration) } }

  /// The same beside programs that live in the world's time: it begins now, and each wait takes a
  /// few milliseconds of theirs.
  var hurried: PurchaseClock {
    PurchaseClock(
      now: { Date().addingTimeInterval(self.elapsed / .seconds(1)) },
      instant: { self.origin + self.elapsed },
      sleep: { duration in
        self.advance(by: duration)
        try await Task.sleep(for: .milliseconds(3))
      }, chance: { 0.5 })
  }

  /// The clock that a purchaser is given.
  var purchaseClock: PurchaseClock {
    PurchaseClock(
      now: { self.now }, instant: { self.origin + self.elapsed },
      sleep: { duration in
        try Task.checkCancellation()
        self.advance(by: duration)
        await Task.yield()
      }, chance: { 0.5 })
  }
}
