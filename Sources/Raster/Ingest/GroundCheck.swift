// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation

/// Judges where a raster lies: in a projected system whose metres are metres on the ground.
enum GroundCheck {
  /// The outline of a raster in longitude and latitude.
  ///
  /// - Throws: `RasterError.georeference` where lengths are not metres or the place is none.
  static func footprint(of layout: RasterLayout) throws(RasterError) -> [Coordinate] {
    let reference = try SpatialReference(layout.crs)
    if let obstacle = reference.obstacleToPlaces {
      throw .georeference(
        reason: "its coordinate reference system \(shown(layout.crs)) \(obstacle)",
        remedy: "Assign the right one with gdal_edit.py -a_srs EPSG:CODE.")
    }
    if let obstacle = reference.obstacleToMetres {
      throw .georeference(
        reason: "its coordinate reference system \(shown(layout.crs)) \(obstacle)",
        remedy: reprojection(of: layout))
    }
    try checkNumbers(layout)
    let ring = try geographic(outline(of: layout), of: layout)
    for (start, end) in zip(ring, ring.dropFirst()) where abs(start.x - end.x) > 180 {
      throw .georeference(
        reason: "it crosses the antimeridian or holds a pole",
        remedy: "Cut it at longitude 180 with gdal_translate -projwin, and give each part.")
    }
    try checkScale(layout)
    return ring.map { Coordinate(longitude: $0.x, latitude: $0.y) }
  }

  /// Positions and pixels that whole micrometres can hold, with room to spare.
  private static func checkNumbers(_ layout: RasterLayout) throws(RasterError) {
    let transform = layout.transform
    guard (1e-3...1e5).contains(transform.pixelSize), abs(transform.originX) <= 1e8,
      abs(transform.originY) <= 1e8
    else {
      throw .georeference(
        reason: "its corner is at \(transform.originX), \(transform.originY) and its pixels are "
          + "\(transform.pixelSize) m wide, which is no place on the Earth",
        remedy: cornerRemedy)
    }
  }

  private static let cornerRemedy =
    "Set the right corners or system with gdal_edit.py -a_ullr or -a_srs."

  /// The outline clockwise from the north-west, each edge in 16 parts, since edges are curves in
  /// longitude and latitude.
  private static func outline(of layout: RasterLayout) -> [ProjectedPoint] {
    let extent = layout.extent
    let corners = [
      (extent.west, extent.north), (extent.east, extent.north), (extent.east, extent.south),
      (extent.west, extent.south), (extent.west, extent.north),
    ]
    var points = [ProjectedPoint(x: extent.west, y: extent.north)]
    for (start, end) in zip(corners, corners.dropFirst()) {
      for part in 1...16 {
        let share = Double(part) / 16
        points.append(
          ProjectedPoint(
            x: start.0 + share * (end.0 - start.0), y: start.1 + share * (end.1 - start.1)))
      }
    }
    return points
  }

  /// Longitude and latitude of points, which must lead back to where they came from.
  private static func geographic(
    _ points: [ProjectedPoint], of layout: RasterLayout
  ) throws(RasterError) -> [ProjectedPoint] {
    do throws(RasterError) {
      let geographic = try CoordinateTransform(from: layout.crs, to: "EPSG:4326").convert(points)
      let back = try CoordinateTransform(from: "EPSG:4326", to: layout.crs).convert(geographic)
      let isTrue = zip(points, back).allSatisfy { point, back in
        hypot(point.x - back.x, point.y - back.y) <= max(1, layout.transform.pixelSize)
      }
      if isTrue { return geographic }
    } catch {
      // What PROJ says of one point is said below of the raster.
    }
    throw .georeference(
      reason: "its corner at \(layout.transform.originX), \(layout.transform.originY) or another "
        + "point lies outside \(shown(layout.crs))", remedy: cornerRemedy)
  }

  /// The largest share by which a metre of the system may differ from one on the ground: national
  /// and continental systems stay within it, systems for pictures of the world do not.
  private static let largestScaleError = 0.05

  private static func checkScale(_ layout: RasterLayout) throws(RasterError) {
    let stepMetres = 10.0
    let middle = middle(of: layout)
    let steps = [
      middle, ProjectedPoint(x: middle.x + stepMetres, y: middle.y),
      ProjectedPoint(x: middle.x, y: middle.y + stepMetres),
    ]
    let places = try geographic(steps, of: layout)
    for place in places.dropFirst() {
      let scale = distanceMetres(places[0], place) / stepMetres
      guard abs(scale - 1) <= largestScaleError else {
        throw .georeference(
          reason: "a metre of \(shown(layout.crs)) is \(String(format: "%.2f", scale)) m on the "
            + "ground there", remedy: reprojection(of: layout))
      }
    }
  }

  private static func middle(of layout: RasterLayout) -> ProjectedPoint {
    layout.transform.point(column: Double(layout.width) / 2, row: Double(layout.height) / 2)
  }

  /// The length of a short way on WGS 84, by the radii of curvature at its start.
  private static func distanceMetres(_ start: ProjectedPoint, _ end: ProjectedPoint) -> Double {
    let (axisMetres, squaredEccentricity) = (6_378_137.0, 0.006_694_379_990_14)
    let radians = Double.pi / 180
    let sine = sin(start.y * radians)
    let w = (1 - squaredEccentricity * sine * sine).squareRoot()
    let meridianRadius = axisMetres * (1 - squaredEccentricity) / (w * w * w)
    let parallelRadius = axisMetres / w * cos(start.y * radians)
    return hypot(
      (end.y - start.y) * radians * meridianRadius, (end.x - start.x) * radians * parallelRadius)
  }

  /// The command that brings a raster into metres: the UTM zone of its middle, where it has one.
  private static func reprojection(of layout: RasterLayout) -> String {
    var code = "EPSG:CODE (of its UTM zone)"
    // Only a hint: where the middle is no place, the hint stays general.
    if let transform = try? CoordinateTransform(from: layout.crs, to: "EPSG:4326"),
      let place = try? transform.convert([middle(of: layout)]).first, abs(place.x) < 180,
      (-80...84).contains(place.y)
    {
      code = "EPSG:\((place.y < 0 ? 32_700 : 32_600) + Int((place.x + 180) / 6) + 1)"
    }
    return "Reproject it with gdalwarp -t_srs \(code) -tr SIZE SIZE, SIZE in metres."
  }

  /// A code, or the beginning of a long text.
  private static func shown(_ crs: String) -> String {
    crs.count <= 40 ? crs : String(crs.prefix(40)) + "..."
  }
}
