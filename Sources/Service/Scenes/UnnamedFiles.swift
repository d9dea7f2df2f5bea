// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform

/// Files whose names are no UTF-8, so that text cannot hold them and no other code here sees them.
enum UnnamedFiles {
  /// Gives each such file of a folder a name that is text: `_` for each byte that is none.
  ///
  /// A file stays as it is where that name is taken. Blocks.
  static func name(in folder: URL) throws(PlatformError) {
    guard let listing = opendir(folder.path) else {
      throw .file(
        step: "list the folder", path: folder.path, reason: String(cString: strerror(errno)))
    }
    defer { closedir(listing) }
    var found: [[UInt8]] = []
    while let entry = readdir(listing) {
      let bytes = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if String(validating: bytes, as: UTF8.self) == nil { found.append(bytes) }
    }
    let prefix = Array((folder.path + "/").utf8)
    for bytes in found {
      let text = String(decoding: bytes, as: UTF8.self).replacing("\u{FFFD}", with: "_")
      let place = folder.appending(path: text).path
      var status = stat()
      guard lstat(place, &status) != 0 else { continue }
      let old = (prefix + bytes + [0]).map { CChar(bitPattern: $0) }
      guard rename(old, place) == 0 else {
        throw .file(
          step: "rename the file", path: place, reason: String(cString: strerror(errno)))
      }
    }
  }
}
