// SPDX-License-Identifier: Apache-2.0

import CGDAL
import Foundation

/// What a coordinate reference system is once it was written into a GeoTIFF and read again.
///
/// GeoTIFF's keys cannot say every system: one of a file that contradicts itself may come back as
/// another, and one from elsewhere with other names for the same. What the clean copy will have is
/// known before it is made.
enum KeptReference {
  /// The definition that a copy of a GeoTIFF in a system has, and a copy of that one, and so on.
  ///
  /// - Throws: `RasterError.georeference` where there is none, or it is another system.
  static func definition(of crs: String) throws(RasterError) -> String {
    // Names may settle at the second time.
    let first = try copied(crs)
    if first == crs { return crs }
    let same = try SpatialReference(first).isSame(as: SpatialReference(crs))
    guard same, try copied(first) == first else {
      throw .georeference(
        reason: "its coordinate reference system cannot be kept: written into another GeoTIFF, it "
          + "is read as another one", remedy: GeoPlace.assignment)
    }
    return first
  }

  private static func copied(_ crs: String) throws(RasterError) -> String {
    let path = "/vsimem/fovea-kept-\(UUID().uuidString).tif"
    defer { VSIUnlink(path) }
    let reference = try SpatialReference(crs)
    let (isWritten, messages) = GDAL.listen { () -> Bool in
      guard let handle = GDALCreate(GDALGetDriverByName("GTiff"), path, 1, 1, 1, GDT_Byte, nil)
      else { return false }
      var coefficients: [Double] = [0, 1, 0, 0, 0, -1]
      GDALSetGeoTransform(handle, &coefficients)
      let result = GDALSetSpatialRef(handle, reference.handle)
      GDALClose(handle)
      return result == CE_None
    }
    let (handle, _) = GDAL.open(path, drivers: ["GTiff"], options: ["GEOREF_SOURCES=INTERNAL"])
    defer { if let handle { _ = GDAL.listen { GDALClose(handle) } } }
    guard isWritten, let handle, let kept = SpatialReference(of: handle) else {
      throw .georeference(
        reason: "its coordinate reference system cannot be written: \(messages.text())",
        remedy: GeoPlace.assignment)
    }
    return kept.definition
  }
}
