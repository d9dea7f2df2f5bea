// SPDX-License-Identifier: Apache-2.0

import CGDAL
public import Foundation

/// An open GeoTIFF of ours, or one that a person here vouches for.
///
/// A file from outside goes through ``Ingest`` first; this reads the clean copy that it writes. A
/// dataset belongs to the thread that opened it: it can be neither copied nor sent, and the
/// compiler holds to that.
///
/// ```swift
/// let scene = try Dataset(trusted: url)
/// let chip: Window<Float> = try scene.read(PixelRect(column: 0, row: 0, width: 64, height: 64))
/// ```
public struct Dataset: ~Copyable {
  /// The shape and place of the raster.
  public let layout: RasterLayout
  /// Names and colours of the classes, where the raster is a map of classes.
  public let classes: ClassTable?

  let handle: GDALDatasetH
  let validitySource: ValiditySource
  private let path: String
  private let shownAs: String?

  /// Opens a GeoTIFF: north up, square pixels, `UInt8` or `Float32`, in any coordinate reference
  /// system.
  ///
  /// - Throws: `RasterError`, `cannotRead` where GDAL cannot open it.
  public init(trusted url: URL) throws(RasterError) {
    try self.init(path: url.path)
  }

  /// Opens a file of ours with the GTiff driver; what it says of itself is believed.
  ///
  /// - Parameter shownAs: what messages call it.
  init(path: String, shownAs: String? = nil) throws(RasterError) {
    // The place is read from inside the file only, never from one beside it.
    let (handle, messages) = GDAL.open(
      path, drivers: ["GTiff"], options: ["GEOREF_SOURCES=INTERNAL"])
    guard let handle else {
      throw .cannotRead(path: shownAs ?? path, reason: messages.text(about: path, as: shownAs))
    }
    do throws(RasterError) {
      guard !messages.hasFailure else {
        throw .decodeFailed(reason: messages.text(about: path, as: shownAs))
      }
      let layout = try RasterLayout(of: handle)
      self.layout = layout
      self.classes = ClassTable(of: handle)
      self.validitySource = ValiditySource(of: handle, bandCount: layout.bandCount)
      self.handle = handle
      self.path = path
      self.shownAs = shownAs
    } catch {
      _ = GDAL.listen { GDALClose(handle) }
      throw error
    }
  }

  deinit { _ = GDAL.listen { GDALClose(handle) } }

  /// Reads a part of the raster at its own resolution.
  ///
  /// - Parameter rect: must lie within the raster.
  /// - Returns: the values as `Sample`; where a pixel has no data its values are 0.
  /// - Throws: `RasterError.decodeFailed` where the pixels cannot be decoded.
  public func read<Sample: RasterSample>(
    _ rect: PixelRect, as: Sample.Type = Sample.self
  ) throws(RasterError) -> Window<Sample> {
    precondition(layout.bounds.contains(rect), "\(rect) is not within \(layout.bounds)")
    precondition(
      Sample.pixelType == layout.pixelType || Sample.pixelType == .float32,
      "floating-point samples do not fit into \(Sample.self)")
    let pixelCount = rect.width * rect.height
    var samples = [Sample](repeating: .zero, count: layout.bandCount * pixelCount)
    let (handle, bandCount) = (handle, Int32(layout.bandCount))
    try decode("pixels", of: rect) {
      samples.withUnsafeMutableBytes { bytes in
        GDALDatasetRasterIOEx(
          handle, GF_Read, Int32(rect.column), Int32(rect.row), Int32(rect.width),
          Int32(rect.height), bytes.baseAddress, Int32(rect.width), Int32(rect.height),
          Sample.pixelType.gdalType, bandCount, nil, 0, 0, 0, nil)
      }
    }
    let validity = try validitySource.read(rect, samples: samples, of: self)
    for pixel in 0..<pixelCount where !validity[pixel] {
      for band in 0..<layout.bandCount { samples[band * pixelCount + pixel] = .zero }
    }
    return Window(
      bandCount: layout.bandCount, height: rect.height, width: rect.width, samples: samples,
      validity: validity)
  }

  /// Reads the whole raster; for small ones such as truth maps.
  public func readAll<Sample: RasterSample>(
    as: Sample.Type = Sample.self
  ) throws(RasterError) -> Window<Sample> {
    try read(layout.bounds)
  }

  /// Runs a read of GDAL's and turns what it complains about into our error.
  func decode(
    _ what: String, of rect: PixelRect, _ read: () -> CPLErr
  ) throws(RasterError) {
    let (result, messages) = GDAL.listen(read)
    guard result == CE_None, !messages.hasFailure else {
      throw .decodeFailed(
        reason: "could not decode the \(what) of \(shownAs ?? path), \(rect): "
          + messages.text(about: path, as: shownAs))
    }
  }
}
