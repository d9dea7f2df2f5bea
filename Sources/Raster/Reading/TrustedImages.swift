// SPDX-License-Identifier: Apache-2.0

import CGDAL
public import Foundation

/// Images that a person here vouches for: a folder, or a plain `.tar`, of JPEG, PNG or TIFF files.
///
/// This is the path of training and evaluation. Files from outside go through ``Ingest``.
///
/// ```swift
/// let images = try TrustedImages(url: URL(filePath: "eurosat.tar"))
/// let labels = try images.text("labels.tsv")
/// let chip = try images.decode("Forest/Forest_1.jpg")
/// ```
///
/// A value is only names and places: it can be shared by the threads of a pool, each decoding.
public struct TrustedImages: Sendable {
  private enum Source {
    case folder(URL)
    case tar(path: String, members: [String: TarIndex.Member])
  }

  /// The names of all files: in the archive's order, or sorted.
  public let names: [String]
  private let source: Source
  private let path: String

  /// Lists a folder or an archive.
  ///
  /// - Throws: `RasterError`, `cannotRead` or `archive`.
  public init(url: URL) throws(RasterError) {
    path = url.path
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue
    {
      let all = FileManager.default.enumerator(atPath: url.path)?.compactMap { $0 as? String }
      names = (all ?? []).sorted()
      source = .folder(url)
    } else {
      let index = try TarIndex(path: url.path)
      names = index.members.map(\.name)
      source = .tar(
        path: index.path,
        members: Dictionary(index.members.map { ($0.name, $0) }, uniquingKeysWith: { $1 }))
    }
  }

  /// The pixels of an image, red, green and blue or grey, without any alpha band.
  ///
  /// - Throws: `RasterError.cannotRead` where there is no such file, it is no JPEG, PNG or TIFF of
  ///   8 bits, or it cannot be decoded.
  public func decode(_ name: String) throws(RasterError) -> Window<UInt8> {
    let (handle, messages) = GDAL.open(try location(name), drivers: ["JPEG", "PNG", "GTiff"])
    guard let handle else {
      throw .cannotRead(path: shown(name), reason: messages.text())
    }
    defer { _ = GDAL.listen { GDALClose(handle) } }
    var bandCount = GDALGetRasterCount(handle)
    let last = GDALGetRasterBand(handle, bandCount)
    if bandCount > 1, GDALGetRasterColorInterpretation(last) == GCI_AlphaBand { bandCount -= 1 }
    guard GDALGetRasterDataType(last) == GDT_Byte else {
      throw .cannotRead(path: shown(name), reason: "its samples are not 8-bit integers")
    }
    let (width, height) = (GDALGetRasterXSize(handle), GDALGetRasterYSize(handle))
    var samples = [UInt8](repeating: 0, count: Int(width) * Int(height) * Int(bandCount))
    let (result, complaints) = GDAL.listen {
      GDALDatasetRasterIOEx(
        handle, GF_Read, 0, 0, width, height, &samples, width, height, GDT_Byte, bandCount, nil, 0,
        0, 0, nil)
    }
    guard result == CE_None, !complaints.hasFailure else {
      throw .cannotRead(path: shown(name), reason: complaints.text())
    }
    return Window(
      bandCount: Int(bandCount), height: Int(height), width: Int(width), samples: samples)
  }

  /// The bytes of a file.
  ///
  /// - Throws: `RasterError.cannotRead`.
  public func bytes(_ name: String) throws(RasterError) -> [UInt8] {
    let member: (path: String, offset: UInt64, byteCount: Int)
    switch source {
    case .folder(let url):
      let path = url.appending(path: name).path
      member = (path, 0, Int(try ReadOnlyFile(path: path).byteCount))
    case .tar(let path, let members):
      guard let entry = members[name] else { throw missing(name) }
      member = (path, entry.offset, entry.byteCount)
    }
    let file = try ReadOnlyFile(path: member.path)
    var bytes = [UInt8](repeating: 0, count: member.byteCount)
    try file.read(into: &bytes, at: member.offset)
    return bytes
  }

  /// A file as UTF-8 text, such as `labels.tsv`.
  ///
  /// - Throws: `RasterError.cannotRead`.
  public func text(_ name: String) throws(RasterError) -> String {
    guard let text = String(bytes: try bytes(name), encoding: .utf8) else {
      throw .cannotRead(path: shown(name), reason: "it is not UTF-8 text")
    }
    return text
  }

  /// The name under which GDAL finds a file.
  private func location(_ name: String) throws(RasterError) -> String {
    switch source {
    case .folder(let url): return url.appending(path: name).path
    case .tar(let path, let members):
      guard let member = members[name] else { throw missing(name) }
      // Faster than /vsitar/, which looks through the archive's list for each file.
      return "/vsisubfile/\(member.offset)_\(member.byteCount),\(path)"
    }
  }

  private func missing(_ name: String) -> RasterError {
    .cannotRead(path: shown(name), reason: "there is no such member")
  }

  private func shown(_ name: String) -> String { "\(path)/\(name)" }
}
