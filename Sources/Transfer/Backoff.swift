// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// The waits between attempts: doubling, capped, with full jitter.
///
/// Each wait is drawn evenly from nothing to its limit, so that many who failed together do not
/// come back together (Brooker, "Exponential Backoff and Jitter", 2015).
///
/// ```swift
/// try await Task.sleep(for: Backoff().wait(beforeRetry: 0, using: &generator))
/// ```
public struct Backoff: Hashable, Sendable {
  /// The limit of the first wait.
  public let first: Duration
  /// The limit of all waits.
  public let longest: Duration

  /// Creates the waits.
  public init(first: Duration = .seconds(1), longest: Duration = .seconds(300)) {
    self.first = first
    self.longest = longest
  }

  /// The wait before a retry, from 0 on.
  public func wait(
    beforeRetry count: Int, using generator: inout some RandomNumberGenerator
  ) -> Duration {
    min(first * (1 << min(max(0, count), 20)), longest)
      * Double.random(in: 0...1, using: &generator)
  }
}

/// A server's word on when to come back.
public enum RetryAfter {
  /// What a bare number counts; RFC 9110 says seconds, and not everybody follows it.
  public enum Unit: Hashable, Sendable {
    /// Seconds.
    case seconds
    /// Thousandths of a second.
    case milliseconds
  }

  /// The longest pause that is taken from a server: an hour.
  public static let longest = Duration.seconds(3600)

  /// The pause that a `Retry-After` asks for, from nothing to ``longest``; nil for nonsense.
  ///
  /// - Parameters:
  ///   - text: a number, or a date in the form of RFC 9110, section 5.6.7.
  ///   - unit: what a number counts.
  ///   - now: what a date is held against.
  public static func pause(_ text: String, unit: Unit = .seconds, now: Date) -> Duration? {
    if let number = Double(text), number.isFinite {
      let limited = max(0, min(number, 1e9))
      return min(unit == .seconds ? .seconds(limited) : .milliseconds(limited), longest)
    }
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(secondsFromGMT: 0)
    formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    guard let date = formatter.date(from: text) else { return nil }
    return max(.zero, min(.seconds(date.timeIntervalSince(now)), longest))
  }
}
