// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Raster

/// What `fovea inspect` says of a file; all keys are always there, null where nothing is known.
struct InspectionSheet: Encodable {
  enum Verdict: String, Encodable {
    case accepted
    case refused
  }

  /// A band of the file, an alpha band among them.
  struct Band: Encodable {
    let type: String
    @Nullable var nodata: NoDataValue?
    let scale: Double
    let offset: Double
    @Nullable var colour: String?
    @Nullable var checksum: Int?

    init(_ band: InspectedBand) {
      type = band.type
      nodata = band.noData
      scale = band.scale
      offset = band.offset
      colour = band.colour
      checksum = band.checksum
    }
  }

  let file: String
  let verdict: Verdict
  @Nullable var kind: String?
  @Nullable var reason: String?
  @Nullable var remedy: String?
  @Nullable var width: Int?
  @Nullable var height: Int?
  @Nullable var crs: String?
  /// Metres, from column to column and from row to row.
  @Nullable var groundSampleDistance: [Double]?
  /// The same in units of the coordinate reference system.
  @Nullable var pixelSize: [Double]?
  /// The six numbers of the transform as GDAL orders them.
  @Nullable var geotransform: [Double]?
  let bands: [Band]
  /// West, south, east, north in the coordinate reference system.
  @Nullable var bounds: [Double]?
  /// West, south, east, north in degrees, as RFC 7946 has them.
  @Nullable var bbox: [Double]?
  @Nullable var footprint: GeoJSONArea?
  @Nullable var nodataShare: Double?
  @Nullable var acquiredAt: Date?
  /// The system on whose lattice a job's chips lie: its own, or the UTM zone of its middle.
  @Nullable var latticeCrs: String?
  @Nullable var sha256: String?
  @Nullable var bytes: UInt64?

  init(_ found: Inspection, of file: String) {
    self.file = file
    verdict = found.refusal == nil ? .accepted : .refused
    bands = found.bands.map(Band.init)
    kind = found.refusal?.kind
    reason = found.refusal?.reason
    remedy = found.refusal?.remedy
    width = found.width
    height = found.height
    crs = found.crs
    groundSampleDistance = found.groundSampleDistanceMetres.map { [$0.x, $0.y] }
    pixelSize = found.transform.map { [$0.pixelWidth, $0.pixelHeight] }
    geotransform = found.transform.map { transform in
      [
        transform.originX, transform.columnX, transform.rowX, transform.originY,
        transform.columnY, transform.rowY,
      ]
    }
    bounds = found.bounds.map { [$0.west, $0.south, $0.east, $0.north] }
    let box = found.footprint?.boundingBox
    bbox = box.map { [$0.west, $0.south, $0.east, $0.north].map(GeoJSONArea.rounded) }
    footprint = found.footprint.map(GeoJSONArea.init)
    nodataShare = found.noDataShare
    acquiredAt = found.acquiredAt
    latticeCrs = found.usesMetres.flatMap { usesMetres in
      usesMetres ? found.crs : box.map { UTMZone(at: $0.centre).crs }
    }
    sha256 = found.sourceDigest
    bytes = found.byteCount
  }
}

/// A value that is written as null where there is none, so that a reader finds every key.
@propertyWrapper
struct Nullable<Value: Encodable>: Encodable {
  var wrappedValue: Value?

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue {
      try container.encode(wrappedValue)
    } else {
      try container.encodeNil()
    }
  }
}

/// A region as a GeoJSON geometry; a Polygon where it is one.
struct GeoJSONArea: Encodable {
  let polygons: [[[Coordinate]]]

  init(_ region: Region) { polygons = region.polygons }

  private enum CodingKeys: String, CodingKey {
    case type, coordinates
  }

  func encode(to encoder: any Encoder) throws {
    let coordinates = polygons.map { polygon in
      polygon.map { ring in
        ring.map { [Self.rounded($0.longitude), Self.rounded($0.latitude)] }
      }
    }
    var values = encoder.container(keyedBy: CodingKeys.self)
    if coordinates.count == 1, let polygon = coordinates.first {
      try values.encode("Polygon", forKey: .type)
      try values.encode(polygon, forKey: .coordinates)
    } else {
      try values.encode("MultiPolygon", forKey: .type)
      try values.encode(coordinates, forKey: .coordinates)
    }
  }

  /// Degrees to about a millimetre on the ground.
  static func rounded(_ degrees: Double) -> Double { (degrees * 1e8).rounded() / 1e8 }
}
