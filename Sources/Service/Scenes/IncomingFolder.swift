// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Platform
import Raster
import ServiceLifecycle
import Wire

/// The watched folder: each complete file that is put into it becomes a scene, and goes.
///
/// A file is complete when its size and time have stayed the same for a while; one that is moved in
/// has an old time, and is taken at the next look. Names that begin with a dot or end in `.part` or
/// `.tmp` are still being written. A file that is no scene goes to the folder `rejected` beside this
/// one, with the reason. Where the daemon itself is at fault the file stays, and is tried again.
struct IncomingFolder: Service {
  /// The time between two looks.
  private static let period = Duration.seconds(1)
  /// How long a file rests that could not be taken for a reason that is not its own.
  private static let pause = Duration.seconds(60)

  let intake: SceneIntake
  let settings: Settings
  /// Where folders are read, which blocks.
  let pool: ComputePool
  let health: Health
  let logger: Logger
  var period = Self.period

  /// What was seen of a file, so that it can be told whether it has changed.
  private struct Sight {
    let name: String
    let stamp: FileStamp
    var since: ContinuousClock.Instant
    /// When it may be tried again.
    var notBefore: ContinuousClock.Instant
  }

  /// What was seen of each file, by the bytes of its name: texts are equal where only their bytes
  /// differ, as a composed and a decomposed é do, and yet are two files.
  private typealias Sights = [[UInt8]: Sight]

  func run() async {
    var sights: Sights = [:]
    while true {
      // Cut short by a stop, which the next line sees.
      try? await cancelWhenGracefulShutdown { [period] in try await Task.sleep(for: period) }
      if Task.isShuttingDownGracefully || Task.isCancelled { return }
      await look(&sights)
    }
  }

  private func look(_ sights: inout Sights) async {
    let folder = settings.current.incomingFolder
    let files: [(name: String, stamp: FileStamp)]
    do {
      files = try await pool.run { try Self.files(in: folder) }
      if health.report(.incoming, problem: nil) { logger.notice("the watched folder is back") }
    } catch {
      let problem = "\(folder.path) cannot be watched: \(error)"
      if !Task.isCancelled, health.report(.incoming, problem: problem) {
        logger.error("the watched folder cannot be read", metadata: ["error": "\(error)"])
      }
      return
    }
    let now = ContinuousClock.now
    var seen: Sights = [:]
    for (name, stamp) in files {
      let key = Array(name.utf8)
      let known = sights[key].flatMap { $0.stamp == stamp ? $0 : nil }
      seen[key] = known ?? Sight(name: name, stamp: stamp, since: now, notBefore: now)
    }
    for (key, sight) in seen.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      guard !Task.isShuttingDownGracefully, sight.notBefore <= now,
        isComplete(sight, at: now)
      else { continue }
      let isDone = await take(folder.appending(path: sight.name), sight.stamp)
      if isDone { seen[key] = nil } else { seen[key]?.notBefore = .now + Self.pause }
    }
    sights = seen
  }

  private func isComplete(_ sight: Sight, at now: ContinuousClock.Instant) -> Bool {
    let settled = Duration.seconds(settings.current.settleSeconds)
    let age = intake.now().timeIntervalSince(sight.stamp.modifiedAt)
    return !sight.stamp.isRegular || age >= settled / .seconds(1) || now - sight.since >= settled
  }

  /// Makes a scene of a file, or puts it aside; false where it is to be tried again after a while.
  private func take(_ file: URL, _ stamp: FileStamp) async -> Bool {
    let actor = "uid:\(stamp.owner)"
    do {
      guard stamp.isRegular else {
        throw RasterError.notTIFF(reason: "it is no file of its own but a link or a device")
      }
      guard let name = SceneIntake.name(file.lastPathComponent) else {
        throw RasterError.unsupported(
          reason: "its name is not 1 to 200 bytes of printable text",
          remedy: "Give it another name.")
      }
      guard access(file.path, R_OK) == 0 || errno != EACCES else {
        throw RasterError.unsupported(
          reason: "fovead may not read it", remedy: "Let its group read it: chmod g+r.")
      }
      try intake.checkSpace(forByteCount: stamp.byteCount)
      let (record, isNew) = try await intake.add(file, name: name)
      try await pool.run { try stamp.remove(file) }
      logger.info(
        isNew ? "scene taken in" : "scene was here already",
        metadata: ["scene": "\(record.id)", "file": "\(name)", "actor": "\(actor)"])
      return true
    } catch let error as RasterError where !error.isOurs {
      return await reject(file, stamp, error)
    } catch is CancellationError {
      return false
    } catch {
      logger.error(
        "a file of the watched folder could not be taken, and stays",
        metadata: ["file": "\(file.lastPathComponent)", "error": "\(error)"])
      return false
    }
  }

  private func reject(_ file: URL, _ stamp: FileStamp, _ reason: RasterError) async -> Bool {
    do {
      // What has changed while it was read was not complete.
      guard FileStamp(file) == stamp else { return true }
      let place = try await pool.run {
        try RejectedFolder(beside: file.deletingLastPathComponent()).take(file, reason)
      }
      logger.warning(
        "a file of the watched folder was rejected",
        metadata: [
          "file": "\(file.lastPathComponent)", "reason": "\(reason)", "moved": "\(place.path)",
          "actor": "uid:\(stamp.owner)",
        ])
      return true
    } catch {
      logger.error(
        "a file of the watched folder is no scene, and cannot be moved away",
        metadata: ["file": "\(file.lastPathComponent)", "error": "\(error)"])
      return false
    }
  }

  /// What may be taken from a folder, which is made where it is missing; blocks.
  private static func files(in folder: URL) throws -> [(name: String, stamp: FileStamp)] {
    try DurableFile.createFolder(folder)
    try UnnamedFiles.name(in: folder)
    return try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { name in
        !name.hasPrefix(".") && ![".part", ".tmp"].contains { name.lowercased().hasSuffix($0) }
      }
      .compactMap { name in
        FileStamp(folder.appending(path: name)).map { (name, $0) }
      }
  }
}

extension RasterError {
  /// Whether our own disk, rights or programs are at fault, and not the file's content.
  fileprivate var isOurs: Bool {
    switch self {
    case .cannotRead, .cannotWrite, .decoderUnavailable: true
    default: false
    }
  }
}
