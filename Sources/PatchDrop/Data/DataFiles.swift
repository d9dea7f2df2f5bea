// SPDX-License-Identifier: Apache-2.0

import Foundation
import Raster

/// The files of a data set, seen from the folder in which its tables or classes stand.
///
/// Archives often have one folder around everything, or two; that changes nothing.
struct DataFiles: Sendable {
  /// The folder or the archive, for people.
  let path: String
  let images: TrustedImages
  /// What stands in front of the names: empty, or ending in a slash.
  private let root: String
  /// All files but hidden ones, from the root on; sorted.
  let names: [String]
  /// All folders but hidden ones, from the root on.
  let folders: [String]

  /// What may be an image; some cannot be decoded, and are then named as unreadable.
  private static let imageEndings: Set<String> = [
    "bmp", "gif", "jp2", "jpeg", "jpg", "pgm", "png", "ppm", "tif", "tiff", "webp",
  ]

  /// Lists a folder or an archive.
  ///
  /// - Throws: `DataSetError.cannotRead`; `RasterError.archive`.
  init(url: URL) throws {
    images = try Self.reading { () throws(RasterError) in try TrustedImages(url: url) }
    path = url.path
    let visible = images.names.filter { !Self.isHidden($0) }
    var root = ""
    while let folder = Self.onlyFolder(of: visible, below: root) { root += folder + "/" }
    self.root = root
    names = visible.filter { $0.hasPrefix(root) }.map { String($0.dropFirst(root.count)) }.sorted()
    folders = images.folders.filter { $0.hasPrefix(root) && !Self.isHidden($0) }
      .map { String($0.dropFirst(root.count)) }
  }

  /// The only folder below `root`, if all that matters is in it and it is no class or split.
  private static func onlyFolder(of names: [String], below root: String) -> String? {
    var only: Substring?
    for name in names where name.hasPrefix(root) && matters(name) {
      let parts = name.dropFirst(root.count).split(separator: "/", maxSplits: 2)
      guard parts.count > 1, only == nil || only == parts[0] else { return nil }
      // A folder with images right inside is a class.
      if parts.count == 2, isImage(name) { return nil }
      only = parts[0]
    }
    guard let only, DataSplit.ofFolder[String(only)] == nil else { return nil }
    return String(only)
  }

  private static func matters(_ name: String) -> Bool {
    isImage(name) || ["bin", "csv", "tsv"].contains(ending(name))
  }

  static func isImage(_ name: String) -> Bool { imageEndings.contains(ending(name)) }

  private static func ending(_ name: String) -> String {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return "" }
    return name[dot...].dropFirst().lowercased()
  }

  private static func isHidden(_ name: String) -> Bool {
    name.hasPrefix(".") || name.contains("/.")
  }

  /// A table or a list of names beside the images.
  func text(_ name: String) throws -> String {
    let text = try Self.reading { () throws(RasterError) in try images.text(root + name) }
    // Spreadsheets like to put a mark in front of UTF-8.
    return text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
  }

  func byteCount(_ name: String) throws -> Int {
    try Self.reading { () throws(RasterError) in try images.byteCount(root + name) }
  }

  /// Says what cannot be read without taking it for a raster.
  private static func reading<Value>(_ body: () throws(RasterError) -> Value) throws -> Value {
    do throws(RasterError) {
      return try body()
    } catch .cannotRead(let path, let reason) {
      throw DataSetError.cannotRead(path: path, reason: reason)
    } catch {
      throw error
    }
  }

  func bytes(_ name: String, _ range: Range<Int>) throws(RasterError) -> [UInt8] {
    try images.bytes(root + name, range)
  }

  func decode(_ name: String) throws(RasterError) -> Window<UInt8> {
    try images.decode(root + name)
  }
}
