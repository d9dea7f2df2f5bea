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
      \(Self.shown(file.lastPathComponent)) is no scene: \(reason.reason).
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

  /// The longest stem of a name, so that there is room for what is added to it.
  private static let stemBytes = 180

  /// `a.tif`, or `a-2.tif` where there is one; a name that is too long for more is cut.
  private func freePlace(for file: URL) -> URL {
    let type = file.pathExtension
    let ending = type.isEmpty || type.utf8.count > 16 ? "" : ".\(type)"
    var stem = String(file.lastPathComponent.dropLast(ending.count))
    while stem.utf8.count > Self.stemBytes { stem.removeLast() }
    var place = url.appending(path: stem + ending)
    var number = 2
    while isTaken(place) {
      place = url.appending(path: "\(stem)-\(number)" + ending)
      number += 1
    }
    return place
  }

  /// A name as a person may safely read it on a terminal.
  private static func shown(_ name: String) -> String {
    name.unicodeScalars.map { scalar in
      scalar.properties.generalCategory == .control || scalar.properties.isBidiControl
        ? scalar.escaped(asASCII: true) : String(scalar)
    }.joined()
  }

  private func isTaken(_ place: URL) -> Bool {
    // Attributes can be had of whatever is there, a link that leads nowhere among them.
    (try? FileManager.default.attributesOfItem(atPath: place.path)) != nil
  }
}
