// SPDX-License-Identifier: Apache-2.0

import CGDAL

extension BandFacts {
  /// What an open raster says of a band, counted from 1.
  init(of handle: GDALDatasetH, band: Int32) {
    let band = GDALGetRasterBand(handle, band)
    var isPresent: Int32 = 0
    let noData = GDALGetRasterNoDataValue(band, &isPresent)
    let hasNoData = isPresent != 0
    // Without a scale or an offset GDAL answers 1 and 0.
    let (scale, offset) = (GDALGetRasterScale(band, nil), GDALGetRasterOffset(band, nil))
    self.init(
      type: Self.typeName(of: band), noData: hasNoData ? noData : nil, scale: scale,
      offset: offset, colour: BandColour(GDALGetRasterColorInterpretation(band)))
  }

  /// GDAL before 3.7 has no signed bytes; it calls them bytes and tells in the metadata.
  private static func typeName(of band: GDALRasterBandH?) -> String {
    let type = GDALGetRasterDataType(band)
    let note = GDALGetMetadataItem(band, "PIXELTYPE", "IMAGE_STRUCTURE")
    if type == GDT_Byte, note.map({ String(cString: $0) }) == "SIGNEDBYTE" { return "Int8" }
    return GDALGetDataTypeName(type).map { String(cString: $0) } ?? "unknown"
  }
}

extension BandColour {
  fileprivate init?(_ interpretation: GDALColorInterp) {
    switch interpretation {
    case GCI_RedBand: self = .red
    case GCI_GreenBand: self = .green
    case GCI_BlueBand: self = .blue
    case GCI_GrayIndex: self = .grey
    case GCI_PaletteIndex: self = .palette
    default: return nil
    }
  }
}
