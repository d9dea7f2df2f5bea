// SPDX-License-Identifier: Apache-2.0

/// Why a raster, a region or an archive was refused, or could not be read or written.
///
/// Each case has a stable ``kind``, and a ``description`` that ends with what to do. A refused file
/// is "it": whoever knows its name for people puts that in front.
public enum RasterError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The bytes are no TIFF, or what was given is no regular file.
  case notTIFF(reason: String)
  /// A size is over a limit; `key` names the limit to raise.
  case tooLarge(reason: String, key: String)
  /// The structure of the file contradicts itself or reaches outside it.
  case malformed(reason: String)
  /// Well formed, but of a sort that is not taken.
  case unsupported(reason: String, remedy: String)
  /// The place on the ground is missing or not usable.
  case georeference(reason: String, remedy: String)
  /// There is no pixel to use.
  case values(reason: String)
  /// The pixels could not be decoded.
  case decodeFailed(reason: String)
  /// What was decoded is not what the file's header promised.
  case decodeMismatch(reason: String)
  /// Nothing can be decoded on this machine as it is.
  case decoderUnavailable(reason: String, remedy: String)
  /// A delivery is not what was ordered.
  case mismatch(what: String, expected: String, found: String)
  /// A file that we own or trust cannot be read.
  case cannotRead(path: String, reason: String)
  /// A file cannot be written.
  case cannotWrite(path: String, reason: String)
  /// An archive of images is not one that can be read.
  case archive(path: String, reason: String)
  /// A coordinate reference system is not known, or two cannot be brought together.
  case referenceSystem(reason: String)

  /// The stable name of the case, as it stands in problem documents.
  public var kind: String {
    switch self {
    case .notTIFF: "raster-not-tiff"
    case .tooLarge: "raster-too-large"
    case .malformed: "raster-malformed"
    case .unsupported: "raster-unsupported"
    case .georeference: "raster-georeference"
    case .values: "raster-values"
    case .decodeFailed: "raster-decode-failed"
    case .decodeMismatch: "raster-decode-mismatch"
    case .decoderUnavailable: "decoder-unavailable"
    case .mismatch: "raster-mismatch"
    case .cannotRead: "raster-cannot-read"
    case .cannotWrite: "raster-cannot-write"
    case .archive: "archive-malformed"
    case .referenceSystem: "crs-unknown"
    }
  }

  /// What failed, with the value; a sentence's body without its end.
  public var reason: String {
    switch self {
    case .notTIFF(let reason), .malformed(let reason), .values(let reason),
      .decodeFailed(let reason), .referenceSystem(let reason):
      reason
    case .decodeMismatch(let reason): "what was decoded is not what its header promised: \(reason)"
    case .decoderUnavailable(let reason, _): "rasters cannot be decoded here: \(reason)"
    case .tooLarge(let reason, _): reason
    case .unsupported(let reason, _), .georeference(let reason, _): reason
    case .mismatch(let what, let expected, let found):
      "the delivery's \(what) is \(found), and the order is for \(expected)"
    case .cannotRead(let path, let reason): "could not read \(path): \(reason)"
    case .cannotWrite(let path, let reason): "could not write \(path): \(reason)"
    case .archive(let path, let reason): "could not read the archive \(path): \(reason)"
    }
  }

  /// What the person can do; one sentence.
  public var remedy: String {
    switch self {
    case .notTIFF: "Give a GeoTIFF file, or convert with gdal_translate -of GTiff."
    case .tooLarge(_, let key): "Cut or rewrite it with gdal_translate, or raise the limit \(key)."
    case .malformed: "Copy or download the file again, or rewrite it with gdal_translate."
    case .unsupported(_, let remedy), .georeference(_, let remedy),
      .decoderUnavailable(_, let remedy):
      remedy
    case .values: "Give a raster with pixels that are not nodata."
    case .decodeFailed, .decodeMismatch: "The file is damaged: copy or download it again."
    case .mismatch: "Ask the vendor to deliver again."
    case .cannotRead: "Check the path and its permissions, and that it is a GeoTIFF."
    case .cannotWrite: "Check that the folder exists, may be written and has space."
    case .archive: "Copy or download it again, or write it again with tar --format=ustar."
    case .referenceSystem: "Give an EPSG code such as EPSG:32632, or WKT."
    }
  }

  /// What failed, and what to do.
  public var description: String { "\(reason). \(remedy)" }
}
