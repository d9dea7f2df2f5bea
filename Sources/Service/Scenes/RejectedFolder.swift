// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform
import Raster

/// The folder beside the watched one with the files that are no scenes, each with its reason.
struct RejectedFolder {
  private let url: URL

  /// The folder beside `incoming`; it is made when something is put into it.
  init(beside incoming: URL) {
    url = incoming.deletingLastPathComponent().appending(
      path: "rejected", directoryHint: .isDirectory)
  }

  /// Writes `FILE.reason.txt` and moves the file beside it; no other file is replaced.
  ///
  /// - Returns: where the file is now.
  func take(_ file: URL, _ reason: RasterError) throws -> URL {
    try DurableFile.createFolder(url)
    let place = freePlace(for: file)
    let note = URL(filePath: place.path + ".reason.txt")
    let text = """
      \(file.lastPathComponent) is no scene: \(reason.reason).
      \(reason.remedy)
      Then put it into \(file.deletingLastPathComponent().path) again.

      """
    try DurableFile.write(Data(text.utf8), to: note)
    // For the group, whose folder this is: the service's mask keeps others out of new files.
    chmod(note.path, 0o640)
    guard rename(file.path, place.path) == 0 else {
      throw PlatformError.file(
        step: "move to \(url.path) the file", path: file.path,
        reason: String(cString: strerror(errno)))
    }
    return place
  }

  /// `a.tif`, or `a-2.tif` where there is one.
  private func freePlace(for file: URL) -> URL {
    let (stem, type) = (file.deletingPathExtension().lastPathComponent, file.pathExtension)
    var place = url.appending(path: file.lastPathComponent)
    var number = 2
    while isTaken(place) {
      place = url.appending(path: "\(stem)-\(number)" + (type.isEmpty ? "" : ".\(type)"))
      number += 1
    }
    return place
  }

  private func isTaken(_ place: URL) -> Bool {
    // Attributes can be had of whatever is there, a link that leads nowhere among them.
    (try? FileManager.default.attributesOfItem(atPath: place.path)) != nil
  }
}
