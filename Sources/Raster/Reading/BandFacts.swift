// SPDX-License-Identifier: Apache-2.0

/// What a file says of one of its bands.
public struct BandFacts: Sendable {
  /// The type of its numbers as GDAL names it: `Byte`, `UInt16`, `Float32`; `Int8` for signed bytes.
  public var type: String
  /// The number that stands for nothing.
  public var noData: Double?
  /// What a number is multiplied by to become the value.
  public var scale: Double
  /// What is then added.
  public var offset: Double
  /// What it shows, where the file tells.
  public var colour: BandColour?

  /// Facts from their parts; numbers are values if nothing else is said.
  public init(
    type: String, noData: Double? = nil, scale: Double = 1, offset: Double = 0,
    colour: BandColour? = nil
  ) {
    self.type = type
    self.noData = noData
    self.scale = scale
    self.offset = offset
    self.colour = colour
  }

  /// Whether numbers are values as they are.
  public var isPlain: Bool { scale == 1 && offset == 0 }

  /// Whether its numbers have fractions.
  var isFloatingPoint: Bool { type.hasPrefix("Float") }
}

/// What a band shows, as its file tells.
public enum BandColour: String, Hashable, Sendable, Codable {
  /// Red light.
  case red
  /// Green light.
  case green
  /// Blue light.
  case blue
  /// One band that is shown as grey.
  case grey
  /// Indices into a table of colours.
  case palette
}
