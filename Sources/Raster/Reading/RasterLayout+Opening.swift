// SPDX-License-Identifier: Apache-2.0

import CGDAL

extension RasterLayout {
  /// The layout of an open raster.
  ///
  /// - Throws: `georeference` where the place is missing.
  init(of reader: borrowing PixelReader) throws(RasterError) {
    let transform = try Self.transform(of: reader.handle)
    guard let reference = SpatialReference(of: reader.handle) else {
      throw .georeference(
        reason: "it names no coordinate reference system",
        remedy: "Assign the right one with gdal_edit.py -a_srs EPSG:CODE.")
    }
    let crs = reference.definition
    guard !crs.isEmpty, crs.utf8.count <= SpatialReference.longestWKT else {
      throw .georeference(
        reason: "its coordinate reference system cannot be written as WKT",
        remedy: "Assign the right one with gdal_edit.py -a_srs EPSG:CODE.")
    }
    self.init(
      width: reader.width, height: reader.height, bandCount: reader.bands.count,
      pixelType: reader.pixelType, crs: crs, transform: transform)
  }

  /// What to do about pixels of another type.
  static let pixelTypeRemedy =
    "Give 8-bit or 16-bit integers or floating-point numbers, such as gdal_translate -ot Float32 makes."

  private static func transform(of handle: GDALDatasetH) throws(RasterError) -> GeoTransform {
    var c = [Double](repeating: 0, count: 6)
    guard GDAL.listen({ GDALGetGeoTransform(handle, &c) }).value == CE_None else {
      let points = GDALGetGCPCount(handle)
      throw .georeference(
        reason: points > 0
          ? "it has tie points (\(points)) and no geotransform" : "it has no geotransform",
        remedy: "Place it on the ground with gdalwarp -t_srs EPSG:CODE.")
    }
    let transform = GeoTransform(coefficients: c)
    guard c.allSatisfy(\.isFinite), transform.determinant.isNormal else {
      throw .georeference(
        reason: "its geotransform \(c.map { "\($0)" }.joined(separator: ", ")) spans no ground",
        remedy: "Set the right corners with gdal_edit.py -a_ullr.")
    }
    return transform
  }
}
