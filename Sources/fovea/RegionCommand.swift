// SPDX-License-Identifier: Apache-2.0

import Acquisition
import ArgumentParser
import Foundation
import Platform
import Raster

struct RegionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "region",
    abstract: "Whether a GeoJSON file is a region for a job, where it is not, and how large it is.",
    discussion: """
      A region is a Polygon or MultiPolygon of RFC 7946, or one Feature of it; {"bbox": [WEST, \
      SOUTH, EAST, NORTH]} is a box. The area is that on the ellipsoid of WGS 84, edges being \
      geodesics. Exit codes: 0 valid, 65 refused, 66 no such file.
      """)

  @Argument(help: "The GeoJSON file.", completion: .file(extensions: ["geojson", "json"]))
  var file: String
  @OptionGroup var output: OutputOptions

  func run() throws {
    let verdict: Verdict
    do {
      verdict = try Verdict(RegionFile(path: file).region())
    } catch let error as RegionError {
      verdict = Verdict(error)
    }
    if output.json {
      try Printing.json(verdict)
    } else {
      verdict.print(about: file)
    }
    if verdict.verdict == .refused {
      throw ArgumentParser.ExitCode(Platform.ExitCode.badData.rawValue)
    }
  }

  /// What is said of a region: either why it is refused, or what it is.
  private struct Verdict: Encodable {
    enum Word: String, Encodable {
      case valid
      case refused
    }

    let verdict: Word
    var kind: String?
    var `where`: String?
    var reason: String?
    var remedy: String?
    var areaM2: Double?
    var areaKm2: Double?
    var bbox: [Double]?
    var utmZone: String?
    var polygons: Int?
    var rings: Int?
    var positions: Int?

    init(_ error: RegionError) {
      verdict = .refused
      kind = error.kind
      `where` = error.place
      reason = error.reason
      remedy = error.remedy
    }

    init(_ region: Region) {
      verdict = .valid
      let area = region.areaSquareMetres
      areaM2 = area
      areaKm2 = area / 1e6
      if let box = region.boundingBox {
        bbox = [box.west, box.south, box.east, box.north]
        utmZone = box.utmZone.crs
      }
      polygons = region.polygons.count
      rings = region.ringCount
      positions = region.positionCount
    }

    func print(about file: String) {
      var rows: [(String, String?)] = [("where", `where`), ("reason", reason), ("do", remedy)]
      if let areaM2, let bbox, let polygons, let rings, let positions {
        let box = GeographicBox(west: bbox[0], south: bbox[1], east: bbox[2], north: bbox[3])
        rows += [
          ("area", Self.area(areaM2)), ("longitude", Printing.longitudes(of: box)),
          ("latitude", Printing.latitudes(of: box)),
          ("in metres", "\(box.utmZone.crs), \(box.utmZone.name)"),
          (
            "outline",
            Self.counts([(polygons, "polygon"), (rings, "ring"), (positions, "position")])
          ),
        ]
      }
      Printing.sheet("\(file): \(verdict.rawValue)\(kind.map { " (\($0))" } ?? "")", rows)
    }

    private static func area(_ squareMetres: Double) -> String {
      squareMetres < 10_000
        ? Printing.decimals(squareMetres, 3) + " m2"
        : Printing.decimals(squareMetres / 1e6, 6) + " km2"
    }

    private static func counts(_ counts: [(Int, String)]) -> String {
      counts.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }.joined(separator: ", ")
    }
  }
}
