// SPDX-License-Identifier: Apache-2.0

import CGDAL
public import Foundation
import Platform

/// Writes a tiled GeoTIFF window by window; the file has its name only when it is whole and safe.
///
/// ```swift
/// var writer = try GeoTIFFWriter(url: url, layout: layout)
/// try writer.write(window, column: 0, row: 0)
/// try writer.finish()
/// ```
///
/// Pixels that nothing was written to have no data. Without ``finish(as:)`` no file remains.
public struct GeoTIFFWriter: ~Copyable {
  /// How the tiles of a finished file lie.
  public enum Form: Hashable, Sendable {
    /// As they were written.
    case tiled
    /// As a Cloud-Optimised GeoTIFF: with overviews, coarse before fine, so that a viewer far away
    /// fetches only what it shows.
    case cloudOptimised
  }

  /// What the file will be.
  public let layout: RasterLayout

  private let url: URL
  private let temporary: URL
  /// Nil once the file is finished.
  private var handle: GDALDatasetH?
  private let validity: Validity

  /// How the file says which pixels have values.
  private enum Validity {
    case mask
    case everywhere
    case classes(ClassTable)

    /// Whether values are amounts, between which others lie.
    var isMeasured: Bool { if case .classes = self { false } else { true } }
  }

  /// Begins a raster of measurements.
  ///
  /// - Parameters:
  ///   - isComplete: whether every pixel will have values. The file then needs no mask; otherwise
  ///     one inside says where it has them.
  ///   - copyright: the notice that the file carries, as `TIFFTAG_COPYRIGHT`.
  /// - Throws: `RasterError.cannotWrite`.
  public init(
    url: URL, layout: RasterLayout, isComplete: Bool = false, copyright: String? = nil
  ) throws(RasterError) {
    try self.init(
      url: url, layout: layout, validity: isComplete ? .everywhere : .mask, copyright: copyright)
  }

  /// Begins a map of classes: one band of `UInt8` with a colour table, nodata 255.
  ///
  /// - Throws: `RasterError.cannotWrite`.
  public init(
    url: URL, classes: ClassTable, width: Int, height: Int, crs: String, transform: GeoTransform,
    copyright: String? = nil
  ) throws(RasterError) {
    let layout = RasterLayout(
      width: width, height: height, bandCount: 1, pixelType: .uint8, crs: crs,
      transform: transform)
    try self.init(url: url, layout: layout, validity: .classes(classes), copyright: copyright)
  }

  private init(
    url: URL, layout: RasterLayout, validity: Validity, copyright: String?
  ) throws(RasterError) {
    let reference = try SpatialReference(layout.crs)
    let temporary = DurableFile.temporaryURL(for: url)
    let options = GDAL.StringList(Self.options(layout: layout, validity: validity))
    let (handle, messages) = GDAL.listen { () -> GDALDatasetH? in
      guard
        let handle = GDALCreate(
          GDALGetDriverByName("GTiff"), temporary.path, Int32(layout.width),
          Int32(layout.height), Int32(layout.bandCount), layout.pixelType.gdalType,
          options.pointer)
      else { return nil }
      var coefficients = layout.transform.coefficients
      GDALSetGeoTransform(handle, &coefficients)
      GDALSetSpatialRef(handle, reference.handle)
      if let copyright { GDALSetMetadataItem(handle, "TIFFTAG_COPYRIGHT", copyright, nil) }
      switch validity {
      case .mask: GDALCreateDatasetMaskBand(handle, GMF_PER_DATASET)
      case .everywhere: break
      case .classes(let classes): classes.write(to: handle)
      }
      return handle
    }
    guard let handle, !messages.hasFailure else {
      if let handle { _ = GDAL.listen { GDALClose(handle) } }
      unlink(temporary.path)
      throw .cannotWrite(path: url.path, reason: messages.text())
    }
    self.layout = layout
    self.url = url
    self.temporary = temporary
    self.validity = validity
    self.handle = handle
  }

  private static func options(layout: RasterLayout, validity: Validity) -> [String] {
    let predictor =
      if case .classes = validity { "1" } else { layout.pixelType == .float32 ? "3" : "2" }
    return [
      "TILED=YES", "BLOCKXSIZE=256", "BLOCKYSIZE=256", "COMPRESS=DEFLATE",
      // The usual level 6 makes imagery 3 % smaller in twice the time.
      "ZLEVEL=1", "PREDICTOR=\(predictor)", "BIGTIFF=IF_SAFER", "SPARSE_OK=TRUE",
      "INTERLEAVE=PIXEL",
      "PROFILE=GDALGeoTIFF", "ALPHA=NO",
      // Three bytes a pixel are red, green and blue to every viewer.
      "PHOTOMETRIC=\(layout.bandCount == 3 && layout.pixelType == .uint8 ? "RGB" : "MINISBLACK")",
    ]
  }

