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

  /// Which pixels of a window have values.
  ///
  /// With a mask, what it says. With nodata values, an integer pixel is empty where every band
  /// holds its nodata value, since 0 in one band of three is a dark pixel; a floating-point pixel
  /// is empty where any band does. NaN and infinity are never values.
  func read<Sample: RasterSample>(
    _ rect: PixelRect, samples: [Sample], of dataset: borrowing Dataset
  ) throws(RasterError) -> [Bool] {
    var validity: [Bool]
    switch self {
    case .none: validity = [Bool](repeating: true, count: rect.width * rect.height)
    case .mask: validity = try readMask(rect, of: dataset)
    case .noData(let values):
      validity = Self.differ(from: values, samples, dataset.layout.pixelType)
    }
    if let samples = samples as? [Float] {
      for (index, sample) in samples.enumerated() where !sample.isFinite {
        validity[index % validity.count] = false
      }
    }
    return validity
  }

  private func readMask(
    _ rect: PixelRect, of dataset: borrowing Dataset
  ) throws(RasterError) -> [Bool] {
    var bytes = [UInt8](repeating: 0, count: rect.width * rect.height)
    let handle = dataset.handle
    try dataset.decode("mask", of: rect) {
      GDALRasterIOEx(
        GDALGetMaskBand(GDALGetRasterBand(handle, 1)), GF_Read, Int32(rect.column),
        Int32(rect.row), Int32(rect.width), Int32(rect.height), &bytes, Int32(rect.width),
        Int32(rect.height), GDT_Byte, 0, 0, nil)
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
