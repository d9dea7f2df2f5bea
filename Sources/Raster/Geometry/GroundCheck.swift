// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation

/// Judges where a raster lies: anywhere on the Earth, in any system that leads to longitude and
/// latitude and back.
struct GroundCheck: Hashable, Sendable {
  /// The outline in longitude and latitude.
  let footprint: Region
  /// The size of a pixel in the middle of the raster.
  let groundSampleDistance: GroundSampleDistance
  /// Whether lengths in the system are metres on the ground, true to a twentieth.
  let usesMetres: Bool

  /// Judges the place of `width` x `height` pixels.
  ///
  /// - Throws: `RasterError.georeference`, with a command that mends it.
  init(_ place: GeoPlace, width: Int, height: Int) throws(RasterError) {
    let layout = RasterLayout(
      width: width, height: height, bandCount: 1, pixelType: .uint8, crs: place.crs,
      transform: place.transform)
    try self.init(layout)
  }

  /// Judges the place of a raster.
  ///
  /// - Throws: `RasterError.georeference`, with a command that mends it.
  init(_ layout: RasterLayout) throws(RasterError) {
    let unit = try Self.unit(of: layout)
    try Self.checkNumbers(layout, unit)
    try Self.checkUp(layout.transform)
    let parts = unit.isAngle && layout.extent.isNarrow ? 1 : 16
    let outline = Self.outline(of: layout, parts: parts)
    let middle = layout.transform.point(
      column: Double(layout.width) / 2, row: Double(layout.height) / 2)
    let places = try Self.geographic(
      outline + [middle] + layout.corners, of: layout, isAngle: unit.isAngle)
    do {
      footprint = try Footprint.region(of: Array(places.prefix(outline.count)))
    } catch {
      throw Self.refusal(error)
    }
    groundSampleDistance = try Self.pixelSize(of: layout)
    usesMetres =
      unit == .metres(1) && Self.isTrue([middle] + layout.corners, in: layout.crs)
  }

  /// The reference system's unit.
  private enum Unit: Equatable {
    /// So many degrees.
    case degrees(Double)
    /// So many metres.
    case metres(Double)

    var isAngle: Bool { if case .degrees = self { true } else { false } }
  }

  private static func unit(
    of layout: RasterLayout
  ) throws(RasterError) -> Unit {
    let reference = try known(layout.crs)
    if let obstacle = reference.obstacleToPlaces {
      throw .georeference(
        reason: "its coordinate reference system \(shown(layout.crs)) \(obstacle)",
        remedy: assignment)
    }
    return reference.degreesOfUnit.map(Unit.degrees) ?? .metres(reference.metresOfUnit)
  }

  private static func known(_ crs: String) throws(RasterError) -> SpatialReference {
    do throws(RasterError) {
      return try SpatialReference(crs)
    } catch {
      throw .georeference(
        reason: "its coordinate reference system \(shown(crs)) is not known", remedy: assignment)
    }
  }

  private static let assignment = "Assign the right one with gdal_edit.py -a_srs EPSG:CODE."
  private static let cornerRemedy =
    "Set the right corners or system with gdal_edit.py -a_ullr or -a_srs."

  // MARK: Numbers

  /// Positions and pixels that can be on the Earth.
  private static func checkNumbers(_ layout: RasterLayout, _ unit: Unit) throws(RasterError) {
    let transform = layout.transform
    let (sizes, farthest): (ClosedRange<Double>, Double) =
      switch unit {
      case .degrees(let degrees): (1e-9 / degrees...90 / degrees, 720 / degrees)
      case .metres(let metres): (1e-3 / metres...1e6 / metres, 1e8 / metres)
      }
    let corners = layout.corners
    guard transform.coefficients.allSatisfy(\.isFinite), sizes.contains(transform.pixelWidth),
      sizes.contains(transform.pixelHeight),
      // As thin as a needle is no pixel.
      abs(transform.determinant) >= 1e-3 * transform.pixelWidth * transform.pixelHeight,
      corners.allSatisfy({ abs($0.x) <= farthest && abs($0.y) <= farthest })
    else {
      throw .georeference(
        reason: "its corner is at \(transform.originX), \(transform.originY) and its pixels are "
          + "\(transform.pixelWidth) x \(transform.pixelHeight) \(unit.isAngle ? "degrees" : "units")"
          + " wide and high, which is no place on the Earth", remedy: cornerRemedy)
    }
    guard case .degrees(let degrees) = unit,
      let worst = corners.map({ $0.y * degrees }).max(by: { abs($0) < abs($1) }),
      abs(worst) > 90 + 1e-6
    else { return }
    throw .georeference(
      reason: "it reaches latitude \(worst), and there is none over 90", remedy: cornerRemedy)
  }

