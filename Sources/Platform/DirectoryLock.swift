// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// An exclusive lock on a directory, held as long as the value lives.
///
/// The kernel frees it when the process ends, so a lock cannot be stale. It is `flock` on a file
/// of its own: closing any descriptor of a database file would drop SQLite's locks.
public struct DirectoryLock: ~Copyable {
  private let descriptor: Int32

  /// Takes the lock on `file` and writes this process's id into it.
  ///
  /// - Throws: `PlatformError.locked` naming the process that holds it.
  public init(file: URL) throws(PlatformError) {
    let descriptor = open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else { throw .last("open the lock", file.path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      var text = [UInt8](repeating: 0, count: 32)
      let count = max(0, pread(descriptor, &text, text.count, 0))
      let pid = String(decoding: text[..<count], as: UTF8.self)
        .trimmingCharacters(in: .whitespacesAndNewlines)
      close(descriptor)
      throw .locked(
        path: file.deletingLastPathComponent().path,
        holder: pid.isEmpty ? "another process" : "process \(pid)")
    }
    let pid = Array("\(getpid())\n".utf8)
    guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, pid, pid.count, 0) == pid.count else {
      let error = PlatformError.last("write", file.path)
      close(descriptor)
      throw error
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }
}
