// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// Time and chance as a purchase meets them; a simulation brings its own.
public struct PurchaseClock: Sendable {
  /// The wall clock.
  public let now: @Sendable () -> Date
  /// The clock that never goes back.
  public let instant: @Sendable () -> ContinuousClock.Instant
  /// Waits.
  public let sleep: @Sendable (Duration) async throws -> Void
  /// A number from 0 up to 1, to spread calls of many clients.
  public let chance: @Sendable () -> Double

  /// Creates a clock.
  public init(
    now: @escaping @Sendable () -> Date,
    instant: @escaping @Sendable () -> ContinuousClock.Instant,
    sleep: @escaping @Sendable (Duration) async throws -> Void,
    chance: @escaping @Sendable () -> Double
  ) {
    self.now = now
    self.instant = instant
    self.sleep = sleep
    self.chance = chance
  }

  /// The machine's clocks, with `now` for the wall clock.
  public static func system(now: @escaping @Sendable () -> Date = { Date() }) -> PurchaseClock {
    PurchaseClock(
      now: now, instant: { ContinuousClock.now }, sleep: { try await Task.sleep(for: $0) },
      chance: { Double.random(in: 0..<1) })
  }
}
