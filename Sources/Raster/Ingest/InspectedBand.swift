// SPDX-License-Identifier: Apache-2.0

/// A band of a file that was inspected, an alpha band among them.
public struct InspectedBand: Hashable, Sendable {
  /// The type of its samples as GDAL names it: `Byte`, `Int8`, `UInt16`, `Int16`, `Float32` or
  /// `Float64` where it is one that is taken.
  public var type: String
  /// The number that stands for "no value".
  public var noData: NoDataValue?
  /// What a stored number is multiplied by; 1 without a scale.
  public var scale = 1.0
  /// What is added after that; 0 without an offset.
  public var offset = 0.0
  /// What it shows, as GDAL names it: `Red`, `Gray`, `Alpha`, `Undefined`; nil before the pixels were
  /// decoded.
  public var colour: String?
  /// GDAL's checksum of the stored numbers, where it was asked for.
  public var checksum: Int?

  /// A band as the header has it.
  init(type: String, noData: NoDataValue? = nil) {
    self.type = type
    self.noData = noData
  }

  /// A band as it was decoded, with the nodata value of the header.
  init(_ band: DecodedFacts.Band, noData: NoDataValue?) {
    type = band.type
    self.noData = noData
    scale = band.scale
    offset = band.offset
    colour = band.colour
    checksum = band.checksum
  }

  /// What later work needs to know of it.
  var facts: BandFacts {
    let colours: [String: BandColour] = [
      "Red": .red, "Green": .green, "Blue": .blue, "Gray": .grey, "Palette": .palette,
    ]
    return BandFacts(
      type: type, noData: noData?.number, scale: scale, offset: offset,
      colour: colour.flatMap { colours[$0] })
  }
}
