// SPDX-License-Identifier: Apache-2.0

import Acquisition
import Foundation
import Platform
import Raster

/// A file with a region, as a user names it.
struct RegionFile {
  /// The largest file that is read; 10,000 positions with heights, one number a line, have less.
  static let largestByteCount = 4 << 20

  let path: String

  /// The region, found to be sound.
  ///
  /// - Throws: `RegionError`, or `CommandFailure` where there is no file to read.
  func region() throws -> Region {
    let region = try Region(geoJSON: try bytes())
    try region.checkGeometry()
    return region
  }

  private func bytes() throws -> [UInt8] {
    // Without O_NONBLOCK a FIFO would make us wait for its writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw unreadable(String(cString: strerror(errno)), "Check the path and its permissions")
    }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw unreadable("this is no regular file", "Give a GeoJSON file")
    }
    // One byte more than is taken tells whether there are too many, whatever the file says itself.
    let bytes: Data?
    do {
      bytes = try file.read(upToCount: Self.largestByteCount + 1)
    } catch {
      throw CommandFailure("\(path): it cannot be read. Check the disk.", .inputOutput)
    }
    guard (bytes?.count ?? 0) <= Self.largestByteCount else {
      throw RegionError.unsupported(
        at: "file", what: "it has over \(Self.largestByteCount >> 20) MiB, the most that is read",
        remedy: "Simplify the outline (ogr2ogr -simplify), or leave out what is no outline.")
    }
    return Array(bytes ?? Data())
  }

  private func unreadable(_ reason: String, _ remedy: String) -> CommandFailure {
    CommandFailure("\(path): \(reason). \(remedy).", .noInput)
  }
}
