// SPDX-License-Identifier: Apache-2.0

/// The digital numbers that become 0 and 255.
public struct StretchRange: Hashable, Sendable, Codable, CustomStringConvertible {
  /// What becomes 0.
  public let minimum: Double
  /// What becomes 255.
  public let maximum: Double

  /// Creates a range; nil unless both are finite and the minimum is below the maximum.
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

  /// What ``init(_:)`` reads, whole numbers without a decimal point.
  public var description: String { "\(Self.text(minimum)),\(Self.text(maximum))" }

  /// The value from 0 to 255 of a digital number; 0 for what is no number.
  public func value(_ number: Float) -> UInt8 {
    let share = (Double(number) - minimum) / (maximum - minimum)
    return share > 0 ? UInt8(min(255, (share * 255).rounded(.toNearestOrAwayFromZero))) : 0
  }

  private static func text(_ number: Double) -> String {
    abs(number) < 1e15 && number == number.rounded() ? "\(Int(number))" : "\(number)"
  }
}

/// How digital numbers that are not 8-bit become values from 0 to 255, as models see them: a
/// straight line, rounded to whole numbers, its ends kept; one for all bands, or one a band.
///
/// Low and high resolution go through the same one before anything looks at them, as
/// `gdal_translate -ot Byte -scale MIN MAX 0 255` would do it.
///
/// In JSON it is one object of `minimum` and `maximum`, or a list of such.
public struct Stretch: Hashable, Sendable, CustomStringConvertible {
  /// One for all bands, or one a band in the order of the model's; never empty.
  public let ranges: [StretchRange]

  /// A stretch from ranges: one for all bands, or one a band; nil where there is none.
  public init?(_ ranges: [StretchRange]) {
    guard !ranges.isEmpty else { return nil }
    self.ranges = ranges
  }

  /// One range for all bands; nil unless both are finite and the minimum is below the maximum.
  public init?(minimum: Double, maximum: Double) {
    guard let range = StretchRange(minimum: minimum, maximum: maximum) else { return nil }
    ranges = [range]
  }

  /// Reads `MIN,MAX` for all bands, or several of them with spaces between, one a band.
  public init?(_ text: String) {
    self.init(texts: text.split(separator: " ").map(String.init))
  }

  /// Reads texts like `MIN,MAX`, one for all bands or one a band; nil where one is none.
  public init?(texts: [String]) {
    let ranges = texts.compactMap { StretchRange($0) }
    guard ranges.count == texts.count else { return nil }
    self.init(ranges)
  }

  /// What ``init(_:)`` reads.
  public var description: String { ranges.map(\.description).joined(separator: " ") }

  /// Whether there is a range for each of so many bands.
  public func fits(bandCount: Int) -> Bool { ranges.count == 1 || ranges.count == bandCount }

  /// The range of a band, counted from 0.
  public func range(ofBand band: Int) -> StretchRange {
    precondition(ranges.count == 1 || band < ranges.count, "a stretch has a range for each band")
    return ranges[ranges.count == 1 ? 0 : band]
  }

  /// The values from 0 to 255 of samples, band after band, `bandCount` bands of as many each.
  public func values(_ samples: [Float], bandCount: Int) -> [UInt8] {
    precondition(fits(bandCount: bandCount) && samples.count % max(1, bandCount) == 0)
    let count = samples.count / max(1, bandCount)
    var values: [UInt8] = []
    values.reserveCapacity(samples.count)
    for band in 0..<bandCount {
      let range = range(ofBand: band)
      for sample in samples[band * count..<(band + 1) * count] {
        values.append(range.value(sample))
      }
    }
    return values
  }
}

extension Stretch: Codable {
  /// Reads one range, or a list of them.
  public init(from decoder: any Decoder) throws {
    // What is no single range may be a list, whose own mistakes are told.
    if let range = try? StretchRange(from: decoder) {
      ranges = [range]
      return
    }
    let container = try decoder.singleValueContainer()
    ranges = try container.decode([StretchRange].self)
    guard !ranges.isEmpty else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "a stretch has at least one range")
    }
  }

  /// Writes one range as itself, several as a list.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if ranges.count == 1 {
      try container.encode(ranges[0])
    } else {
      try container.encode(ranges)
    }
  }
}
