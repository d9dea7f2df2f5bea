// SPDX-License-Identifier: Apache-2.0

import CGDAL

extension PixelReader {
  /// Brings pixels onto another grid with GDAL's warper, at the exact place of each.
  ///
  /// - Parameter transformer: of `GDALCreateGenImgProjTransformer2`, set to the grid.
  func warp<Number: RasterNumber>(
    _ excerpt: Excerpt, _ transformer: UnsafeMutableRawPointer
  ) throws(RasterError) -> RawPixels<Number> {
    let needed = needed(excerpt)
    let (width, height) = (Int32(excerpt.width), Int32(excerpt.height))
    let bandCount = Int32(needed.count)
    let options = warpOptions(excerpt, transformer)
    defer { GDALDestroyWarpOptions(options) }
    var numbers = [Number](zeros: needed.count * excerpt.pixelCount)
    var alpha = [UInt8](zeros: excerpt.pixelCount)
    let (result, messages) = GDAL.listen { () -> CPLErr in
      guard
        let memory = GDALCreate(
          GDALGetDriverByName("MEM"), "", width, height, bandCount + 1, Number.gdalType, nil)
      else { return CE_Failure }
      defer { GDALClose(memory) }
      options.pointee.hSrcDS = handle
      options.pointee.hDstDS = memory
      guard let operation = GDALCreateWarpOperation(options) else { return CE_Failure }
      defer { GDALDestroyWarpOperation(operation) }
      let warped = GDALChunkAndWarpImage(operation, 0, 0, width, height)
      guard warped == CE_None else { return warped }
      let read = numbers.withUnsafeMutableBytes { bytes in
        GDALDatasetRasterIOEx(
          memory, GF_Read, 0, 0, width, height, bytes.baseAddress, width, height, Number.gdalType,
          bandCount, nil, 0, 0, 0, nil)
      }
      guard read == CE_None else { return read }
      return GDALRasterIO(
        GDALGetRasterBand(memory, bandCount + 1), GF_Read, 0, 0, width, height, &alpha, width,
        height, GDT_Byte, 0, 0)
    }
    guard result == CE_None else { throw failure(of: "pixels", at: "on another grid", messages) }
    return RawPixels(numbers: numbers, validity: alpha.map { $0 != 0 })
  }

  /// How much memory the warper may take beside the window that it makes.
  private static let warpMemoryBytes = 64.0 * 1024 * 1024

  private func warpOptions(
    _ excerpt: Excerpt, _ transformer: UnsafeMutableRawPointer
  ) -> UnsafeMutablePointer<GDALWarpOptions> {
    let needed = needed(excerpt)
    guard let options = GDALCreateWarpOptions() else { preconditionFailure("no memory") }
    options.pointee.eResampleAlg = excerpt.resampling.ofWarp
    options.pointee.dfWarpMemoryLimit = Self.warpMemoryBytes
    options.pointee.pTransformerArg = transformer
    // Exact, and not between points that are: so a pixel is the same in whichever window.
    options.pointee.pfnTransformer = GDALGenImgProjTransform
    options.pointee.nBandCount = Int32(needed.count)
    options.pointee.panSrcBands = Self.list(needed.map { Int32(bandNumbers[$0 - 1]) })
    options.pointee.panDstBands = Self.list(Array(1...Int32(needed.count)))
    options.pointee.nDstAlphaBand = Int32(needed.count) + 1
    if case .alpha(let band) = validitySource { options.pointee.nSrcAlphaBand = Int32(band) }
    func set(_ key: String, _ value: String) {
      options.pointee.papszWarpOptions = CSLSetNameValue(
        options.pointee.papszWarpOptions, key, value)
    }
    set("INIT_DEST", "0")
    let rule = NoDataRule(bands)
    if case .noData = validitySource, rule.numbers.contains(where: { $0 != nil }) {
      // A number that no pixel has, for bands without one.
      options.pointee.padfSrcNoDataReal = Self.list(rule.numbers.map { $0 ?? -1.1e20 })
      // Empty is where all bands are, or where any is.
      set("UNIFIED_SRC_NODATA", rule.isFloatingPoint ? "PARTIAL" : "YES")
    }
    return options
  }

  /// A list in memory that GDAL frees.
  private static func list<Number: BitwiseCopyable>(
    _ numbers: [Number]
  ) -> UnsafeMutablePointer<Number>? {
    let byteCount = numbers.count * MemoryLayout<Number>.stride
    let list = CPLMalloc(byteCount).bindMemory(to: Number.self, capacity: numbers.count)
    list.initialize(from: numbers, count: numbers.count)
    return list
  }
}
