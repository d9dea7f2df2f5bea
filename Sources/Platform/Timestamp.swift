// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// Time as text: RFC 3339, UTC, milliseconds, as in `2026-03-01T12:00:00.250Z`.
public enum Timestamp {
  private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

  /// The text of a point in time, to the nearest millisecond: what ``date(_:)`` makes of it has the
  /// same text again.
  public static func text(_ date: Date) -> String {
    // The style cuts off what is under a millisecond, and most milliseconds are no binary fraction.
    let milliseconds = (date.timeIntervalSince1970 * 1000).rounded()
    return Date(timeIntervalSince1970: (milliseconds + 0.25) / 1000).formatted(style)
  }

  /// The point in time that a text names, or nil when it is not of this form.
  public static func date(_ text: String) -> Date? {
    // Any failure means the same here: not a time stamp.
    try? Date(text, strategy: style)
  }
}
