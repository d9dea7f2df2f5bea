// SPDX-License-Identifier: Apache-2.0

public import Acquisition
import CGDAL
import Foundation

/// Judges whether a coordinate reference system can carry chips: whether its metres are metres on
/// the ground.
public enum LatticeSystem {
  /// The largest share by which a metre of the system may differ from one on the ground: national
  /// and continental systems stay within it, systems for pictures of the world do not.
  private static let largestScaleError = 0.05
  private static let stepMetres = 10.0

  /// Why chips cannot be laid out in a system at a place, or nil where they can.
  ///
  /// - Parameter crs: `EPSG:n` or WKT.
  /// - Throws: `RasterError.referenceSystem` where the system is unknown.
  public static func obstacle(in crs: String, at place: Coordinate) throws(RasterError) -> String? {
    let reference = try SpatialReference(crs)
    if let obstacle = reference.obstacleToPlaces ?? reference.obstacleToMetres { return obstacle }
    guard reference.isMade(for: place) else { return "is made for another part of the Earth" }
    let points: [ProjectedPoint]
    do throws(RasterError) {
      let start = try CoordinateTransform(from: "EPSG:4326", to: crs).convert([
        ProjectedPoint(x: place.longitude, y: place.latitude)
      ])[0]
      points = try CoordinateTransform(from: crs, to: "EPSG:4326").convert([
        start, ProjectedPoint(x: start.x + stepMetres, y: start.y),
        ProjectedPoint(x: start.x, y: start.y + stepMetres),
      ])
    } catch {
      return "does not reach that place"
    }
    for point in points.dropFirst() {
      let scale = distanceMetres(points[0], point) / stepMetres
      guard abs(scale - 1) <= largestScaleError else {
        return String(format: "has a metre that is %.2f m on the ground there", scale)
      }
    }
    return nil
  }

  private static func distanceMetres(_ start: ProjectedPoint, _ end: ProjectedPoint) -> Double {
    var ellipsoid = geod_geodesic()
    geod_init(&ellipsoid, 6_378_137, 1 / 298.257_223_563)
    var distance = 0.0
    geod_inverse(&ellipsoid, start.y, start.x, end.y, end.x, &distance, nil, nil)
    return distance
  }
}

extension SpatialReference {
  /// How far, in degrees, from its registered area a system may still be used: a transverse
  /// Mercator has places beyond the poles that look sound and are not meant.
  private static let reachDegrees = 30.0

  /// Whether a place lies in or near the area for which the system is registered.
  fileprivate func isMade(for place: Coordinate) -> Bool {
    var (west, south, east, north) = (0.0, 0.0, 0.0, 0.0)
    let handle = handle
    let isKnown = GDAL.listen { OSRGetAreaOfUse(handle, &west, &south, &east, &north, nil) }.value
    // GDAL has -1000 where nothing is registered.
    guard isKnown != 0, west >= -180 else { return true }
    let width = (east - west + 360).truncatingRemainder(dividingBy: 360)
    let middle = west + width / 2
    let away = abs((place.longitude - middle + 540).truncatingRemainder(dividingBy: 360) - 180)
    return (width == 0 || away <= width / 2 + Self.reachDegrees)
      && place.latitude >= south - Self.reachDegrees && place.latitude <= north + Self.reachDegrees
  }
}
