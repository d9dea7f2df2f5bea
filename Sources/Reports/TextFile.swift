// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform

/// A text that is written as it grows, and has its name only when it is whole and safe.
///
/// Without ``finish()`` no file remains.
struct TextFile: ~Copyable {
  private let url: URL
  private let temporary: URL
  /// Nil once the file is finished.
  private var file: FileHandle?
  private var pending = Data()

  private static let pieceByteCount = 256 << 10

  /// Begins a file.
  init(_ url: URL) throws(PlatformError) {
    let temporary = DurableFile.temporaryURL(for: url)
    guard FileManager.default.createFile(atPath: temporary.path, contents: nil),
      let file = FileHandle(forWritingAtPath: temporary.path)
    else {
      throw .file(step: "create", path: url.path, reason: "the folder cannot be written")
    }
    self.url = url
    self.temporary = temporary
    self.file = file
  }

  /// Adds text at the end.
  mutating func append(_ text: String) throws(PlatformError) {
    pending.append(contentsOf: text.utf8)
    if pending.count >= Self.pieceByteCount { try write() }
  }

  private mutating func write() throws(PlatformError) {
    do {
      try file?.write(contentsOf: pending)
    } catch {
      throw .file(step: "write", path: url.path, reason: error.localizedDescription)
    }
    pending.removeAll(keepingCapacity: true)
  }

  /// Completes the file, makes it durable and gives it its name.
  consuming func finish() throws(PlatformError) {
    try write()
    try DurableFile.publish(temporary, as: url)
    file = nil
  }

  deinit {
    // Published files have no handle; what is left here was abandoned.
    guard file != nil else { return }
    unlink(temporary.path)
  }
}
