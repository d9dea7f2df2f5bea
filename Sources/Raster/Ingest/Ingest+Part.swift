// SPDX-License-Identifier: Apache-2.0

public import Foundation

extension Ingest {
  /// Cuts a part out of an untrusted GeoTIFF, pixel for pixel; blocks.
  ///
  /// The file is checked as a delivery is before GDAL sees it; what comes of it is still to be taken in
  /// by ``delivery(_:cleanCopy:expected:limits:)``.
  ///
  /// - Parameters:
  ///   - rect: must lie within the raster.
  ///   - target: the file to make; it appears when it is whole.
  /// - Throws: `RasterError`; `mismatch` where the file is smaller than the part.
  public static func part(
    of source: URL, _ rect: PixelRect, to target: URL, limits: IngestLimits = .delivery
  ) throws(RasterError) {
    try TIFFImageCheck.check(path: source.path, limits: limits)
    let dataset = try Dataset(path: source.path, shownAs: "the file")
    guard dataset.layout.bounds.contains(rect) else {
      throw .mismatch(
        what: "its extent", expected: "\(rect)", found: "\(dataset.layout.bounds)")
    }
    try dataset.cut(rect, to: target)
  }
}
