// SPDX-License-Identifier: Apache-2.0

/// How digital numbers that are not 8-bit become values from 0 to 255, as models see them: a
/// straight line, rounded to whole numbers, its ends kept.
///
/// Low and high resolution go through the same one before anything looks at them, as
/// `gdal_translate -ot Byte -scale MIN MAX 0 255` would do it.
public struct Stretch: Hashable, Sendable, Codable, CustomStringConvertible {
  /// What becomes 0.
  public let minimum: Double
  /// What becomes 255.
  public let maximum: Double

  /// Creates a stretch; nil unless both are finite and the minimum is below the maximum.
  public init?(minimum: Double, maximum: Double) {
    guard minimum.isFinite, maximum.isFinite, minimum < maximum, (maximum - minimum).isFinite else {
      return nil
    }
    self.minimum = minimum
    self.maximum = maximum
  }

  /// Reads `MIN,MAX`; nil for anything else.
  public init?(_ text: String) {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false)
      .map { Double($0.drop { $0 == " " }) }
    guard numbers.count == 2, let minimum = numbers[0], let maximum = numbers[1] else { return nil }
    self.init(minimum: minimum, maximum: maximum)
  }

  /// What ``init(_:)`` reads.
  public var description: String { "\(minimum),\(maximum)" }

  /// The value from 0 to 255 of a digital number; 0 for what is no number.
  public func value(_ number: Float) -> UInt8 {
    let share = (Double(number) - minimum) / (maximum - minimum)
    return share > 0 ? UInt8(min(255, (share * 255).rounded(.toNearestOrAwayFromZero))) : 0
  }
}
