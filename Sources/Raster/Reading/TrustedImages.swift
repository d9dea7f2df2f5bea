// SPDX-License-Identifier: Apache-2.0

import CGDAL
public import Foundation
import Platform

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
  /// The names of the folders, as far as the archive lists them.
  public let folders: [String]
  /// A SHA-256 of all names, sizes and times of change: another one means that something changed.
  public let fingerprint: String
  private let source: Source
  private let path: String

  /// Lists a folder or an archive.
  ///
  /// - Throws: `RasterError`, `cannotRead` or `archive`.
  public init(url: URL) throws(RasterError) {
    path = url.path
    guard let kind = FileKind(path: url.path) else {
      throw .cannotRead(path: url.path, reason: "there is no such file or folder")
    }
    if kind.isFolder {
      let listing = try FolderListing(path: url.path)
      names = listing.files.map(\.name)
      folders = listing.folders
      fingerprint = Digest.sha256(
        Data(listing.files.map { "\($0.name)\t\($0.stamp)\n" }.joined().utf8))
      source = .folder(url)
    } else {
      let index = try TarIndex(path: url.path)
      // Of a name that was added again, the last one counts.
      var members: [String: TarIndex.Member] = [:]
      names = index.members.compactMap {
        members.updateValue($0, forKey: $0.name) == nil ? $0.name : nil
      }
      folders = index.folders
      fingerprint = Digest.sha256(Data(kind.stamp.utf8))
      source = .tar(path: index.path, members: members)
    }
  }

  /// One image alone; nothing beside it is listed.
  ///
  /// - Throws: `RasterError.cannotRead` where there is no such file.
  public init(image url: URL) throws(RasterError) {
    guard let kind = FileKind(path: url.path), !kind.isFolder else {
      throw .cannotRead(path: url.path, reason: "there is no such file")
    }
    path = url.deletingLastPathComponent().path
    names = [url.lastPathComponent]
    folders = []
    fingerprint = Digest.sha256(Data(kind.stamp.utf8))
    source = .folder(url.deletingLastPathComponent())
  }

  /// The pixels of an image, red, green and blue or grey, without any alpha band; colours that a
  /// file keeps in a table are looked up.
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
    // GDAL only warns, and leaves the rest of the image grey.
    guard !complaints.texts.contains(where: { $0.contains("Premature end") }) else {
      throw .cannotRead(path: shown(name), reason: "its end is missing")
    }
    let window = Window(
      bandCount: Int(bandCount), height: Int(height), width: Int(width), samples: samples)
    guard bandCount == 1, let colours = GDALGetRasterColorTable(last) else { return window }
    return window.looked(up: colours)
  }

  /// The bytes of a file.
  ///
  /// - Throws: `RasterError.cannotRead`.
  public func bytes(_ name: String) throws(RasterError) -> [UInt8] {
    try bytes(name, 0..<byteCount(name))
  }

  /// Some of the bytes of a file.
  ///
  /// - Throws: `RasterError.cannotRead`, also where the file ends before.
  public func bytes(_ name: String, _ range: Range<Int>) throws(RasterError) -> [UInt8] {
    let place = try place(name)
    guard range.upperBound <= place.byteCount ?? Int.max else {
      throw .cannotRead(path: shown(name), reason: "it ends before byte \(range.upperBound)")
    }
    let file = try ReadOnlyFile(path: place.path)
    var bytes = [UInt8](repeating: 0, count: range.count)
    try file.read(into: &bytes, at: place.offset + UInt64(range.lowerBound))
    return bytes
  }

  /// The length of a file in bytes.
  ///
  /// - Throws: `RasterError.cannotRead`.
  public func byteCount(_ name: String) throws(RasterError) -> Int {
    let place = try place(name)
    if let byteCount = place.byteCount { return byteCount }
    return Int(try ReadOnlyFile(path: place.path).byteCount)
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

  /// Where a file's bytes lie; the length is that of the whole file where it is nil.
  private func place(
    _ name: String
  ) throws(RasterError) -> (path: String, offset: UInt64, byteCount: Int?) {
    switch source {
    case .folder(let url): return (url.appending(path: name).path, 0, nil)
    case .tar(let path, let members):
      guard let member = members[name] else { throw missing(name) }
      return (path, member.offset, member.byteCount)
    }
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

extension Window where Sample == UInt8 {
  /// Red, green and blue of one band that counts colours of a table.
  fileprivate func looked(up table: GDALColorTableH) -> Window {
    var planes = [UInt8](repeating: 0, count: 3 * 256)
    for index in 0..<min(256, GDALGetColorEntryCount(table)) {
      guard let entry = GDALGetColorEntry(table, index)?.pointee else { continue }
      for (band, value) in [entry.c1, entry.c2, entry.c3].enumerated() {
        planes[band * 256 + Int(index)] = UInt8(clamping: value)
      }
    }
    return Window(
      bandCount: 3, height: height, width: width,
      samples: (0..<3).flatMap { band in samples.map { planes[band * 256 + Int($0)] } })
  }
}
