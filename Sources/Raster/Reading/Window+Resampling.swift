// SPDX-License-Identifier: Apache-2.0

import CGDAL

extension Window where Sample == UInt8 {
  /// The largest square in the middle, brought to `side` by `side` pixels: the mean of the area
  /// under each pixel where it shrinks, bilinear where it grows.
  ///
  /// Where a margin is an odd number of pixels, the square lies nearer to the north-west.
  ///
  /// - Throws: `RasterError.decodeFailed` where GDAL has no memory for it.
  public func centreSquare(side: Int) throws(RasterError) -> Window<UInt8> {
    let crop = min(height, width)
    let (top, left) = ((height - crop) / 2, (width - crop) / 2)
    if crop == side, height == width { return self }
    var source = samples
    var result = [UInt8](repeating: 0, count: bandCount * side * side)
    let (code, messages) = GDAL.listen { () -> CPLErr in
      guard
        let memory = GDALCreate(
          GDALGetDriverByName("MEM"), "", Int32(width), Int32(height), Int32(bandCount), GDT_Byte,
          nil)
      else { return CE_Failure }
      defer { GDALClose(memory) }
      let written = GDALDatasetRasterIOEx(
        memory, GF_Write, 0, 0, Int32(width), Int32(height), &source, Int32(width), Int32(height),
        GDT_Byte, Int32(bandCount), nil, 0, 0, 0, nil)
      guard written == CE_None else { return written }
      var extra = GDALRasterIOExtraArg()
      extra.nVersion = RASTERIO_EXTRA_ARG_CURRENT_VERSION
      extra.eResampleAlg = side < crop ? GRIORA_Average : GRIORA_Bilinear
      return GDALDatasetRasterIOEx(
        memory, GF_Read, Int32(left), Int32(top), Int32(crop), Int32(crop), &result, Int32(side),
        Int32(side), GDT_Byte, Int32(bandCount), nil, 0, 0, 0, &extra)
    }
    guard code == CE_None, !messages.hasFailure else {
      throw .decodeFailed(reason: "could not resize it: \(messages.text())")
    }
    return Window(bandCount: bandCount, height: side, width: side, samples: result)
  }
}
