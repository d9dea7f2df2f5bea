// SPDX-License-Identifier: Apache-2.0

import CGDAL

/// How a raster says which of its pixels have values.
enum ValiditySource {
  /// Every pixel has values, but for those that are no number.
  case none
  /// A mask or an alpha band: 0 where there is nothing.
  case mask
  /// A value of each band that stands for nothing; nil for a band without one.
  case noData([Double?])

  /// Finds the source: a mask or an alpha band before nodata values, as GDAL ranks them.
  ///
  /// - Parameter bandCount: bands of measurements, without the alpha band.
  init(of handle: GDALDatasetH, bandCount: Int) {
    let bands = (1...bandCount).map { GDALGetRasterBand(handle, Int32($0)) }
    if GDALGetMaskFlags(bands[0]) & (GMF_PER_DATASET | GMF_ALPHA) != 0 {
      self = .mask
      return
    }
    let values = bands.map { band -> Double? in
      var isPresent: Int32 = 0
      let value = GDALGetRasterNoDataValue(band, &isPresent)
      return isPresent != 0 ? value : nil
    }
    self = values.contains { $0 != nil } ? .noData(values) : .none
  }

  /// Sets which pixels of a window have values, and those that have none to 0.
  ///
  /// With a mask, what it says. With nodata values, an integer pixel is empty where every band
  /// holds its nodata value, since 0 in one band of three is a dark pixel; a floating-point pixel
  /// is empty where any band does. NaN and infinity are never values.
  func judge<Sample: RasterSample>(
    _ window: inout Window<Sample>, of rect: PixelRect, in dataset: borrowing Dataset
  ) throws(RasterError) {
    let pixelCount = window.pixelCount
    switch self {
    case .none: window.validity = [Bool](repeating: true, count: pixelCount)
    case .mask:
      window.validity = try readMask(
        rect, width: window.width, height: window.height, of: dataset)
    case .noData(let values):
      window.validity = Self.differ(from: values, window.samples, dataset.layout.pixelType)
    }
    if let samples = window.samples as? [Float] {
      for band in 0..<window.bandCount {
        for pixel in 0..<pixelCount where !samples[band * pixelCount + pixel].isFinite {
          window.validity[pixel] = false
        }
      }
    }
    for pixel in 0..<pixelCount where !window.validity[pixel] {
      for band in 0..<window.bandCount { window.samples[band * pixelCount + pixel] = .zero }
    }
  }

  private func readMask(
    _ rect: PixelRect, width: Int, height: Int, of dataset: borrowing Dataset
  ) throws(RasterError) -> [Bool] {
    var bytes = [UInt8](repeating: 0, count: width * height)
    let handle = dataset.handle
    try dataset.listen(to: "mask", of: rect) {
      GDALRasterIOEx(
        GDALGetMaskBand(GDALGetRasterBand(handle, 1)), GF_Read, Int32(rect.column),
        Int32(rect.row), Int32(rect.width), Int32(rect.height), &bytes, Int32(width),
        Int32(height), GDT_Byte, 0, 0, nil)
    }
    return bytes.map { $0 != 0 }
  }

  /// Which pixels differ from nodata: in any band for integers, in every band for floating point.
  private static func differ<Sample: RasterSample>(
    from values: [Double?], _ samples: [Sample], _ pixelType: PixelType
  ) -> [Bool] {
    // A nodata value that the type cannot hold, such as -9999 in bytes, empties nothing.
    let empty = values.map { value in value.flatMap { sample(pixelType, $0) as Sample? } }
    let pixelCount = samples.count / values.count
    var validity = [Bool](repeating: pixelType == .float32, count: pixelCount)
    for band in values.indices {
      for pixel in 0..<pixelCount {
        let isValue = empty[band].map { $0 != samples[band * pixelCount + pixel] } ?? true
        switch pixelType {
        case .uint8: validity[pixel] = validity[pixel] || isValue
        case .float32: validity[pixel] = validity[pixel] && isValue
        }
      }
    }
    return validity
  }

  /// `value` as a raster of `pixelType` holds it, read as `Sample`; nil where it cannot.
  private static func sample<Sample: RasterSample>(
    _ pixelType: PixelType, _ value: Double
  ) -> Sample? {
    switch pixelType {
    case .uint8: UInt8(exactly: value).flatMap { ($0 as? Sample) ?? (Float($0) as? Sample) }
    case .float32: Float(value) as? Sample
    }
  }
}
