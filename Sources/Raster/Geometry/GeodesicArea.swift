// SPDX-License-Identifier: Apache-2.0

public import Acquisition
import CGDAL

/// Areas on the ellipsoid of WGS 84, by Karney's geodesics: what ground really has, whatever a
/// projection makes of it.
///
/// ```swift
/// let areas = try GeodesicArea.squareMetres(of: [rectangle], crs: "EPSG:32632")
/// ```
public enum GeodesicArea {
  /// The areas of rectangles, in square metres, by their four corners.
  ///
  /// - Parameters:
  ///   - rectangles: small beside the Earth, as chips are, so that their edges are all but geodesics.
  ///   - crs: the rectangles' system, `EPSG:n` or WKT.
  /// - Throws: `RasterError.referenceSystem` where a corner has no longitude and latitude.
  public static func squareMetres(
    of rectangles: [ProjectedRectangle], crs: String
  ) throws(RasterError) -> [Double] {
    let transform = try CoordinateTransform(from: crs, to: "EPSG:4326")
    let corners = try transform.convert(rectangles.flatMap(\.corners))
    var ellipsoid = ellipsoid
    return rectangles.indices.map { index in
      let ring = corners[index * 4..<index * 4 + 4]
      return squareMetres(latitudes: ring.map(\.y), longitudes: ring.map(\.x), &ellipsoid)
    }
  }

  /// The area of a polygon, its holes taken away, in square metres.
  ///
  /// Edges are geodesics between the given positions, whichever way round a ring runs.
  ///
  /// - Parameter rings: closed rings in degrees, the outline first.
  static func squareMetres(ofPolygon rings: [[Coordinate]]) -> Double {
    var ellipsoid = ellipsoid
    let areas = rings.map { ring in
      let corners = ring.dropLast()
      return squareMetres(
        latitudes: corners.map(\.latitude), longitudes: corners.map(\.longitude), &ellipsoid)
    }
    return areas.dropFirst().reduce(areas.first ?? 0, -)
  }

  /// WGS 84.
  private static var ellipsoid: geod_geodesic {
    var ellipsoid = geod_geodesic()
    geod_init(&ellipsoid, 6_378_137, 1 / 298.257_223_563)
    return ellipsoid
  }

  private static func squareMetres(
    latitudes: [Double], longitudes: [Double], _ ellipsoid: inout geod_geodesic
  ) -> Double {
    var (latitudes, longitudes) = (latitudes, longitudes)
    var area = 0.0
    geod_polygonarea(&ellipsoid, &latitudes, &longitudes, Int32(latitudes.count), &area, nil)
    return abs(area)
  }
}

extension Region {
  /// The area in square metres on the ellipsoid of WGS 84, edges being geodesics: outlines less
  /// their holes, all polygons together.
  public var areaSquareMetres: Double {
    polygons.reduce(0) { $0 + GeodesicArea.squareMetres(ofPolygon: $1) }
  }
}

extension ProjectedRectangle {
  /// The corners, counterclockwise from the south-west.
  public var corners: [ProjectedPoint] {
    [
      ProjectedPoint(x: west, y: south), ProjectedPoint(x: east, y: south),
      ProjectedPoint(x: east, y: north), ProjectedPoint(x: west, y: north),
    ]
  }
}
