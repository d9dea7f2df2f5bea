// SPDX-License-Identifier: Apache-2.0

import Foundation

/// `CLASS/NAME.ext`: the folders are the classes, the splits are made.
struct ClassFolderLayout {
  private let files: DataFiles

  /// Nil where no image lies in a folder.
  init?(_ files: DataFiles) {
    guard files.names.contains(where: { DataFiles.isImage($0) && $0.contains("/") }) else {
      return nil
    }
    self.files = files
  }

  /// Images in no folder, and so of no class.
  var strays: [String] { files.names.filter { DataFiles.isImage($0) && !$0.contains("/") } }

  func images() throws -> [DataListing.Image] {
    let images = files.names.filter { DataFiles.isImage($0) && $0.contains("/") }.map { name in
      DataListing.Image(
        path: name, className: String(name.prefix { $0 != "/" }), split: nil, place: .file(name))
    }
    try files.checkFolders(of: images, depth: 1)
    return images
  }
}

/// ImageNet's folders `train/CLASS/NAME.ext` and `val/CLASS/NAME.ext` (or `test`).
struct SplitFolderLayout {
  private let files: DataFiles
  private let parts: [(split: String, path: String, className: String)]

  /// Nil where images lie in other folders too, or in none of these.
  init?(_ files: DataFiles) {
    parts = files.names.filter(DataFiles.isImage).compactMap { name in
      let parts = name.split(separator: "/", maxSplits: 2)
      guard parts.count == 3 else { return nil }
      return (String(parts[0]), name, String(parts[1]))
    }
    guard let first = parts.first, DataSplit.ofFolder[first.split] != nil,
      parts.allSatisfy({ DataSplit.ofFolder[$0.split] != nil })
    else { return nil }
    self.files = files
  }

  func images() throws -> [DataListing.Image] {
    let splits = DataSplit.ofFolders(Set(parts.map(\.split)))
    // The published validation images lie in one folder, and their labels elsewhere.
    for name in files.names.filter(DataFiles.isImage) {
      let parts = name.split(separator: "/", maxSplits: 2)
      guard parts.count == 2, DataSplit.ofFolder[String(parts[0])] != nil else { continue }
      throw DataSetError.unsorted(path: files.path, image: name, folder: String(parts[0]))
    }
    let listed = parts.map { part in
      DataListing.Image(
        path: part.path, className: part.className, split: splits[part.split],
        place: .file(part.path))
    }
    try files.checkFolders(of: listed, depth: 2)
    return listed
  }
}

extension DataFiles {
  /// Refuses a class's folder without any image, which would otherwise go unnoticed.
  fileprivate func checkFolders(of images: [DataListing.Image], depth: Int) throws(DataSetError) {
    func folder(_ name: String) -> String? {
      let parts = name.split(separator: "/")
      return parts.count < depth ? nil : parts[..<depth].joined(separator: "/")
    }
    // Not every archive lists its folders, and not every folder has a file.
    let parents = Set(names.map { $0.split(separator: "/").dropLast().joined(separator: "/") })
    let all = Set(parents.union(folders).compactMap(folder))
    let used = Set(images.compactMap { folder($0.path) })
    for folder in all.subtracting(used).sorted() {
      let parent = folder.prefix { $0 != "/" }
      guard depth == 1 || DataSplit.ofFolder[String(parent)] != nil else { continue }
      throw .emptyClass(path: path, name: folder, reason: "has no images")
    }
  }
}
