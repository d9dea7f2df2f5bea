// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A regular file, read at given places; the length is the one it had when it was opened.
struct ReadOnlyFile: ~Copyable {
  let path: String
  let byteCount: UInt64
  let descriptor: Int32

  /// Opens a file.
  ///
  /// - Parameter followsLinks: whether a symbolic link is followed.
  /// - Throws: `RasterError`, `cannotRead`, or `notTIFF` where the path is no regular file.
  init(path: String, followsLinks: Bool = true) throws(RasterError) {
    // Without O_NONBLOCK a FIFO would make us wait for its writer.
    let descriptor = open(
      path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW))
    guard descriptor >= 0 else {
      if errno == ELOOP { throw .notTIFF(reason: "it is a symbolic link") }
      if errno == ENXIO { throw .notTIFF(reason: "it is a socket, not a regular file") }
      throw .cannotRead(path: path, reason: String(cString: strerror(errno)))
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .notTIFF(reason: "it is not a regular file")
    }
    self.path = path
    self.byteCount = UInt64(status.st_size)
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Fills `bytes` from `offset` on.
  ///
  /// - Throws: `RasterError.cannotRead` where the file ends before.
  func read(into bytes: inout [UInt8], at offset: UInt64) throws(RasterError) {
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes { bytes in
        pread(
          descriptor, bytes.baseAddress.map { $0 + filled }, bytes.count - filled,
          off_t(offset) + off_t(filled))
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        throw .cannotRead(
          path: path,
          reason: count == 0
            ? "it ends at byte \(offset + UInt64(filled))" : String(cString: strerror(errno)))
      }
      filled += count
    }
  }
}
