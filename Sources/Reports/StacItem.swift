// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Platform
import Raster

/// `item.json`: the job's files as a STAC 1.0 item, so that catalogues and their tools find them.
///
/// Extensions: projection (place of the rasters), raster (bands), file (size and checksum, a
/// multihash), classification (the classes). The time is when the scene was taken, where its file
/// tells, else that of the last result.
struct StacItem: Encodable {
  static let extensions = [
    "https://stac-extensions.github.io/projection/v1.1.0/schema.json",
    "https://stac-extensions.github.io/raster/v1.1.0/schema.json",
    "https://stac-extensions.github.io/file/v2.1.0/schema.json",
    "https://stac-extensions.github.io/classification/v1.1.0/schema.json",
  ]

  let type = "Feature"
  let stacVersion = "1.0.0"
  let stacExtensions = StacItem.extensions
  let id: String
  let geometry: Geometry
  let bbox: [Double]
  let properties: Properties
  let links: [Link]
  let assets: [String: Asset]

  /// A polygon, or the two parts of one that crosses the antimeridian.
  struct Geometry: Encodable {
    let rings: [[Coordinate]]

    private enum Key: String, CodingKey { case type, coordinates }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      let positions = rings.map { $0.map { [$0.longitude, $0.latitude] } }
      try container.encode(rings.count == 1 ? "Polygon" : "MultiPolygon", forKey: .type)
      if rings.count == 1 {
        try container.encode(positions, forKey: .coordinates)
      } else {
        try container.encode(positions.map { [$0] }, forKey: .coordinates)
      }
    }
  }

  struct Properties: Encodable {
    let datetime: Date
    let created: Date
    let title: String
    let description: String
    let license: String
    let providers: [Provider]
    let gsd: Double
    let projection: Projection

    private enum Key: String, CodingKey {
      case datetime, created, title, description, license, providers, gsd
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(datetime, forKey: .datetime)
      try container.encode(created, forKey: .created)
      try container.encode(title, forKey: .title)
      try container.encode(description, forKey: .description)
      try container.encode(license, forKey: .license)
      try container.encode(providers, forKey: .providers)
      try container.encode(gsd, forKey: .gsd)
      try projection.encode(to: encoder)
    }
  }

  /// The system of the rasters: its code, or null and its WKT.
  struct Projection: Encodable {
    let crs: String

    private enum Key: String, CodingKey {
      case epsg = "proj:epsg"
      case wkt = "proj:wkt2"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      let code = crs.hasPrefix("EPSG:") ? Int(crs.dropFirst(5)) : nil
      try container.encode(code, forKey: .epsg)
      if code == nil { try container.encode(crs, forKey: .wkt) }
    }
  }

  struct Provider: Encodable {
    let name: String
    let description: String?
    let roles: [String]
  }

  struct Link: Encodable {
    let rel: String
    let href: String
    let title: String
  }

  /// A file beside the item.
  struct Asset: Encodable {
    let href: String
    let title: String
    let type: String
    let roles: [String]
    let byteCount: Int64
    /// The SHA-256, hexadecimal.
    let digest: String
    var raster: RasterFields?

    private enum Key: String, CodingKey {
      case href, title, type, roles
      case size = "file:size"
      case checksum = "file:checksum"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(href, forKey: .href)
      try container.encode(title, forKey: .title)
      try container.encode(type, forKey: .type)
      try container.encode(roles, forKey: .roles)
      try container.encode(byteCount, forKey: .size)
      // A multihash: the code of SHA-256, its length, the digest.
      try container.encode("1220" + digest, forKey: .checksum)
      try raster?.encode(to: encoder)
    }
  }

  /// What is said of a raster besides.
  struct RasterFields: Encodable {
    let shape: [Int]
    let transform: [Double]
    let bands: [Band]

    private enum CodingKeys: String, CodingKey {
      case shape = "proj:shape"
      case transform = "proj:transform"
      case bands = "raster:bands"
    }

    init(_ layout: RasterLayout, bands: [Band]) {
      let corner = layout.transform.point(column: 0, row: 0)
      let size = layout.transform.pixelSize
      shape = [layout.height, layout.width]
      transform = [size, 0, corner.x, 0, -size, corner.y]
      self.bands = bands
    }
  }

  struct Band: Encodable {
    let dataType = "uint8"
    let nodata: Int?
    let spatialResolution: Double
    let classes: [StacClass]?

    private enum CodingKeys: String, CodingKey {
      case nodata
      case dataType = "data_type"
      case spatialResolution = "spatial_resolution"
      case classes = "classification:classes"
    }
  }

  /// A class of `classes.tif`.
  struct StacClass: Encodable {
    let value: Int
    let name: String
    let description: String
    let colorHint: String

    init(value: Int, name: String, colour: Colour) {
      self.value = value
      // The extension wants names of letters, digits, hyphens and underscores.
      let isPlain = { (letter: Character) in
        letter.isASCII && (letter.isLetter || letter.isNumber || letter == "-" || letter == "_")
      }
      self.name = String(name.map { isPlain($0) ? $0 : "_" })
      description = name
      colorHint = String(colour.html.dropFirst()).uppercased()
    }
  }
}
