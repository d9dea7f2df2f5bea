// SPDX-License-Identifier: Apache-2.0

/// A part of a region: a polygon, one of its rings, or one position of a ring, each from 0.
package struct RegionPlace: Hashable, Sendable {
  package let polygon: Int
  package let ring: Int?
  package let position: Int?

  package init(polygon: Int, ring: Int? = nil, position: Int? = nil) {
    self.polygon = polygon
    self.ring = ring
    self.position = position
  }
}

/// How the document that a region was read from names the region's parts: as a JSON pointer for
/// programs, and in words for people.
package struct RegionNotation: Sendable {
  /// The JSON pointer of the geometry's `coordinates`.
  package let coordinates: String
  /// Whether the geometry is a Polygon, whose coordinates are its rings.
  let isPolygon: Bool

  /// A MultiPolygon that is the whole document, which is how we write regions ourselves.
  static let multiPolygon = RegionNotation(coordinates: "/coordinates", isPolygon: false)

  /// The part as a JSON pointer, such as `/coordinates/0/1` for position 1 of ring 0 of a Polygon.
  package func pointer(_ place: RegionPlace) -> String {
    indices(place).reduce(coordinates) { "\($0)/\($1.index)" }
  }

  /// The part in words, such as `ring 0, position 1`.
  package func words(_ place: RegionPlace) -> String {
    let words = indices(place).map { "\($0.name) \($0.index)" }
    return words.isEmpty ? "the polygon" : words.joined(separator: ", ")
  }

  private func indices(_ place: RegionPlace) -> [(name: String, index: Int)] {
    let all = [
      ("polygon", isPolygon ? nil : place.polygon), ("ring", place.ring),
      ("position", place.position),
    ]
    return all.compactMap { name, index in index.map { (name, $0) } }
  }

  /// Where a value stands that is no JSON, in words; nil for the document as a whole.
  ///
  /// Its document has not been read to the end, so the depth tells a Polygon from a MultiPolygon.
  static func words(ofUnreadable pointer: String) -> String? {
    guard !pointer.isEmpty else { return nil }
    let steps = pointer.split(separator: "/")
    if let start = steps.lastIndex(of: "coordinates") {
      let indices = steps[(start + 1)...].compactMap { Int($0) }
      if indices.count == 3 { return "ring \(indices[0]), position \(indices[1])" }
      if indices.count == 4 {
        return "polygon \(indices[0]), ring \(indices[1]), position \(indices[2])"
      }
    }
    return pointer.count > 40 ? pointer.prefix(40).printable + "..." : pointer.printable
  }
}
