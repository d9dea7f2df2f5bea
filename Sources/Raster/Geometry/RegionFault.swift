// SPDX-License-Identifier: Apache-2.0

import Acquisition

/// Finds which rings or polygons of a region are at fault, once GEOS has found it to be no area.
///
/// GEOS names a place, and a ring at fault passes near it; so only the few rings around it are
/// compared with each other.
struct RegionFault {
  /// The most rings or polygons that are compared pair by pair.
  private static let mostSuspects = 64

  let region: Region

  /// The refusal of the region for which GEOS has a complaint.
  func refusal(of whole: PlaneGeometry.Complaint) -> RegionError {
    for polygon in region.polygons.indices {
      if let complaint = PlaneGeometry([region.polygons[polygon]]).complaint {
        return refusal(ofPolygon: polygon, complaint)
      }
    }
    return refusal(ofPolygonsTogether: whole)
  }

  // MARK: One polygon

  private func refusal(
    ofPolygon polygon: Int, _ complaint: PlaneGeometry.Complaint
  ) -> RegionError {
    let rings = region.polygons[polygon]
    for ring in rings.indices {
      guard let complaint = PlaneGeometry([[rings[ring]]]).complaint else { continue }
      let place = RegionPlace(polygon: polygon, ring: ring)
      let verb = complaint.text.hasPrefix("Ring Self") ? "touches" : "crosses"
      return invalid(
        place, "\(region.notation.words(place)) \(verb) itself\(Self.near(complaint.place))",
        "Move its positions, or repair the file with ogr2ogr -makevalid.")
    }
    let holes = rings.indices.dropFirst().filter { Self.isNear(rings[$0], complaint.place) }
    let suspects = holes.prefix(Self.mostSuspects)
    let words = { (ring: Int) in
      region.notation.words(RegionPlace(polygon: polygon, ring: ring))
    }
    for hole in suspects {
      if let fault = Self.fault(ofHole: rings[hole], in: rings[0], complaint.place) {
        return invalid(
          RegionPlace(polygon: polygon, ring: hole),
          "\(words(hole)) \(fault.verb) ring 0"
            + fault.place, "A hole lies inside of its outline, and meets it in one point at most.")
      }
    }
    for (index, hole) in suspects.enumerated() {
      for other in suspects.prefix(index) {
        if let fault = Self.fault(ofHole: rings[hole], beside: rings[other], complaint.place) {
          return invalid(
            RegionPlace(polygon: polygon, ring: hole),
            "\(words(hole)) \(fault.verb) ring \(other)" + fault.place,
            "Make one hole of the two, or move them apart.")
        }
      }
    }
    return invalid(
      RegionPlace(polygon: polygon),
      "\(region.notation.words(RegionPlace(polygon: polygon))) is no single area: "
        + "\(complaint.text.lowercased())\(Self.near(complaint.place))",
      "Rings meet each other in single points only, and never cut the area in two.")
  }

  /// What two rings do to each other, as the middle and the end of a sentence.
  private typealias Fault = (verb: String, place: String)

  private static func fault(
    ofHole hole: [Coordinate], in outline: [Coordinate], _ place: Coordinate?
  ) -> Fault? {
    let inner = PlaneGeometry([[hole]])
    let outer = PlaneGeometry([[outline]])
    if inner.isSame(as: outer) { return ("is the same as", "") }
    if inner.isInside(outer) {
      let runsAlong = PlaneGeometry(line: hole).runsAlong(PlaneGeometry(line: outline))
      return runsAlong ? ("runs along", near(place)) : nil
    }
    if !inner.meets(outer) || inner.onlyTouches(outer) { return ("lies outside", near(place)) }
    return outer.isInside(inner) ? ("lies around", "") : ("crosses", near(place))
  }

  private static func fault(
    ofHole hole: [Coordinate], beside other: [Coordinate], _ place: Coordinate?
  ) -> Fault? {
    let first = PlaneGeometry([[hole]])
    let second = PlaneGeometry([[other]])
    if !first.meets(second) { return nil }
    if first.onlyTouches(second) {
      let runsAlong = PlaneGeometry(line: hole).runsAlong(PlaneGeometry(line: other))
      return runsAlong ? ("runs along", near(place)) : nil
    }
    if first.isSame(as: second) { return ("is the same as", "") }
    if first.isInside(second) { return ("lies inside", near(place)) }
    return second.isInside(first) ? ("lies around", "") : ("crosses", near(place))
  }

  // MARK: Several polygons

  private func refusal(ofPolygonsTogether complaint: PlaneGeometry.Complaint) -> RegionError {
    let polygons = region.polygons
    let suspects = polygons.indices.filter { Self.isNear(polygons[$0][0], complaint.place) }
      .prefix(Self.mostSuspects)
    for (index, second) in suspects.enumerated() {
      for first in suspects.prefix(index) {
        if let what = Self.fault(polygons[first], polygons[second]) {
          return invalid(
            RegionPlace(polygon: second),
            "polygons \(first) and \(second) \(what)\(Self.near(complaint.place))",
            "Make one polygon of the two, or move them apart.")
        }
      }
    }
    return .invalid(
      at: region.notation.coordinates,
      what: "the polygons do not fit together: "
        + "\(complaint.text.lowercased())\(Self.near(complaint.place))",
      remedy: "Polygons meet each other in single points only.")
  }

  private static func fault(_ first: [[Coordinate]], _ second: [[Coordinate]]) -> String? {
    let one = PlaneGeometry([first])
    let other = PlaneGeometry([second])
    if !one.meets(other) { return nil }
    if one.isSame(as: other) { return "are the same" }
    guard one.onlyTouches(other) else { return "overlap" }
    let runsAlong = first.contains { ring in
      let line = PlaneGeometry(line: ring)
      return second.contains { line.runsAlong(PlaneGeometry(line: $0)) }
    }
    return runsAlong ? "share an edge" : nil
  }

  // MARK: Places

  private func invalid(_ place: RegionPlace, _ what: String, _ remedy: String) -> RegionError {
    .invalid(at: region.notation.pointer(place), what: what, remedy: remedy)
  }

  /// Whether a ring's box holds the place.
  private static func isNear(_ ring: [Coordinate], _ place: Coordinate?) -> Bool {
    guard let place else { return true }
    let (longitudes, latitudes) = (ring.map(\.longitude), ring.map(\.latitude))
    func holds(_ values: [Double], _ value: Double) -> Bool {
      guard let least = values.min(), let most = values.max() else { return false }
      // The place may be a crossing that was rounded.
      return value >= least - 1e-9 && value <= most + 1e-9
    }
    return holds(longitudes, place.longitude) && holds(latitudes, place.latitude)
  }

  /// ` near (9.05, 47.05)`, to the centimetre; nothing where the place is not known.
  private static func near(_ place: Coordinate?) -> String {
    guard let place else { return "" }
    func text(_ value: Double) -> String {
      let rounded = (value * 1e7).rounded() / 1e7
      return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }
    return " near (\(text(place.longitude)), \(text(place.latitude)))"
  }
}
