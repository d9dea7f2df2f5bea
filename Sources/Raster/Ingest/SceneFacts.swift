// SPDX-License-Identifier: Apache-2.0

public import Acquisition
public import Foundation

/// What a raster that was taken in is: its shape, its place and how much of it has values.
public struct SceneFacts: Hashable, Sendable {
  /// Shape and place.
  public let layout: RasterLayout
  /// The size of a pixel on the ground, measured in the middle.
  public let groundSampleDistanceMetres: GroundSampleDistance
  /// The outline in longitude and latitude, a polygon on either side of the antimeridian where it
  /// crosses that.
  public let footprint: Region
  /// The share of pixels without values, 0 to 1.
  public let noDataShare: Double
  /// The SHA-256 of the file as it came, 64 hexadecimal digits.
  public let sourceDigest: String
  /// The bands of measurements in their order, as the file had them.
  public let bands: [BandFacts]
  /// When it was taken, where the file tells.
  public let acquiredAt: Date?
  /// Whether lengths in its coordinate reference system are metres on the ground, so that chips can
  /// lie on a lattice of it.
  public let usesMetres: Bool

  /// Facts from their parts.
  public init(
    layout: RasterLayout, groundSampleDistanceMetres: GroundSampleDistance, footprint: Region,
    noDataShare: Double, sourceDigest: String, bands: [BandFacts], acquiredAt: Date?,
    usesMetres: Bool
  ) {
    self.layout = layout
    self.groundSampleDistanceMetres = groundSampleDistanceMetres
    self.footprint = footprint
    self.noDataShare = noDataShare
    self.sourceDigest = sourceDigest
    self.bands = bands
    self.acquiredAt = acquiredAt
    self.usesMetres = usesMetres
  }

  /// The side of a pixel in metres: that of its system where its metres are metres on the ground,
  /// else the mean on the ground.
  public var pixelSizeMetres: Double {
    usesMetres ? layout.transform.pixelSize : groundSampleDistanceMetres.mean
  }
}

extension SceneFacts: Codable {
  private enum CodingKeys: String, CodingKey {
    case layout, groundSampleDistanceMetres, footprint, noDataShare, sourceDigest, bands
    case acquiredAt, usesMetres
  }

  /// Reads facts; those of earlier versions, whose scenes were all in metres, have one length for
  /// the pixel, one ring for the outline, and no word of the bands.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    layout = try values.decode(RasterLayout.self, forKey: .layout)
    noDataShare = try values.decode(Double.self, forKey: .noDataShare)
    sourceDigest = try values.decode(String.self, forKey: .sourceDigest)
    acquiredAt = try values.decodeIfPresent(Date.self, forKey: .acquiredAt)
    guard let usesMetres = try values.decodeIfPresent(Bool.self, forKey: .usesMetres) else {
      usesMetres = true
      let side = try values.decode(Double.self, forKey: .groundSampleDistanceMetres)
      groundSampleDistanceMetres = GroundSampleDistance(x: side, y: side)
      let ring = try values.decode([Coordinate].self, forKey: .footprint)
      footprint = Region(polygons: [[ring]])
      let type = layout.pixelType == .uint8 ? "Byte" : "Float32"
      bands = Array(repeating: BandFacts(type: type), count: layout.bandCount)
      return
    }
    self.usesMetres = usesMetres
    groundSampleDistanceMetres = try values.decode(
      GroundSampleDistance.self, forKey: .groundSampleDistanceMetres)
    footprint = Region(polygons: try values.decode([[[Coordinate]]].self, forKey: .footprint))
    bands = try values.decode([BandFacts].self, forKey: .bands)
  }

  /// Writes facts; the outline as its polygons.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(layout, forKey: .layout)
    try values.encode(groundSampleDistanceMetres, forKey: .groundSampleDistanceMetres)
    try values.encode(footprint.polygons, forKey: .footprint)
    try values.encode(noDataShare, forKey: .noDataShare)
    try values.encode(sourceDigest, forKey: .sourceDigest)
    try values.encode(bands, forKey: .bands)
    try values.encodeIfPresent(acquiredAt, forKey: .acquiredAt)
    try values.encode(usesMetres, forKey: .usesMetres)
  }
}
