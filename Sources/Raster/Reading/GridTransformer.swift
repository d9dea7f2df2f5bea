// SPDX-License-Identifier: Apache-2.0

import Acquisition
import CGDAL

/// Leads from the pixels of a grid to those of a raster, through both coordinate reference systems.
///
/// Only the raster's geotransform says where it lies: tie points, rational polynomials and arrays of
/// positions that a file may hold, or name in other files, are not looked at.
struct GridTransformer: ~Copyable {
  private let handle: UnsafeMutableRawPointer

  /// A transformer from a raster to a system.
  ///
  /// - Parameter crs: the grid's, `EPSG:n` or WKT; nil for the raster's own.
  /// - Throws: `RasterError.referenceSystem`.
  init(from dataset: borrowing Dataset, to crs: String?) throws(RasterError) {
    let source = try SpatialReference(dataset.layout.crs).wellKnownText
    let target = if let crs { try SpatialReference(crs).wellKnownText } else { source }
    let options = GDAL.StringList([
      "SRC_METHOD=GEOTRANSFORM", "DST_METHOD=GEOTRANSFORM", "SRC_SRS=\(source)",
      "DST_SRS=\(target)",
    ])
    let raster = dataset.reader.handle
    let (handle, messages) = GDAL.listen {
      GDALCreateGenImgProjTransformer2(raster, nil, options.pointer)
    }
    guard let handle else {
      throw .referenceSystem(
        reason: "there is no way from \(dataset.layout.crs.prefix(40)) to "
          + "\((crs ?? "").prefix(40)): \(messages.text(else: "PROJ knows none"))")
    }
    self.handle = handle
  }

  deinit { GDALDestroyGenImgProjTransformer(handle) }

  /// Reads an excerpt of the raster onto a grid of pixels, whichever way that lies.
  func read<Sample: RasterSample>(
    _ dataset: borrowing Dataset, onto grid: GeoTransform, width: Int, height: Int, bands: [Int],
    resampling: Resampling
  ) throws(RasterError) -> Window<Sample> {
    GDALSetGenImgProjTransformerDstGeoTransform(handle, grid.coefficients)
    return try dataset.reader.decode(
      Excerpt(
        .grid(transformer: handle), width: width, height: height, bands: bands,
        resampling: resampling))
  }
}

extension GeoTransform {
  /// North up: `width` by `height` pixels that cover exactly a rectangle.
  init(_ rectangle: ProjectedRectangle, width: Int, height: Int) {
    self.init(
      originX: rectangle.west, originY: rectangle.north,
      pixelWidth: (rectangle.east - rectangle.west) / Double(width),
      pixelHeight: (rectangle.north - rectangle.south) / Double(height))
  }
}
