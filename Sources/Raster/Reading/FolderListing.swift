// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What stands at a path, links followed.
struct FileKind: Hashable, Sendable {
  let isFolder: Bool
  let isRegularFile: Bool
  /// Size and time of change: both stay where a file was not touched.
  let stamp: String
  /// The same for two paths of one file or folder.
  let identity: [UInt64]

  /// Nil where there is nothing.
  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    isFolder = status.st_mode & S_IFMT == S_IFDIR
    isRegularFile = status.st_mode & S_IFMT == S_IFREG
    stamp = "\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    identity = [UInt64(status.st_dev), UInt64(status.st_ino)]
  }
}

/// All files below a folder, links to files and folders followed, each folder once.
struct FolderListing: Sendable {
  /// Sorted by name.
  private(set) var files: [(name: String, stamp: String)] = []
  /// Sorted.
  private(set) var folders: [String] = []

  /// Lists a folder.
  ///
  /// - Throws: `RasterError.cannotRead` where it or one below cannot be listed.
  init(path: String) throws(RasterError) {
    var waiting = [""]
    // A link to a folder above would otherwise be followed without an end.
    var seen: Set<[UInt64]> = []
    if let kind = FileKind(path: path) { seen.insert(kind.identity) }
    while let folder = waiting.popLast() {
      let entries: [String]
      do {
        entries = try FileManager.default.contentsOfDirectory(atPath: path + "/" + folder)
      } catch {
        throw .cannotRead(path: path + "/" + folder, reason: error.localizedDescription)
      }
      for entry in entries {
        let name = folder.isEmpty ? entry : folder + "/" + entry
        guard let kind = FileKind(path: path + "/" + name) else {
          // A link to nothing: whoever wants to read it will be told.
          files.append((name, "nothing"))
          continue
        }
        if kind.isRegularFile {
          files.append((name, kind.stamp))
        } else if kind.isFolder, seen.insert(kind.identity).inserted {
          folders.append(name)
          waiting.append(name)
        }
      }
    }
    files.sort { $0.name < $1.name }
    folders.sort()
  }
}
