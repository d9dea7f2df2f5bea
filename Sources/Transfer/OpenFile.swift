// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A file descriptor, closed when the last of those who share it lets go: the caller of a transfer
/// and the transfer thread.
final class OpenFile: Sendable {
  let descriptor: Int32

  /// - Throws: `TransferError.file`.
  init(_ url: URL, _ flags: Int32, step: String) throws(TransferError) {
    descriptor = open(url.path, flags | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else {
      throw .file(
        reason: "could not \(step) \(url.path): \(String(cString: strerror(errno))). Check the "
          + "path, its owner and the space left.")
    }
  }

  deinit { close(descriptor) }

  /// The length in bytes.
  var byteCount: Int64 {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
  }
}
