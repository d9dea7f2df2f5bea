// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform
import Raster
import Wire

/// The one way in for scenes: uploads and files of the watched folder alike are read to the last
/// pixel, and kept as clean copies.
struct SceneIntake: Sendable {
  let scenes: SceneStore
  let state: StateDirectory
  let settings: Settings
  let decoder: RasterDecoder
  /// Where rasters are read, which blocks.
  let pool: ComputePool
  let now: @Sendable () -> Date

  /// How large a scene may be, at present.
  var limits: IngestLimits { settings.current.sceneLimits }

  /// Takes a file in; the same bytes give the scene that is there already.
  ///
  /// The file itself is only read.
  ///
  /// - Parameter name: what people call it.
  /// - Throws: `RasterError` about the file, `StoreError`, `PlatformError`.
  func add(_ file: URL, name: String) async throws -> (record: SceneRecord, isNew: Bool) {
    try await scenes.add(try await ingest(file, name: name))
  }

  /// Makes the clean copy under the name that the bytes' own digest gives.
  private func ingest(_ file: URL, name: String) async throws -> StoredScene {
    let (state, limits, addedAt) = (state, limits, now())
    return try await pool.run { [decoder] in
      let clean = state.newUpload()
      // It has been renamed, or the start of the next daemon removes it.
      defer { try? FileManager.default.removeItem(at: clean) }
      let size = try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int64
      let facts = try Ingest.scene(file, cleanCopy: clean, limits: limits, decoder: decoder)
      let id = String(facts.sourceDigest.prefix(16))
      if !FileManager.default.fileExists(atPath: state.scene(id).path) {
        try DurableFile.publish(clean, as: state.scene(id))
      }
      return StoredScene(
        record: SceneRecord(
          id: id, name: name, sha256: facts.sourceDigest, byteCount: size ?? 0, addedAt: addedAt,
          crs: facts.layout.crs, columnCount: facts.layout.width, rowCount: facts.layout.height,
          pixelSizeMetres: facts.pixelSizeMetres, bandCount: facts.layout.bandCount,
          bounds: facts.layout.extent, footprint: RegionDocument(facts.footprint),
          acquiredAt: facts.acquiredAt), facts: facts)
    }
  }

  /// Refuses a file that would leave the disk too full for purchases: it is on it twice for a time.
  ///
  /// - Throws: `ProblemDocument`, 507.
  func checkSpace(forByteCount byteCount: UInt64) throws {
    let free = try DiskSpace.freeByteCount(at: state.root)
    let needed = 2 * byteCount + settings.current.keptFreeByteCount
    guard free < needed else { return }
    throw ProblemDocument(
      "no-space", status: 507, title: "No space",
      detail: "The state directory's disk has \(free) bytes free, and the file needs \(needed), "
        + "with what is kept free for purchases.",
      do: "Make room on the disk of the state directory, or lower limits.free_bytes.")
  }

  /// A name that people may see, or nil: what is after the last slash, printable, 1 to 200 bytes.
  ///
  /// Blanks alone are no name, and what turns the direction of writing makes another of it.
  static func name(_ given: String) -> String? {
    let name = given.split(separator: "/").last.map(String.init) ?? ""
    let isPrintable = name.unicodeScalars.allSatisfy { scalar in
      let kind = scalar.properties.generalCategory
      return ![.control, .lineSeparator, .paragraphSeparator].contains(kind)
        && !scalar.properties.isBidiControl
    }
    let isBlank = name.allSatisfy(\.isWhitespace)
    return isPrintable && !isBlank && name.utf8.count <= 200 ? name : nil
  }
}
