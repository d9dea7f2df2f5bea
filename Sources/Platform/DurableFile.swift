// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// Files that are whole or absent after a crash: temporary name, fsync, rename, fsync of the folder.
///
/// ```swift
/// try DurableFile.write(data, to: url)
/// ```
public enum DurableFile {
  /// Writes `data` to `url`; after a crash the file holds the old bytes or all the new ones.
  public static func write(_ data: Data, to url: URL) throws(PlatformError) {
    let temporary = temporaryURL(for: url)
    let descriptor = open(temporary.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .last("create", temporary.path) }
    defer { close(descriptor) }
    var offset = 0
    while offset < data.count {
      let written = data.withUnsafeBytes { bytes in
        Foundation.write(
          descriptor, bytes.baseAddress.map { $0 + offset }, data.count - offset)
      }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else {
        let error = PlatformError.last("write", temporary.path)
        unlink(temporary.path)
        throw error
      }
      offset += written
    }
    try publish(temporary, as: url)
  }

  /// The name under which a file is made before it is published: in the same folder, so that the
  /// rename is atomic, with an ending that no reader looks for.
  public static func temporaryURL(for url: URL) -> URL {
    url.deletingLastPathComponent().appending(
      path: ".\(url.lastPathComponent).\(UUID().uuidString.prefix(8)).part")
  }

  /// Syncs a finished file, renames it to `url` and syncs the folder.
  public static func publish(_ temporary: URL, as url: URL) throws(PlatformError) {
    try sync(temporary.path, flags: O_RDONLY)
    guard rename(temporary.path, url.path) == 0 else {
      throw .last("rename to \(url.path) the file", temporary.path)
    }
    try syncFolder(url.deletingLastPathComponent())
  }

  /// Makes the names in a folder durable.
  public static func syncFolder(_ folder: URL) throws(PlatformError) {
    try sync(folder.path, flags: O_RDONLY | O_DIRECTORY)
  }

  /// Creates a folder, with its parents, readable by its owner and group only.
  public static func createFolder(_ folder: URL) throws(PlatformError) {
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
    } catch {
      throw .file(
        step: "create the folder", path: folder.path, reason: error.localizedDescription)
    }
  }

  private static func sync(_ path: String, flags: Int32) throws(PlatformError) {
    let descriptor = open(path, flags | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last("open", path) }
    defer { close(descriptor) }
    // A failed fsync is never tried again: the kernel may have dropped the pages.
    guard fsync(descriptor) == 0 else { throw .last("sync", path) }
  }
}
