// SPDX-License-Identifier: Apache-2.0

import CGDAL
public import Foundation
import Platform

/// Pictures for people: 8-bit grey, RGB or RGBA as PNG.
public enum PNG {
  /// The bytes of a PNG file of `window`.
  ///
  /// - Parameter window: one band (grey), three (red, green, blue) or four (and alpha). Where three
  ///   bands have pixels that are not valid, these become transparent.
  /// - Throws: `RasterError.cannotWrite`.
  public static func encode(_ window: Window<UInt8>) throws(RasterError) -> Data {
    precondition([1, 3, 4].contains(window.bandCount), "a picture has 1, 3 or 4 bands")
    var window = window
    if window.bandCount == 3, window.validity.contains(false) {
      window = Window(
        bandCount: 4, height: window.height, width: window.width,
        samples: window.samples + window.validity.map { $0 ? 255 : 0 })
    }
    let name = "/vsimem/\(UUID().uuidString).png"
    let (data, messages) = GDAL.listen { () -> Data? in
      defer { VSIUnlink(name) }
      guard isWritten(window, as: name) else { return nil }
      var byteCount: vsi_l_offset = 0
      guard let bytes = VSIGetMemFileBuffer(name, &byteCount, 0) else { return nil }
      return Data(bytes: bytes, count: Int(byteCount))
    }
    guard let data, !messages.hasFailure else {
      throw .cannotWrite(path: "a PNG", reason: messages.text())
    }
    return data
  }

  /// Writes `window` as a PNG file; it appears when it is whole.
  ///
  /// - Throws: `RasterError.cannotWrite`.
  public static func write(_ window: Window<UInt8>, to url: URL) throws(RasterError) {
    let data = try encode(window)
    do throws(PlatformError) {
      try DurableFile.write(data, to: url)
    } catch {
      throw .cannotWrite(path: url.path, reason: error.systemReason)
    }
  }

  /// Copies a picture from memory into a PNG that GDAL names `name`.
  private static func isWritten(_ window: Window<UInt8>, as name: String) -> Bool {
    let size = (width: Int32(window.width), height: Int32(window.height))
    guard
      let memory = GDALCreate(
        GDALGetDriverByName("MEM"), "", size.width, size.height, Int32(window.bandCount), GDT_Byte,
        nil)
    else { return false }
    defer { GDALClose(memory) }
    if window.bandCount == 4 {
      GDALSetRasterColorInterpretation(GDALGetRasterBand(memory, 4), GCI_AlphaBand)
    }
    var samples = window.samples
    let result = GDALDatasetRasterIOEx(
      memory, GF_Write, 0, 0, size.width, size.height, &samples, size.width, size.height, GDT_Byte,
      Int32(window.bandCount), nil, 0, 0, 0, nil)
    guard result == CE_None,
      let copy = GDALCreateCopy(GDALGetDriverByName("PNG"), name, memory, 0, nil, nil, nil)
    else { return false }
    GDALClose(copy)
    return true
  }
}
