// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// How much room a disk has.
public enum DiskSpace {
  /// The bytes that a process without privileges may still write below `folder`.
  ///
  /// - Throws: `PlatformError.file`.
  public static func freeByteCount(at folder: URL) throws(PlatformError) -> UInt64 {
    var status = statvfs()
    guard statvfs(folder.path, &status) == 0 else {
      throw .last("ask for the free space of", folder.path)
    }
    return UInt64(status.f_bavail) * UInt64(status.f_frsize)
  }
}
