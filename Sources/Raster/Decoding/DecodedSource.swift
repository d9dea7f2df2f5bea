// SPDX-License-Identifier: Apache-2.0

import CGDAL

/// Bytes from outside as an open raster; only ever in a process that is confined.
struct DecodedSource: ~Copyable {
  static let path = "/vsimem/in.tif"

  let facts: (pixelType: PixelType, bandCount: Int, fileBandCount: Int)
  private let dataset: Dataset

  /// Opens a TIFF in memory, under a name of ours, with the GTiff driver alone.
  ///
  /// - Parameter bytes: must stay where they are for as long as this value lives.
  init(
    _ bytes: UnsafeMutableRawBufferPointer, expecting expectation: DecodeExpectation
  ) throws(RasterError) {
    let memory = bytes.assumingMemoryBound(to: GByte.self).baseAddress
    VSIFCloseL(VSIFileFromMemBuffer(Self.path, memory, UInt64(bytes.count), 0))
    let (handle, messages) = GDAL.open(Self.path, drivers: ["GTiff"])
    guard let handle else {
      throw .malformed(
        reason: "GDAL cannot open it: \(messages.text(about: Self.path, as: "the file"))")
    }
    defer { _ = GDAL.listen { GDALClose(handle) } }
    let (bandCount, pixelType) = try RasterLayout.samples(of: handle)
    // The place is judged from the file's tags, and not here.
    let layout = RasterLayout(
      width: Int(GDALGetRasterXSize(handle)), height: Int(GDALGetRasterYSize(handle)),
      bandCount: bandCount, pixelType: pixelType, crs: "",
      transform: GeoTransform(originX: 0, originY: 0, pixelSize: 1))
    guard layout.width == expectation.width, layout.height == expectation.height else {
      throw .decodeMismatch(
        reason: "its header is for \(expectation.width) x \(expectation.height) pixels, and GDAL "
          + "finds \(layout.width) x \(layout.height)")
    }
    let fileBandCount = Int(GDALGetRasterCount(handle))
    let dataset = try Dataset(path: Self.path, shownAs: "the file", layout: layout)
    self.facts = (pixelType, bandCount, fileBandCount)
    self.dataset = dataset
  }

  /// Reads a part of the raster at its own resolution.
  func read<Sample: RasterSample>(_ rect: PixelRect) throws(RasterError) -> Window<Sample> {
    try dataset.read(rect)
  }

  /// What the file says of one of its bands, counted from 1.
  func band(_ number: Int, wantsChecksum: Bool) throws(RasterError) -> DecodedFacts.Band {
    guard let band = GDALGetRasterBand(dataset.handle, Int32(number)) else {
      throw .malformed(reason: "GDAL finds no band \(number)")
    }
    let layout = dataset.layout
    var checksum: Int?
    if wantsChecksum {
      let (sum, messages) = GDAL.listen {
        GDALChecksumImage(band, 0, 0, Int32(layout.width), Int32(layout.height))
      }
      guard !messages.hasFailure else {
        throw .decodeFailed(reason: "could not decode band \(number): \(messages.text())")
      }
      checksum = Int(sum)
    }
    let isSigned =
      GDALGetMetadataItem(band, "PIXELTYPE", "IMAGE_STRUCTURE")
      .map { String(cString: $0) } == "SIGNEDBYTE"
    let type = GDALGetDataTypeName(GDALGetRasterDataType(band)).map { String(cString: $0) }
    let colour = GDALGetColorInterpretationName(GDALGetRasterColorInterpretation(band))
    func optional(_ ask: (GDALRasterBandH, UnsafeMutablePointer<Int32>) -> Double) -> Double? {
      var isPresent: Int32 = 0
      let value = ask(band, &isPresent)
      return isPresent != 0 ? value : nil
    }
    return DecodedFacts.Band(
      type: isSigned ? "Int8" : type ?? "Unknown",
      noData: optional { GDALGetRasterNoDataValue($0, $1) },
      scale: optional { GDALGetRasterScale($0, $1) } ?? 1,
      offset: optional { GDALGetRasterOffset($0, $1) } ?? 0,
      colour: colour.map { String(cString: $0) } ?? "Undefined", checksum: checksum)
  }
}
