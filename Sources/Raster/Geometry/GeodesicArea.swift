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
    var ellipsoid = geod_geodesic()
    geod_init(&ellipsoid, 6_378_137, 1 / 298.257_223_563)
    return rectangles.indices.map { index in
      let ring = corners[index * 4..<index * 4 + 4]
      var latitudes = ring.map(\.y)
      var longitudes = ring.map(\.x)
      var area = 0.0
      geod_polygonarea(&ellipsoid, &latitudes, &longitudes, 4, &area, nil)
      return abs(area)
    }
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