  /// Writes a window with its north-west pixel at `column` and `row`, its validity with it.
  ///
  /// Whole rows of 256 pixels, written from the north, make the smallest file.
  ///
  /// - Throws: `RasterError.cannotWrite`.
  public mutating func write<Sample: RasterSample>(
    _ window: Window<Sample>, column: Int, row: Int
  ) throws(RasterError) {
    let rect = PixelRect(column: column, row: row, width: window.width, height: window.height)
    precondition(layout.bounds.contains(rect), "\(rect) is not within \(layout.bounds)")
    precondition(window.bandCount == layout.bandCount, "a window has the raster's bands")
    var samples = window.samples
    switch validity {
    case .mask: break
    case .everywhere:
      precondition(!window.validity.contains(false), "a complete raster has no holes")
    case .classes:
      precondition(Sample.pixelType == .uint8, "a class is a byte")
      for (pixel, isValid) in window.validity.enumerated() where !isValid {
        samples.withUnsafeMutableBytes { $0[pixel] = ClassTable.noData }
      }
    }
    try transfer { handle in
      samples.withUnsafeMutableBytes { bytes in
        GDALDatasetRasterIOEx(
          handle, GF_Write, Int32(column), Int32(row), Int32(rect.width), Int32(rect.height),
          bytes.baseAddress, Int32(rect.width), Int32(rect.height), Sample.pixelType.gdalType,
          Int32(window.bandCount), nil, 0, 0, 0, nil)
      }
    }
    guard case .mask = validity else { return }
    var mask = window.validity.map { $0 ? UInt8(255) : 0 }
    try transfer { handle in
      GDALRasterIOEx(
        GDALGetMaskBand(GDALGetRasterBand(handle, 1)), GF_Write, Int32(column), Int32(row),
        Int32(rect.width), Int32(rect.height), &mask, Int32(rect.width), Int32(rect.height),
        GDT_Byte, 0, 0, nil)
    }
  }

  private func transfer(_ write: (GDALDatasetH) -> CPLErr) throws(RasterError) {
    guard let handle else { preconditionFailure("the file is finished") }
    let (result, messages) = GDAL.listen { write(handle) }
    guard result == CE_None, !messages.hasFailure else {
      throw .cannotWrite(path: url.path, reason: messages.text())
    }
  }

  /// Completes the file, makes it durable and gives it its name.
  ///
  /// - Parameter form: a Cloud-Optimised GeoTIFF is copied from what was written, block by block.
  /// - Throws: `RasterError.cannotWrite`; no file of the name has then been made or changed.
  public consuming func finish(as form: Form = .tiled) throws(RasterError) {
    guard let handle else { preconditionFailure("the file is finished") }
    self.handle = nil
    let (temporary, url) = (temporary, url)
    defer { unlink(temporary.path) }
    let messages = GDAL.listen { GDALClose(handle) }.messages
    guard !messages.hasFailure else {
      throw .cannotWrite(path: url.path, reason: messages.text())
    }
    switch form {
    case .tiled: try Self.publish(temporary, as: url)
    case .cloudOptimised:
      let copy = DurableFile.temporaryURL(for: url)
      defer { unlink(copy.path) }
      try CloudOptimisedCopy(of: temporary, isMeasured: validity.isMeasured).write(copy, for: url)
      try Self.publish(copy, as: url)
    }
  }

  private static func publish(_ temporary: URL, as url: URL) throws(RasterError) {
    do throws(PlatformError) {
      try DurableFile.publish(temporary, as: url)
    } catch {
      throw .cannotWrite(path: url.path, reason: error.systemReason)
    }
  }

  deinit {
    // Finished files have no handle; what is left here was abandoned.
    guard let handle else { return }
    _ = GDAL.listen { GDALClose(handle) }
    unlink(temporary.path)
  }
}

extension PlatformError {
  /// The system's text alone, for a message that already says which file and what to do.
  var systemReason: String {
    if case .file(_, _, let reason) = self { reason } else { description }
  }
}
