// SPDX-License-Identifier: Apache-2.0

/// What our own reader of a file's header found, and a decoder must find too.
public struct DecodeExpectation: Hashable, Sendable {
  /// Columns.
  public var width: Int
  /// Rows.
  public var height: Int
  /// Bands of measurements; an alpha band is not one of them.
  public var bandCount: Int
  /// The type of the samples as they come out: `uint8`, or `float32` for all others.
  ///
  /// A file of bytes with a scale or an offset comes as `float32` all the same, and its
  /// ``DecodedFacts`` tell why.
  public var pixelType: PixelType

  /// An expectation from its parts.
  public init(width: Int, height: Int, bandCount: Int, pixelType: PixelType) {
    self.width = width
    self.height = height
    self.bandCount = bandCount
    self.pixelType = pixelType
  }

  /// The whole raster.
  public var bounds: PixelRect { PixelRect(column: 0, row: 0, width: width, height: height) }
}
