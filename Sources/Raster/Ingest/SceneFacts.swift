// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// What a raster that was taken in is: its shape, its place and how much of it has values.
public struct SceneFacts: Hashable, Sendable, Codable {
  /// Shape and place.
  public let layout: RasterLayout
  /// The side of a pixel on the ground.
  public let groundSampleDistanceMetres: Double
  /// The outline in longitude and latitude: one ring, first and last position equal.
  public let footprint: [Coordinate]
  /// The share of pixels without values, 0 to 1.
  public let noDataShare: Double
  /// The SHA-256 of the file as it came, 64 hexadecimal digits.
  public let sourceDigest: String

  /// Facts from their parts.
  public init(
    layout: RasterLayout, groundSampleDistanceMetres: Double, footprint: [Coordinate],
    noDataShare: Double, sourceDigest: String
  ) {
    self.layout = layout
    self.groundSampleDistanceMetres = groundSampleDistanceMetres
    self.footprint = footprint
    self.noDataShare = noDataShare
    self.sourceDigest = sourceDigest
  }

  /// The outline as a region.
  public var footprintRegion: Region { Region(polygons: [[footprint]]) }
}
