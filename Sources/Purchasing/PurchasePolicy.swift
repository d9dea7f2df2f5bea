// SPDX-License-Identifier: Apache-2.0

/// The limits of a purchase: how often, how long, how much more.
public struct PurchasePolicy: Hashable, Sendable {
  /// How often one order is sent at most.
  public var largestAttemptCount: Int
  /// How much a quote may exceed the price that the plan expected, in percent.
  public var quoteTolerancePercent: Int
  /// How often one item is fetched before the order is parked.
  public var largestFetchCount: Int
  /// How often a call that failed for a passing reason is tried again.
  public var largestRetryCount: Int
  /// The wait before the first retry or the second status call; each later one is longer.
  public var firstDelay: Duration
  /// The longest wait between two calls.
  public var longestDelay: Duration
  /// How many orders of one job are with the vendor at once.
  public var concurrentOrders: Int
  /// How many items of one order are fetched side by side.
  public var concurrentItems = 4
  /// How many items of one order are fetched before they are written down, and then paid, in one
  /// transaction each.
  public var itemsPerCommit: Int

  /// The limits that the reliability rules name.
  public static let standard = PurchasePolicy(
    largestAttemptCount: 8, quoteTolerancePercent: 1, largestFetchCount: 2, largestRetryCount: 8,
    firstDelay: .milliseconds(500), longestDelay: .seconds(300), concurrentOrders: 4,
    itemsPerCommit: 8)

  /// Creates a policy.
  public init(
    largestAttemptCount: Int, quoteTolerancePercent: Int, largestFetchCount: Int,
    largestRetryCount: Int, firstDelay: Duration, longestDelay: Duration, concurrentOrders: Int,
    itemsPerCommit: Int
  ) {
    self.largestAttemptCount = largestAttemptCount
    self.quoteTolerancePercent = quoteTolerancePercent
    self.largestFetchCount = largestFetchCount
    self.largestRetryCount = largestRetryCount
    self.firstDelay = firstDelay
    self.longestDelay = longestDelay
    self.concurrentOrders = concurrentOrders
    self.itemsPerCommit = itemsPerCommit
  }

  /// The wait before call number `attempt`, from 0: doubling, capped.
  func delay(beforeRetry attempt: Int) -> Duration {
    min(firstDelay * (1 << min(attempt, 20)), longestDelay)
  }
}
