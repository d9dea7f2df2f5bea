// SPDX-License-Identifier: Apache-2.0

import CGDAL

/// How a raster says which of its pixels have values.
///
/// Numbers that are not finite are never values, whatever the source says.
public enum ValiditySource: Hashable, Sendable {
  /// Every pixel has values.
  case none
  /// A mask inside the file: 0 where there is nothing.
  case mask
  /// An alpha band, by its number in the file: 0 where there is nothing.
  case alpha(Int)
  /// A number of each band that stands for nothing; nil for a band without one.
  case noData([Double?])

  /// Finds the source: a mask or an alpha band before nodata numbers, as GDAL ranks them.
  ///
  /// - Parameters:
  ///   - alpha: the alpha band. GDAL itself takes one for a mask only as the second of two or the
  ///     fourth of four.
  ///   - numbers: the nodata numbers of the bands of measurements.
  init(of handle: GDALDatasetH, alpha: Int?, noData numbers: [Double?]) {
    if let alpha {
      self = .alpha(alpha)
    } else if GDALGetMaskFlags(GDALGetRasterBand(handle, 1)) & GMF_PER_DATASET != 0 {
      self = .mask
    } else {
      self = numbers.contains { $0 != nil } ? .noData(numbers) : .none
    }
  }

  /// The band that holds the answer, or nil where the numbers themselves do.
  func band(of handle: GDALDatasetH) -> GDALRasterBandH? {
    switch self {
    case .none, .noData: nil
    case .mask: GDALGetMaskBand(GDALGetRasterBand(handle, 1))
    case .alpha(let band): GDALGetRasterBand(handle, Int32(band))
    }
  }
}

/// Which pixels hold numbers other than nodata, by the rule for the type in the file.
///
/// A pixel of integers is empty where every band holds its nodata number, since 0 in one band of
/// three is a dark pixel; a pixel of floating-point numbers is empty where any band does.
struct NoDataRule {
  /// The nodata number of each band; nil where none of its numbers can be it.
  let numbers: [Double?]
  let isFloatingPoint: Bool

  init(_ bands: [BandFacts]) {
    isFloatingPoint = bands.contains(where: \.isFloatingPoint)
    numbers = bands.map { band in
      // No integer is -9999.5.
      guard let number = band.noData, band.isFloatingPoint || number == number.rounded() else {
        return nil
      }
      return number
    }
  }

  /// The validity of pixels from their numbers, `[bands, pixels]`.
  func validity<Number: RasterNumber>(of samples: [Number]) -> [Bool] {
    let empty = numbers.map { $0.flatMap { Number(noData: $0) } }
    let pixelCount = samples.count / numbers.count
    var validity = [Bool](repeating: isFloatingPoint, count: pixelCount)
    for band in numbers.indices {
      let first = band * pixelCount
      guard let nothing = empty[band] else {
        if !isFloatingPoint { return [Bool](repeating: true, count: pixelCount) }
        continue
      }
      for pixel in 0..<pixelCount {
        let isValue = samples[first + pixel] != nothing
        validity[pixel] = isFloatingPoint ? validity[pixel] && isValue : validity[pixel] || isValue
      }
    }
    return validity
  }
}

/// A number as GDAL hands it over.
protocol RasterNumber: BitwiseCopyable, Equatable {
  static var gdalType: GDALDataType { get }
  /// A nodata number as this type holds it; nil where it cannot.
  init?(noData: Double)
  var isFinite: Bool { get }
}

extension UInt8: RasterNumber {
  static var gdalType: GDALDataType { GDT_Byte }
  init?(noData: Double) { self.init(exactly: noData) }
  var isFinite: Bool { true }
}

extension Float: RasterNumber {
  static var gdalType: GDALDataType { GDT_Float32 }
  init?(noData: Double) { self.init(noData) }
}

extension Double: RasterNumber {
  static var gdalType: GDALDataType { GDT_Float64 }
  init?(noData: Double) { self = noData }
}
