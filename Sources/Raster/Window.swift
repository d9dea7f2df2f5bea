// SPDX-License-Identifier: Apache-2.0

import CGDAL

/// A number that windows hold: `UInt8` or `Float`.
public protocol RasterSample: Sendable, BitwiseCopyable, Equatable {
  /// The value of pixels that are not valid.
  static var zero: Self { get }
  /// The raster type that holds it without loss.
  static var pixelType: PixelType { get }
}

extension UInt8: RasterSample {
  /// 8-bit integers.
  public static var pixelType: PixelType { .uint8 }
}

extension Float: RasterSample {
  /// 32-bit floating point.
  public static var pixelType: PixelType { .float32 }
}

extension PixelType {
  var gdalType: GDALDataType {
    switch self {
    case .uint8: GDT_Byte
    case .float32: GDT_Float32
    }
  }

  var byteCount: Int {
    switch self {
    case .uint8: 1
    case .float32: 4
    }
  }
}

/// Pixels of a raster in memory, band by band, each row by row from the north-west.
///
/// ```swift
/// let window: Window<Float> = try dataset.read(rect)
/// let red = window.samples[0..<window.pixelCount]
/// ```
public struct Window<Sample: RasterSample>: Sendable {
  /// Bands.
  public let bandCount: Int
  /// Rows.
  public let height: Int
  /// Columns.
  public let width: Int
  /// The values, `[bands, height, width]`; 0 where a pixel is not valid.
  public var samples: [Sample]
  /// Whether a pixel has values, `[height, width]`; one answer for all bands.
  public var validity: [Bool]

  /// A window from values; every pixel is valid if nothing else is said.
  public init(
    bandCount: Int, height: Int, width: Int, samples: [Sample], validity: [Bool]? = nil
  ) {
    let pixelCount = height * width
    precondition(samples.count == bandCount * pixelCount, "a window has bands x rows x columns")
    precondition(validity.map { $0.count == pixelCount } ?? true, "validity has rows x columns")
    self.bandCount = bandCount
    self.height = height
    self.width = width
    self.samples = samples
    self.validity = validity ?? [Bool](repeating: true, count: pixelCount)
  }

  /// A window of `rect`'s size in which no pixel has values.
  public init(empty rect: PixelRect, bandCount: Int) {
    let pixelCount = rect.width * rect.height
    let count = bandCount * pixelCount
    self.init(
      bandCount: bandCount, height: rect.height, width: rect.width,
      // Both kinds of samples are 0 where all bits are; one by one it would take a tenth of a read.
      samples: [Sample](unsafeUninitializedCapacity: count) { samples, initialised in
        UnsafeMutableRawBufferPointer(samples).initializeMemory(as: UInt8.self, repeating: 0)
        initialised = count
      },
      validity: [Bool](repeating: false, count: pixelCount))
  }

  /// Lays another window, of as many bands, into this one, which must contain it.
  public mutating func place(_ other: Window, column: Int, row: Int) {
    precondition(bandCount == other.bandCount, "windows of as many bands")
    precondition(
      column >= 0 && row >= 0 && column + other.width <= width && row + other.height <= height,
      "the window has room for the other")
    for line in 0..<other.height {
      let source = line * other.width..<(line + 1) * other.width
      let start = (row + line) * width + column
      validity.replaceSubrange(start..<start + other.width, with: other.validity[source])
      for band in 0..<bandCount {
        let from = band * other.pixelCount
        let to = band * pixelCount + start
        samples.replaceSubrange(
          to..<to + other.width,
          with: other.samples[from + source.lowerBound..<from + source.upperBound])
      }
    }
  }

  /// Pixels of one band.
  public var pixelCount: Int { height * width }

  /// The share of pixels with values, 0 to 1.
  public var validShare: Double {
    Double(validity.count(where: { $0 })) / Double(max(1, pixelCount))
  }
}
