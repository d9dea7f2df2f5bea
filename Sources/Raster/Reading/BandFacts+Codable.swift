// SPDX-License-Identifier: Apache-2.0

extension BandFacts: Hashable {
  /// Two are the same where they say the same of every pixel: NaN as nodata is NaN.
  public static func == (left: Self, right: Self) -> Bool {
    left.type == right.type && left.noDataValue == right.noDataValue && left.scale == right.scale
      && left.offset == right.offset && left.colour == right.colour
  }

  /// As equality has it.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(type)
    hasher.combine(noDataValue)
    hasher.combine(scale)
    hasher.combine(offset)
    hasher.combine(colour)
  }

  private var noDataValue: NoDataValue? { noData.map(NoDataValue.init) }
}

extension BandFacts: Codable {
  private enum CodingKeys: String, CodingKey {
    case type, noData, scale, offset, colour
  }

  /// Reads facts; nodata is a number, or a text where JSON has none.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      type: try values.decode(String.self, forKey: .type),
      noData: try values.decodeIfPresent(NoDataValue.self, forKey: .noData)?.number,
      scale: try values.decode(Double.self, forKey: .scale),
      offset: try values.decode(Double.self, forKey: .offset),
      colour: try values.decodeIfPresent(BandColour.self, forKey: .colour))
  }

  /// Writes facts.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(type, forKey: .type)
    try values.encodeIfPresent(noDataValue, forKey: .noData)
    try values.encode(scale, forKey: .scale)
    try values.encode(offset, forKey: .offset)
    try values.encodeIfPresent(colour, forKey: .colour)
  }
}
