// SPDX-License-Identifier: Apache-2.0

import Acquisition
import CGDAL

/// Polygons or a line of positions as GEOS sees them: points of a plane.
struct PlaneGeometry: ~Copyable {
  /// What GEOS has against a geometry, and about where.
  struct Complaint {
    /// The words of GEOS, without the place.
    let text: String
    /// The place; nil where GEOS names none.
    let place: Coordinate?
  }

  let handle: OGRGeometryH?

  /// Polygons of rings, together.
  init(_ polygons: [[[Coordinate]]]) {
    handle = OGR_G_CreateGeometry(wkbMultiPolygon)
    for rings in polygons {
      let polygon = OGR_G_CreateGeometry(wkbPolygon)
      for ring in rings { OGR_G_AddGeometryDirectly(polygon, Self.line(ring, wkbLinearRing)) }
      OGR_G_AddGeometryDirectly(handle, polygon)
    }
  }

  /// The line that a ring is.
  init(line ring: [Coordinate]) { handle = Self.line(ring, wkbLineString) }

  /// Takes ownership of a geometry.
  init(owning handle: OGRGeometryH?) { self.handle = handle }

  deinit { OGR_G_DestroyGeometry(handle) }

  private static func line(_ ring: [Coordinate], _ type: OGRwkbGeometryType) -> OGRGeometryH? {
    let line = OGR_G_CreateGeometry(type)
    OGR_G_SetPointCount(line, Int32(ring.count))
    for (index, position) in ring.enumerated() {
      OGR_G_SetPoint_2D(line, Int32(index), position.longitude, position.latitude)
    }
    return line
  }

  /// Why this is no area, or nil where it is one.
  var complaint: Complaint? {
    let handle = handle
    let (isValid, messages) = GDAL.listen { OGR_G_IsValid(handle) != 0 }
    guard !isValid else { return nil }
    // Such as "Self-intersection at or near point 9.05 47.05".
    let parts = messages.text(else: "GEOS gave no reason").split(separator: " at or near point ")
    let numbers = parts.count == 2 ? parts[1].split(separator: " ").compactMap { Double($0) } : []
    return Complaint(
      text: String(parts[0]),
      place: numbers.count == 2 ? Coordinate(longitude: numbers[0], latitude: numbers[1]) : nil)
  }

  /// Whether this has no point outside of the other.
  func isInside(_ other: borrowing PlaneGeometry) -> Bool { asks(other, OGR_G_Within) }

  /// Whether the two cover the same ground.
  func isSame(as other: borrowing PlaneGeometry) -> Bool { asks(other, OGR_G_Equals) }

  /// Whether the two have a point in common.
  func meets(_ other: borrowing PlaneGeometry) -> Bool { asks(other, OGR_G_Intersects) }

  /// Whether the two meet along their borders only.
  func onlyTouches(_ other: borrowing PlaneGeometry) -> Bool { asks(other, OGR_G_Touches) }

  private func asks(
    _ other: borrowing PlaneGeometry, _ question: (OGRGeometryH?, OGRGeometryH?) -> Int32
  ) -> Bool {
    let (handle, otherHandle) = (handle, other.handle)
    return GDAL.listen { question(handle, otherHandle) }.value != 0
  }

  /// Whether two lines share more than single points.
  func runsAlong(_ other: borrowing PlaneGeometry) -> Bool {
    let (handle, otherHandle) = (handle, other.handle)
    let common = PlaneGeometry(
      owning: GDAL.listen { OGR_G_Intersection(handle, otherHandle) }.value)
    return OGR_G_Length(common.handle) > 0
  }
}
