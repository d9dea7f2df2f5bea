// SPDX-License-Identifier: Apache-2.0

import CGDAL
import Foundation

/// Where a picture lies, as GDAL understands its GeoTIFF tags.
///
/// GDAL is not shown the file itself: the checked tags are copied into a TIFF of one pixel of ours,
/// in memory, and it is asked for the place of that one.
struct GeoPlace: Hashable, Sendable {
  /// The coordinate reference system: `EPSG:n` where it is exactly that, else WKT 2; without heights.
  let crs: String
  /// From pixels to the system.
  let transform: GeoTransform

  /// The place that the tags name.
  ///
  /// - Throws: `RasterError.georeference` where there is no system, no transform, or only points.
  init(_ tags: GeoTags) throws(RasterError) {
    try Self.checkTransform(of: tags)
    let file = Self.file(tags)
    let path = "/vsimem/fovea-place-\(UUID().uuidString).tif"
    var found: (numbers: [Double]?, crs: String?) = (nil, nil)
    let messages = file.withUnsafeBufferPointer { bytes -> GDAL.Messages in
      // GDAL only reads the bytes, which stay its caller's.
      let memory = UnsafeMutablePointer(mutating: bytes.baseAddress)
      VSIFCloseL(VSIFileFromMemBuffer(path, memory, UInt64(bytes.count), 0))
      defer { VSIUnlink(path) }
      let (handle, messages) = GDAL.open(
        path, drivers: ["GTiff"], options: ["GEOREF_SOURCES=INTERNAL"])
      guard let handle else { return messages }
      defer { _ = GDAL.listen { GDALClose(handle) } }
      var numbers = [Double](repeating: 0, count: 6)
      if GDAL.listen({ GDALGetGeoTransform(handle, &numbers) }).value == CE_None {
        found.numbers = numbers
      }
      if let reference = SpatialReference(of: handle) { found.crs = reference.definition }
      return messages
    }
    guard !messages.hasFailure, let numbers = found.numbers else {
      throw .georeference(
        reason: "its GeoTIFF tags cannot be read: \(messages.text(about: path, as: "they"))",
        remedy: Self.assignment)
    }
    guard let crs = found.crs else {
      throw .georeference(
        reason: "it names no coordinate reference system", remedy: Self.assignment)
    }
    guard !crs.isEmpty, crs.utf8.count <= SpatialReference.longestWKT else {
      throw .georeference(
        reason: "its coordinate reference system cannot be written as WKT",
        remedy: Self.assignment)
    }
    self.crs = try KeptReference.definition(of: crs)
    self.transform = GeoTransform(coefficients: numbers)
  }

  static let assignment = "Assign the right one with gdal_edit.py -a_srs EPSG:CODE."

  /// What places a picture is a matrix, or a pixel's size and the place of one point.
  private static func checkTransform(of tags: GeoTags) throws(RasterError) {
    guard tags.matrix.isEmpty, tags.pixelScale.isEmpty || tags.tiePoint.isEmpty else {
      guard tags.matrix.isEmpty, tags.pixelScale.prefix(2).contains(0) else { return }
      throw .georeference(
        reason: "its pixels are \(tags.pixelScale[0]) x \(tags.pixelScale[1]) units, which is no "
          + "size", remedy: "Set the right corners with gdal_edit.py -a_ullr.")
    }
    let found =
      if tags.tiePointCount > 0 {
        "it has tie points (\(tags.tiePointCount)) and no geotransform"
      } else if tags.hasRationalPolynomials {
        "it has rational polynomials (RPC) and no geotransform"
      } else {
        tags.keys.isEmpty
          ? "it has no geotransform and no coordinate reference system" : "it has no geotransform"
      }
    throw .georeference(
      reason: found,
      remedy: tags.hasRationalPolynomials && tags.tiePointCount == 0
        ? "Place it on the ground with gdalwarp -rpc -t_srs EPSG:CODE."
        : tags.tiePointCount > 0
          ? "Place it on the ground with gdalwarp -t_srs EPSG:CODE."
          : "Give it its corners with gdal_translate -a_srs EPSG:CODE -a_ullr WEST NORTH EAST SOUTH."
    )
  }

  // MARK: The TIFF of one pixel

  /// A value of the directory: tag, type, count, bytes with the lowest first.
  private typealias Field = (tag: UInt16, type: UInt16, count: Int, bytes: [UInt8])

  private static func file(_ tags: GeoTags) -> [UInt8] {
    func short(_ tag: UInt16, _ value: UInt16) -> Field { (tag, 3, 1, bytes(value) + [0, 0]) }
    func numbers(_ tag: TIFFTag, _ values: [Double]) -> Field {
      (tag.rawValue, 12, values.count, values.flatMap { bytes($0.bitPattern) })
    }
    // Readers stop at the first byte that is 0, and a citation may be in any encoding.
    let texts = tags.texts.map { (0x20...0x7e).contains($0) || $0 == 0 ? $0 : 0x3f } + [0]
    // The pixel lies behind the header.
    let fields: [Field] =
      [
        short(256, 1), short(257, 1), short(258, 8), short(259, 1), short(262, 1), short(273, 8),
        short(277, 1), short(278, 1), short(279, 1), numbers(.pixelScale, tags.pixelScale),
        numbers(.tiePoints, tags.matrix.isEmpty ? tags.tiePoint : []),
        numbers(.transformation, tags.matrix),
        (TIFFTag.geoKeys.rawValue, 3, tags.keys.count, tags.keys.flatMap { bytes($0) }),
        numbers(.geoNumbers, tags.numbers), (TIFFTag.geoTexts.rawValue, 2, texts.count, texts),
      ].filter { $0.count > 0 }
    let directory = 10
    var values: [UInt8] = []
    let firstValue = directory + 2 + 12 * fields.count + 4
    var entries: [UInt8] = []
    for field in fields {
      entries += bytes(field.tag) + bytes(field.type) + bytes(UInt32(field.count))
      if field.bytes.count <= 4 {
        entries += field.bytes + Array(repeating: 0, count: 4 - field.bytes.count)
      } else {
        entries += bytes(UInt32(firstValue + values.count))
        values += field.bytes + Array(repeating: 0, count: field.bytes.count % 2)
      }
    }
    return [0x49, 0x49, 42, 0] + bytes(UInt32(directory)) + [0, 0]
      + bytes(UInt16(fields.count)) + entries + bytes(UInt32(0)) + values
  }

  private static func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }
}