  /// Pictures that are seen from below are refused: somewhere a sign is wrong.
  private static func checkUp(_ transform: GeoTransform) throws(RasterError) {
    guard transform.determinant > 0 else { return }
    throw .georeference(
      reason: transform.columnY == 0 && transform.rowX == 0
        ? "south is up: a pixel is \(transform.columnX) x \(-transform.rowY)"
        : "it is mirrored: its rows do not go down as seen with columns to the right",
      remedy: "Turn it north up with gdalwarp IN OUT.")
  }

  // MARK: Places

  /// The outline from the first pixel's corner down the first column, each edge in `parts`, since
  /// edges are curves in longitude and latitude.
  private static func outline(of layout: RasterLayout, parts: Int) -> [ProjectedPoint] {
    let (width, height) = (Double(layout.width), Double(layout.height))
    let corners = [(0, 0), (0, height), (width, height), (width, 0), (0, 0)]
    var points = [layout.transform.point(column: 0, row: 0)]
    for (start, end) in zip(corners, corners.dropFirst()) {
      for part in 1...parts {
        let share = Double(part) / Double(parts)
        points.append(
          layout.transform.point(
            column: start.0 + share * (end.0 - start.0), row: start.1 + share * (end.1 - start.1)))
      }
    }
    return points
  }

  /// Longitude and latitude of points, which must lead back to where they came from.
  private static func geographic(
    _ points: [ProjectedPoint], of layout: RasterLayout, isAngle: Bool
  ) throws(RasterError) -> [ProjectedPoint] {
    do throws(RasterError) {
      let geographic = try CoordinateTransform(from: layout.crs, to: "EPSG:4326").convert(points)
      // Degrees are places already, only that the way back may count longitudes otherwise.
      if isAngle { return geographic }
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

  private static func refusal(_ obstacle: Footprint.Obstacle) -> RasterError {
    switch obstacle {
    case .pole:
      .georeference(
        reason: "it holds a pole, around which no outline in longitude and latitude goes",
        remedy: "Cut it beside the pole with gdal_translate -projwin, and give each part.")
    case .tooWide:
      .georeference(
        reason: "it goes more than once around the Earth",
        remedy: "Cut it to 360 degrees with gdal_translate -projwin.")
    }
  }

  // MARK: Lengths

  /// The geodesic ways of half a pixel to either side of the middle.
  private static func pixelSize(of layout: RasterLayout) throws(RasterError) -> GroundSampleDistance
  {
    let (column, row) = (Double(layout.width) / 2, Double(layout.height) / 2)
    let ends = [
      (column - 0.5, row), (column + 0.5, row), (column, row - 0.5), (column, row + 0.5),
    ].map { layout.transform.point(column: $0.0, row: $0.1) }
    let places = try CoordinateTransform(from: layout.crs, to: "EPSG:4326").convert(ends)
    return GroundSampleDistance(
      x: GeodesicDistance.metres(places[0], places[1]),
      y: GeodesicDistance.metres(places[2], places[3]))
  }

  /// The largest share by which a metre of the system may differ from one on the ground: national
  /// and continental systems stay within it, systems for pictures of the world do not.
  private static let largestScaleError = 0.05

  private static func isTrue(_ points: [ProjectedPoint], in crs: String) -> Bool {
    let stepMetres = 10.0
    let steps = points.flatMap { point in
      [
        point, ProjectedPoint(x: point.x + stepMetres, y: point.y),
        ProjectedPoint(x: point.x, y: point.y + stepMetres),
      ]
    }
    // A point without a place has no scale.
    guard let transform = try? CoordinateTransform(from: crs, to: "EPSG:4326"),
      let places = try? transform.convert(steps)
    else { return false }
    return stride(from: 0, to: places.count, by: 3).allSatisfy { start in
      [1, 2].allSatisfy { step in
        let scale = GeodesicDistance.metres(places[start], places[start + step]) / stepMetres
        return abs(scale - 1) <= largestScaleError
      }
    }
  }

  /// A code, or the beginning of a long text.
  private static func shown(_ crs: String) -> String {
    crs.count <= 40 ? crs : String(crs.prefix(40)) + "..."
  }
}

extension ProjectedRectangle {
  /// Whether edges in degrees are short enough to need no points between their ends.
  fileprivate var isNarrow: Bool { east - west < 90 }
}
