// SPDX-License-Identifier: Apache-2.0

import CGDAL

extension RasterLayout {
  /// The layout of an open raster.
  ///
  /// - Throws: `unsupported` for pixels of another type, `georeference` where the place is missing.
  init(of handle: GDALDatasetH) throws(RasterError) {
    let samples = try Self.samples(of: handle)
    let transform = try Self.transform(of: handle)
    guard let reference = SpatialReference(of: handle) else {
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
      width: Int(GDALGetRasterXSize(handle)), height: Int(GDALGetRasterYSize(handle)),
      bandCount: samples.bandCount, pixelType: samples.pixelType, crs: crs, transform: transform)
  }

  /// Bands without the alpha band, and their one type.
  static func samples(
    of handle: GDALDatasetH
  ) throws(RasterError) -> (bandCount: Int, pixelType: PixelType) {
    let count = GDALGetRasterCount(handle)
    guard count > 0 else {
      throw .unsupported(reason: "it has no bands", remedy: "Give a GeoTIFF with an image.")
    }
    let isAlphaLast =
      GDALGetRasterColorInterpretation(GDALGetRasterBand(handle, count)) == GCI_AlphaBand
    let bandCount = isAlphaLast && count > 1 ? count - 1 : count
    let types = (1...bandCount).map { GDALGetRasterDataType(GDALGetRasterBand(handle, $0)) }
    let isSigned = (1...bandCount).contains { band in
      GDALGetMetadataItem(GDALGetRasterBand(handle, band), "PIXELTYPE", "IMAGE_STRUCTURE")
        .map { String(cString: $0) } == "SIGNEDBYTE"
    }
    // 16-bit integers are read as floating-point numbers, which hold all of them.
    let read = types[0] == GDT_UInt16 ? GDT_Float32 : types[0]
    guard let pixelType = PixelType.allCases.first(where: { $0.gdalType == read }),
      types.allSatisfy({ $0 == types[0] }), !isSigned
    else {
      let names = Set(types.map { String(cString: GDALGetDataTypeName($0)) }).sorted()
      throw .unsupported(
        reason: "its pixels are \(isSigned ? "Int8" : names.joined(separator: " and "))",
        remedy: Self.pixelTypeRemedy)
    }
    return (Int(bandCount), pixelType)
  }

  /// What to do about pixels of another type.
  static let pixelTypeRemedy =
    "Give UInt8, UInt16 or Float32 pixels, such as gdal_translate -ot Float32 or -ot Byte -scale makes."

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
