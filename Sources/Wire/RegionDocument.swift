// SPDX-License-Identifier: Apache-2.0

public import Acquisition

/// A region as GeoJSON inside another document: always a MultiPolygon.
public struct RegionDocument: Hashable, Sendable, Codable {
  /// The region.
  public let region: Region

  private enum CodingKeys: String, CodingKey {
    case type
    case coordinates
  }

  /// Wraps a region.
  public init(_ region: Region) { self.region = region }

  /// Reads what ``encode(to:)`` writes.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let type = try container.decode(String.self, forKey: .type)
    let numbers = try container.decode([[[[Double]]]].self, forKey: .coordinates)
    guard type == "MultiPolygon", numbers.joined().joined().allSatisfy({ $0.count == 2 }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .coordinates, in: container,
        debugDescription: "a region is a MultiPolygon of [longitude, latitude]")
    }
    region = Region(
      polygons: numbers.map { polygon in
        polygon.map { ring in ring.map { Coordinate(longitude: $0[0], latitude: $0[1]) } }
      })
  }

  /// Writes a GeoJSON MultiPolygon.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode("MultiPolygon", forKey: .type)
    let numbers = region.polygons.map { polygon in
      polygon.map { ring in ring.map { [$0.longitude, $0.latitude] } }
    }
    try container.encode(numbers, forKey: .coordinates)
  }
}
