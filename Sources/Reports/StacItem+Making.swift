// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Raster

extension StacItem {
  /// What is known of a file when the item is made.
  struct FileFacts {
    let byteCount: Int64
    let digest: String
  }

  /// Lists the files of a report.
  ///
  /// - Throws: `RasterError` where a corner of the frame has no longitude and latitude.
  init(
    _ report: JobReport, crs: String, frame: ChipFrame, classes: ClassTable,
    files: [ReportFile: FileFacts]
  ) throws(RasterError) {
    id = report.job.id
    let outlines = try Outlines(crs: crs)
    let rings = try outlines.rings(of: [frame.ground])[0].map { ring in
      ring.map {
        Coordinate(longitude: Self.rounded($0.longitude), latitude: Self.rounded($0.latitude))
      }
    }
    geometry = Geometry(rings: rings)
    bbox = Self.box(of: rings)
    properties = Properties(report, gsd: frame.grid.groundSampleDistanceMetres, crs: crs)
    links =
      report.licence?.url.map {
        [Link(rel: "license", href: $0, title: report.licence?.id ?? "licence")]
      } ?? []
    let pixels = frame.grid.chipPixels
    let mosaic = frame.layout(
      pixelsPerChip: pixels, bandCount: report.model.bandCount, crs: crs)
    let map = frame.layout(pixelsPerChip: 1, bandCount: 1, crs: crs)
    let stacClasses = zip(classes.names, classes.colours).enumerated().map { index, entry in
      StacClass(value: index, name: entry.0, colour: entry.1)
    }
    let mosaicBand = Band(
      nodata: nil, spatialResolution: mosaic.transform.pixelSize, classes: nil)
    let mapBand = Band(
      nodata: Int(ClassTable.noData), spatialResolution: map.transform.pixelSize,
      classes: stacClasses)
    assets = Dictionary(
      uniqueKeysWithValues: files.map { file, facts in
        let raster: RasterFields? =
          switch file {
          case .mosaic:
            RasterFields(
              mosaic, bands: Array(repeating: mosaicBand, count: mosaic.bandCount))
          case .classMap: RasterFields(map, bands: [mapBand])
          default: nil
          }
        return (
          file.rawValue,
          Asset(
            href: "./\(file.rawValue)", title: file.title, type: file.mediaType,
            roles: file.roles, byteCount: facts.byteCount, digest: facts.digest, raster: raster)
        )
      })
  }

  /// Seven decimals, as in the other files.
  private static func rounded(_ degrees: Double) -> Double { (degrees * 1e7).rounded() / 1e7 }

  /// West, south, east, north; west is beyond east where the antimeridian lies between (RFC 7946).
  private static func box(of rings: [[Coordinate]]) -> [Double] {
    let points = rings.joined()
    let latitudes = points.map(\.latitude)
    let west = rings.first?.map(\.longitude).min() ?? -180
    let east = rings.last?.map(\.longitude).max() ?? 180
    return [west, latitudes.min() ?? -90, east, latitudes.max() ?? 90]
  }
}

extension StacItem.Properties {
  init(_ report: JobReport, gsd: Double, crs: String) {
    datetime = report.scene.acquiredAt ?? report.job.finishedAt
    created = report.job.finishedAt
    title = report.job.tag ?? "Fovea job \(report.job.id)"
    description =
      "Classes of \(Figures.counted(report.chips.classified, "chip")) of \(report.scene.name), "
      + "and the \(Figures.counted(report.patches.bought + report.patches.owned, "patch")) of "
      + "fine imagery that they were made with. The time is that of the "
      + (report.scene.acquiredAt == nil ? "classification." : "scene.")
    // A name that STAC's readers can look up is one of SPDX's; vendors' own licences are none.
    license =
      report.licence.map { $0.id.hasPrefix("CC-") || $0.id == "CC0-1.0" ? $0.id : "proprietary" }
      ?? (report.product == nil ? "various" : "proprietary")
    let notice = report.attributions.joined(separator: "; ")
    providers =
      (report.product.map {
        [
          StacItem.Provider(
            name: $0.vendor, description: notice.isEmpty ? nil : notice,
            roles: ["producer", "licensor"])
        ]
      } ?? [])
      + [StacItem.Provider(name: "Fovea", description: nil, roles: ["processor"])]
    self.gsd = gsd
    projection = StacItem.Projection(crs: crs)
  }
}
