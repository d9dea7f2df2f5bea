// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Platform
import Raster

/// In what an image that is delivered on purpose is not what was ordered.
enum WrongImage: String, CaseIterable {
  /// It lies one pixel further east.
  case place
  /// It is said to be in the neighbouring zone.
  case crs
  /// Its pixels are twice as wide, and half as many.
  case pixelSize = "pixel-size"
  /// It has one band more.
  case bands
  /// Its samples are floating-point numbers.
  case type
  /// It has no values anywhere.
  case blank
  /// Its columns are rows.
  case swappedAxes = "swapped-axes"
  /// A header that declares a million pixels a side, and no pixels.
  case absurd
  /// Not an image: a page in XML.
  case text

  /// Writes the wrong image of a window; blocks.
  func write(_ pixels: PixelRect, of image: URL, to file: URL) throws {
    switch self {
    case .absurd: try DurableFile.write(Self.absurdTIFF, to: file)
    case .text:
      try DurableFile.write(Data("<Error><Code>AccessDenied</Code></Error>".utf8), to: file)
    default:
      let dataset = try Dataset(trusted: image)
      if (dataset.layout.pixelType == .float32) == (self == .type) {
        try write(dataset, pixels, to: file, as: UInt8.self)
      } else {
        try write(dataset, pixels, to: file, as: Float.self)
      }
    }
  }

  private func change(_ layout: inout RasterLayout) {
    let (transform, size) = (layout.transform, layout.transform.pixelSize)
    switch self {
    case .place:
      layout.transform = GeoTransform(
        originX: transform.originX + size, originY: transform.originY, pixelSize: size)
    case .crs: layout.crs = layout.crs == "EPSG:32633" ? "EPSG:32634" : "EPSG:32633"
    case .pixelSize:
      layout.transform = GeoTransform(
        originX: transform.originX, originY: transform.originY, pixelSize: 2 * size)
      (layout.width, layout.height) = (max(1, layout.width / 2), max(1, layout.height / 2))
    case .bands: layout.bandCount += 1
    case .swappedAxes:
      (layout.width, layout.height) = (layout.height, layout.width)
      layout.transform = GeoTransform(
        originX: transform.originY, originY: transform.originX, pixelSize: size)
    default: break
    }
  }

  private func write<Sample: RasterSample>(
    _ dataset: borrowing Dataset, _ pixels: PixelRect, to file: URL, as: Sample.Type
  ) throws {
    let whole = dataset.layout
    var layout = RasterLayout(
      width: pixels.width, height: pixels.height, bandCount: whole.bandCount,
      pixelType: Sample.self == Float.self ? .float32 : .uint8, crs: whole.crs,
      transform: whole.transform.moved(column: pixels.column, row: pixels.row))
    change(&layout)
    let source: Window<Sample> = try dataset.read(
      PixelRect(column: pixels.column, row: pixels.row, width: layout.width, height: layout.height))
    let extra = (layout.bandCount - source.bandCount) * source.width * source.height
    var writer = try GeoTIFFWriter(url: file, layout: layout, isComplete: self != .blank)
    if self != .blank {
      try writer.write(
        Window(
          bandCount: layout.bandCount, height: layout.height, width: layout.width,
          samples: source.samples + source.samples.prefix(extra)), column: 0, row: 0)
    }
    try writer.finish()
  }

  /// A classic little-endian TIFF: width, height and one strip that is not there (TIFF 6.0).
  private static let absurdTIFF: Data = {
    var bytes: [UInt8] = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 6, 0]
    // Tag, type (3: 16 bits, 4: 32 bits), count, value.
    let entries: [(UInt16, UInt16, UInt32)] = [
      (256, 4, 1_000_000), (257, 4, 1_000_000), (258, 3, 8), (262, 3, 1), (273, 4, 4096),
      (279, 4, 4_000_000_000),
    ]
    for (tag, type, value) in entries {
      for part in [UInt32(tag) | UInt32(type) << 16, 1, value] {
        withUnsafeBytes(of: part.littleEndian) { bytes += $0 }
      }
    }
    return Data(bytes + [0, 0, 0, 0])
  }()
}
