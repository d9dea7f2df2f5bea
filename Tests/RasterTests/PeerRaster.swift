// SPDX-License-Identifier: Apache-2.0

import Foundation
import Raster
import TestSupport

/// What GDAL's own programs make of a raster: values and validity, to compare with ours.
struct PeerRaster {
  /// `[bands, pixels]`, before scale and offset.
  var samples: [Float]
  /// One answer for all bands, by our rule for nodata.
  var validity: [Bool]

  /// GDAL looks at the file alone, as we do.
  private static let alone = [
    "--config", "GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR", "--config", "GDAL_TIFF_INTERNAL_MASK",
    "YES",
  ]

  /// A part of `source` in another size, as `gdal_translate -srcwin -outsize -r` makes it.
  ///
  /// - Parameter isUnrounded: whether whole numbers are made floating-point numbers before they are
  ///   resampled. Else GDAL rounds them for some layouts of files and some kinds of resampling.
  static func translate(
    _ source: URL, _ rect: PixelRect, width: Int, height: Int, resampling: Resampling,
    isUnrounded: Bool, like reader: borrowing PixelReader
  ) throws -> PeerRaster {
    let scratch = try ScratchFolder()
    let (copy, masks) = (scratch.file("copy.tif"), scratch.file("masks.tif"))
    let window =
      ["-srcwin"] + [rect.column, rect.row, rect.width, rect.height].map { "\($0)" }
      + ["-outsize", "\(width)", "\(height)", "-r", resampling.rawValue]
    func translate(_ options: [String], _ from: URL, _ to: URL) throws {
      _ = try GDALTools.run(
        "gdal_translate",
        alone + ["-q", "-oo", "GEOREF_SOURCES=INTERNAL"] + options + [from.path, to.path])
    }
    guard reader.pixelType == .float32 else {
      try translate(window, source, copy)
      return try read(copy, maskedBy: copy, like: reader, scratch)
    }
    let type = ["-ot", NoData(reader).type]
    if isUnrounded {
      let floats = scratch.file("floats.tif")
      try translate(type, source, floats)
      try translate(window, floats, copy)
    } else {
      try translate(window + type, source, copy)
    }
    // An alpha band of floating-point numbers is none to GDAL, so that its masks are another copy's.
    guard try hasAlpha(source) else { return try read(copy, maskedBy: copy, like: reader, scratch) }
    try translate(window, source, masks)
    return try read(copy, maskedBy: masks, like: reader, scratch)
  }

  private static func hasAlpha(_ file: URL) throws -> Bool {
    let bands = try GDALTools.info(file)["bands"] as? [[String: Any]]
    return bands?.contains { $0["colorInterpretation"] as? String == "Alpha" } == true
  }

  /// `source` on another grid, as `gdalwarp -t_srs -te -ts -r -et 0` makes it.
  static func warp(
    _ source: URL, _ ground: [Double], crs: String, width: Int, height: Int,
    resampling: Resampling, like reader: borrowing PixelReader
  ) throws -> PeerRaster {
    let scratch = try ScratchFolder()
    let copy = scratch.file("copy.tif")
    var options = ["-q", "-oo", "GEOREF_SOURCES=INTERNAL", "-to", "SRC_METHOD=GEOTRANSFORM"]
    options += ["-t_srs", crs, "-te"] + ground.map { "\($0)" }
    options += ["-ts", "\(width)", "\(height)", "-r", resampling.gdalName, "-et", "0"]
    options += ["-ovr", "NONE", "-dstalpha"]
    let rule = NoData(reader)
    if rule.isFractional { options += ["-srcnodata", "None"] }
    options += ["-wo", "UNIFIED_SRC_NODATA=\(rule.isFloatingPoint ? "PARTIAL" : "YES")"]
    if reader.pixelType == .float32 { options += ["-ot", rule.type] }
    _ = try GDALTools.run("gdalwarp", alone + options + [source.path, copy.path])
    let count = reader.bands.count
    let raw = try floats(copy, bands: (1...count).map { "\($0)" } + ["\(count + 1)"], scratch)
    let pixelCount = raw.count / (count + 1)
    return PeerRaster(
      samples: Array(raw.prefix(count * pixelCount)),
      validity: raw.suffix(pixelCount).map { $0 > 0 })
  }

