// SPDX-License-Identifier: Apache-2.0

import CGDAL

/// Bytes from outside as an open raster; only ever in a process that is confined.
struct DecodedSource: ~Copyable {
  static let path = "/vsimem/in.tif"

  let facts: (pixelType: PixelType, bandCount: Int, fileBandCount: Int)
  private let reader: PixelReader

  /// Opens a TIFF in memory, under a name of ours, with the GTiff driver alone.
  ///
  /// - Parameter bytes: must stay where they are for as long as this value lives.
  init(
    _ bytes: UnsafeMutableRawBufferPointer, expecting expectation: DecodeExpectation
  ) throws(RasterError) {
    let memory = bytes.assumingMemoryBound(to: GByte.self).baseAddress
    VSIFCloseL(VSIFileFromMemBuffer(Self.path, memory, UInt64(bytes.count), 0))
    // The place is judged from the file's tags, and not here.
    let reader = try Self.open()
    guard reader.width == expectation.width, reader.height == expectation.height else {
      throw .decodeMismatch(
        reason: "its header is for \(expectation.width) x \(expectation.height) pixels, and GDAL "
          + "finds \(reader.width) x \(reader.height)")
    }
    self.facts = (
      reader.pixelType, reader.bands.count, Int(GDALGetRasterCount(reader.handle))
    )
    self.reader = reader
  }

  private static func open() throws(RasterError) -> PixelReader {
    do throws(RasterError) {
      return try PixelReader(path: path, shownAs: "the file")
    } catch {
      guard case .cannotRead(_, let reason) = error else { throw error }
      throw .malformed(reason: "GDAL cannot open it: \(reason)")
    }
  }

  /// Reads a part of the raster at its own resolution.
  func read<Sample: RasterSample>(_ rect: PixelRect) throws(RasterError) -> Window<Sample> {
    try reader.read(rect)
  }

  /// What the file says of one of its bands, counted from 1.
  func band(_ number: Int, wantsChecksum: Bool) throws(RasterError) -> DecodedFacts.Band {
    guard let band = GDALGetRasterBand(reader.handle, Int32(number)) else {
      throw .malformed(reason: "GDAL finds no band \(number)")
    }
    var checksum: Int?
    if wantsChecksum {
      let (sum, messages) = GDAL.listen {
        GDALChecksumImage(band, 0, 0, Int32(reader.width), Int32(reader.height))
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
