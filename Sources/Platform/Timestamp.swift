// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// Time as text: RFC 3339, UTC, milliseconds, as in `2026-03-01T12:00:00.250Z`.
public enum Timestamp {
  private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

  /// The text of a point in time.
  public static func text(_ date: Date) -> String { date.formatted(style) }

  /// The point in time that a text names, or nil when it is not of this form.
  public static func date(_ text: String) -> Date? {
    // Any failure means the same here: not a time stamp.
    try? Date(text, strategy: style)
  }
}