  /// A copy of a raster alone in its folder, without overviews.
  static func plainCopy(of source: URL, in scratch: borrowing ScratchFolder) throws -> URL {
    let copy = scratch.file(source.lastPathComponent)
    try FileManager.default.copyItem(at: source, to: copy)
    let bands = try GDALTools.info(copy)["bands"] as? [[String: Any]]
    guard bands?.first?["overviews"] != nil else { return copy }
    let plain = scratch.file("plain.tif")
    _ = try GDALTools.run("gdal_translate", alone + ["-q", copy.path, plain.path])
    return plain
  }

  private struct NoData {
    let isFloatingPoint: Bool
    let type: String
    let isFractional: Bool

    init(_ reader: borrowing PixelReader) {
      let type = reader.bands[0].type
      isFloatingPoint = type.hasPrefix("Float")
      let isScaled = reader.bands.contains { $0.scale != 1 || $0.offset != 0 }
      self.type = type == "Float64" || isScaled ? "Float64" : "Float32"
      isFractional = !isFloatingPoint && reader.bands[0].noData.map { $0 != $0.rounded() } == true
    }
  }

  private static func read(
    _ copy: URL, maskedBy masks: URL, like reader: borrowing PixelReader,
    _ scratch: borrowing ScratchFolder
  ) throws -> PeerRaster {
    let numbers = Array(1...reader.bands.count)
    let raw =
      try floats(copy, bands: numbers.map { "\($0)" }, scratch)
      + floats(masks, bands: numbers.map { "mask,\($0)" }, scratch)
    let count = reader.bands.count
    let pixelCount = raw.count / (2 * count)
    let isAny = !NoData(reader).isFloatingPoint
    let validity = (0..<pixelCount).map { pixel in
      let masks = (0..<count).map { raw[(count + $0) * pixelCount + pixel] != 0 }
      return isAny ? masks.contains(true) : !masks.contains(false)
    }
    return PeerRaster(samples: Array(raw.prefix(count * pixelCount)), validity: validity)
  }

  private static func floats(
    _ file: URL, bands: [String], _ scratch: borrowing ScratchFolder
  ) throws -> [Float] {
    let raw = scratch.file("copy.raw")
    _ = try GDALTools.run(
      "gdal_translate",
      [
        "-q", "-a_ullr", "0", "1", "1", "0", "-of", "ENVI", "-co", "INTERLEAVE=BSQ", "-ot",
        "Float32",
      ]
        + bands.flatMap { ["-b", $0] } + [file.path, raw.path])
    return try Data(contentsOf: raw).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
  }
}

extension Resampling {
  /// As `gdalwarp` calls it.
  fileprivate var gdalName: String { self == .nearest ? "near" : rawValue }
}

/// How far ours and a peer's pixels lie apart.
struct Deviation {
  private(set) var largest: Float = 0
  private(set) var pixelCount = 0
  private(set) var validityDifferences = 0
  private(set) var worst = ""

  /// Adds a window's part.
  mutating func add(_ part: Part, name: String) {
    if part.largest > largest { (largest, worst) = (part.largest, name) }
    pixelCount += part.pixelCount
    validityDifferences += part.validityDifferences
  }

  /// How far a window is off.
  struct Part {
    /// Relative to values over 1.
    private(set) var largest: Float = 0
    private(set) var pixelCount = 0
    private(set) var validityDifferences = 0

    var isNone: Bool { largest <= 1e-6 && validityDifferences == 0 }

    init<Sample: RasterSample>(_ ours: Window<Sample>, _ peer: PeerRaster, of bands: [BandFacts]) {
      pixelCount = ours.pixelCount
      for pixel in 0..<pixelCount {
        let values = bands.indices.map { band -> Float in
          let number = Double(peer.samples[band * pixelCount + pixel])
          return Float(number * bands[band].scale + bands[band].offset)
        }
        let isValid = peer.validity[pixel] && values.allSatisfy(\.isFinite)
        guard isValid == ours.validity[pixel] else {
          validityDifferences += 1
          continue
        }
        guard isValid else { continue }
        for (band, value) in values.enumerated() {
          let sample = ours.samples[band * pixelCount + pixel]
          let number = (sample as? Float) ?? Float(sample as? UInt8 ?? 0)
          largest = max(largest, abs(number - value) / max(1, abs(value)))
        }
      }
    }
  }

  var words: String {
    "\(pixelCount) pixels, largest deviation \(largest)\(worst.isEmpty ? "" : " (\(worst))"), "
      + "\(validityDifferences) pixels of other validity"
  }
}
