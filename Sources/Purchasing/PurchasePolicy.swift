// SPDX-License-Identifier: Apache-2.0

/// The limits of a purchase: how often, how long, how much more.
public struct PurchasePolicy: Hashable, Sendable {
  /// How often one order is sent at most before a person is asked.
  public var largestAttemptCount = 8
  /// How much a quote may exceed the price that the plan expected, in percent.
  public var quoteTolerancePercent = 1
  /// How often one item is fetched before the order is parked.
  public var largestFetchCount = 2
  /// How long a vendor may be out of reach before its orders wait for a person.
  public var longestOutage = Duration.seconds(24 * 3600)
  /// How long a vendor may work on an order before a person is asked.
  public var longestOrderAge = Duration.seconds(7 * 24 * 3600)
  /// The most that the wait before the first retry can be; it doubles with each later one.
  public var firstDelay = Duration.seconds(1)
  /// The longest wait between two calls.
  public var longestDelay = Duration.seconds(300)
  /// How many orders of one job are with the vendor at once.
  public var concurrentOrders = 4
  /// How many items of one order are fetched side by side.
  public var concurrentItems = 4
  /// How many items of one order are fetched before they are written down, and then paid, in one
  /// transaction each.
  public var itemsPerCommit = 8

  /// The limits that the reliability rules name.
  public static let standard = PurchasePolicy()

  /// Creates a policy with the standard limits.
  public init() {}

  /// The wait before retry number `attempt`, from 0: doubling, capped, anywhere from 0 up to that,
  /// so that clients that failed together do not come back together.
  func delay(beforeRetry attempt: Int, chance: Double) -> Duration {
    min(firstDelay * (1 << min(attempt, 20)), longestDelay) * chance
  }

  /// The wait before a status call, where `earlier` are the status calls since the order was sent:
  /// half as long again each time, capped, a fifth more or less.
  func delay(afterPolls earlier: Int, first: Duration, chance: Double) -> Duration {
    var delay = first
    for _ in 0..<min(earlier, 64) where delay < longestDelay { delay = delay * 3 / 2 }
    return min(delay, longestDelay) * (0.8 + 0.4 * chance)
  }
}
