// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What our own reader found a TIFF's picture to be, before anything else sees the file.
///
/// Whatever decodes the pixels later must come to the same sizes and type.
struct TIFFHeader: Hashable, Sendable {
  /// Columns, rows, samples, strips or tiles.
  var shape: TIFFShape
  /// The one type of all samples.
  var sampleType: TIFFSampleType
  /// The number of the sample that is an alpha value, from 0; nil without one.
  var alphaSample: Int?
  /// Whether a directory of the file is the picture's mask.
  var hasMask: Bool
  /// The number that stands for "no value", NaN among them; nil without one.
  var noData: NoDataValue?
  /// The tags about the place on the ground.
  var place: GeoTags
  /// When the picture was taken, where the file tells.
  var acquiredAt: Date?

  /// Columns.
  var width: Int { shape.width }
  /// Rows.
  var height: Int { shape.height }
  /// Bands of measurements, without the alpha values.
  var bandCount: Int { alphaSample != nil && shape.samples > 1 ? shape.samples - 1 : shape.samples }
}

/// The GeoTIFF tags of a picture as they stand in the file, every number of them finite.
struct GeoTags: Hashable, Sendable {
  /// Three numbers: the sizes of a pixel.
  var pixelScale: [Double] = []
  /// Six numbers a point; a file with a scale or a matrix needs only the first.
  var tiePoint: [Double] = []
  /// The number of tie points.
  var tiePointCount = 0
  /// Sixteen numbers: a matrix from pixels to the ground.
  var matrix: [Double] = []
  /// The directory of keys.
  var keys: [UInt16] = []
  /// The numbers that keys point to.
  var numbers: [Double] = []
  /// The texts that keys point to, ASCII.
  var texts: [UInt8] = []
  /// Whether rational polynomials place the picture.
  var hasRationalPolynomials = false
}

/// What a file says of its picture, believed or not: for people, when the file is refused.
public struct RasterOutline: Hashable, Sendable {
  /// Columns.
  public var width: Int?
  /// Rows.
  public var height: Int?
  /// GDAL's name for each band's type; empty where the file does not say.
  public var bandTypes: [String] = []

  /// The longest list of bands that is shown.
  static let longestList: UInt64 = 1024
}

extension TIFFHeaderReader {
  /// The sizes and types as they stand in the file.
  var outline: RasterOutline {
    func number(_ tag: TIFFTag, else fallback: UInt64?) -> UInt64? {
      ((try? structure.integer(tag, of: picture, in: file)) ?? nil) ?? fallback
    }
    var outline = RasterOutline(
      width: number(.imageWidth, else: nil).map { Int(clamping: $0) },
      height: number(.imageLength, else: nil).map { Int(clamping: $0) })
    if let samples = number(.samplesPerPixel, else: 1), samples <= RasterOutline.longestList,
      let bits = number(.bitsPerSample, else: 1), let format = number(.sampleFormat, else: 1)
    {
      outline.bandTypes = Array(
        repeating: TIFFSampleType.name(bits: Int(clamping: bits), format: Int(clamping: format)),
        count: Int(samples))
    }
    return outline
  }
}
