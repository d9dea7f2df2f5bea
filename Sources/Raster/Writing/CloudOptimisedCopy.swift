// SPDX-License-Identifier: Apache-2.0

import CGDAL
import Foundation

/// A Cloud-Optimised GeoTIFF made of a tiled one, block by block, through GDAL's COG driver.
struct CloudOptimisedCopy {
  private let source: URL
  private let isMeasured: Bool

  /// Prepares a copy of a file of ours.
  ///
  /// - Parameter isMeasured: whether values are amounts, whose mean an overview may show; a map of
  ///   classes shows the most frequent one instead.
  init(of source: URL, isMeasured: Bool) {
    self.source = source
    self.isMeasured = isMeasured
  }

  /// Writes the copy; temporary overviews lie beside it meanwhile.
  ///
  /// - Parameter url: what messages call the file.
  func write(_ copy: URL, for url: URL) throws(RasterError) {
    let (handle, opening) = GDAL.open(
      source.path, drivers: ["GTiff"], options: ["GEOREF_SOURCES=INTERNAL"])
    guard let handle else { throw .cannotWrite(path: url.path, reason: opening.text()) }
    defer { _ = GDAL.listen { GDALClose(handle) } }
    let options = GDAL.StringList([
      "COMPRESS=DEFLATE", "LEVEL=6", "PREDICTOR=\(isMeasured ? "YES" : "NO")", "BLOCKSIZE=256",
      "OVERVIEW_RESAMPLING=\(isMeasured ? "AVERAGE" : "MODE")", "BIGTIFF=IF_SAFER",
      // Tiles without a pixel take no space: most of a mosaic was never bought.
      "SPARSE_OK=TRUE",
    ])
    let messages = GDAL.listen {
      let target = GDALCreateCopy(
        GDALGetDriverByName("COG"), copy.path, handle, 0, options.pointer, nil, nil)
      // Closing writes the rest; without a target the driver has said why.
      if let target { GDALClose(target) }
    }.messages
    guard !messages.hasFailure, FileManager.default.fileExists(atPath: copy.path) else {
      throw .cannotWrite(path: url.path, reason: messages.text())
    }
  }
}
