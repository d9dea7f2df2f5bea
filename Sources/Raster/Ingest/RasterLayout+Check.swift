// SPDX-License-Identifier: Apache-2.0

extension RasterLayout {
  /// Checks that a delivery has the layout that was ordered.
  ///
  /// - Throws: `RasterError.mismatch`, naming the first thing that differs.
  func check(against expected: RasterLayout) throws(RasterError) {
    func same(_ what: String, _ found: String, _ expected: String) throws(RasterError) {
      guard found == expected else {
        throw .mismatch(what: what, expected: expected, found: found)
      }
    }
    try same("size", "\(width) x \(height)", "\(expected.width) x \(expected.height)")
    try same("number of bands", "\(bandCount)", "\(expected.bandCount)")
    try same("pixel type", pixelType.rawValue, expected.pixelType.rawValue)
    if crs != expected.crs {
      guard try SpatialReference(crs).isSame(as: SpatialReference(expected.crs)) else {
        throw .mismatch(what: "coordinate reference system", expected: expected.crs, found: crs)
      }
    }
    guard transform.agrees(with: expected.transform, extent: max(width, height)) else {
      throw .mismatch(
        what: "place", expected: expected.transform.words, found: transform.words)
    }
  }
}

extension GeoTransform {
  /// The corner and the pixel size in words.
  fileprivate var words: String {
    let pixels =
      isNorthUp && isSquare
      ? "pixels of \(pixelSize) m"
      : "steps of \(columnX), \(columnY) a column and \(rowX), \(rowY) a row"
    return "at \(originX), \(originY) with \(pixels)"
  }
}
