// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform

/// What changes when a file does; of the name itself, no link is followed.
struct FileStamp: Sendable, Equatable {
  let isRegular: Bool
  let owner: UInt32
  let modifiedAt: Date
  let byteCount: UInt64
  private let device: UInt64
  private let number: UInt64

  /// Looks at a name; nil for a folder, and where there is nothing.
  init?(_ file: URL) {
    var status = stat()
    guard lstat(file.path, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else { return nil }
    isRegular = status.st_mode & S_IFMT == S_IFREG
    owner = status.st_uid
    let time = status.st_mtim
    modifiedAt = Date(
      timeIntervalSince1970: Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000)
    device = UInt64(status.st_dev)
    number = UInt64(status.st_ino)
    byteCount = UInt64(status.st_size)
  }

  /// Removes the file, unless it has become another one meanwhile.
  func remove(_ file: URL) throws(PlatformError) {
    guard FileStamp(file) == self else { return }
    guard unlink(file.path) == 0 else {
      throw .file(
        step: "remove the file", path: file.path, reason: String(cString: strerror(errno)))
    }
  }
}
