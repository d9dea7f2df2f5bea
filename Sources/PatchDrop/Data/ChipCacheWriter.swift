// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform

/// Writes decoded images one after another; the file has its name only when it is whole.
struct ChipCacheWriter: ~Copyable {
  private let cache: ChipCache
  private let temporary: URL
  private let descriptor: Int32
  private var sampleByteCount = 0

  /// Begins a file.
  init(_ cache: ChipCache) throws(PlatformError) {
    let folder = cache.url.deletingLastPathComponent()
    try DurableFile.createFolder(folder)
    Self.removeRemains(of: cache, in: folder)
    let temporary = DurableFile.temporaryURL(for: cache.url)
    let descriptor = open(temporary.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else {
      throw .file(step: "create", path: temporary.path, reason: String(cString: strerror(errno)))
    }
    (self.cache, self.temporary, self.descriptor) = (cache, temporary, descriptor)
  }

  /// Appends the samples of an image.
  mutating func append(_ samples: [UInt8]) throws(PlatformError) {
    let place = ChipCache.firstPage + sampleByteCount
    if let failure = samples.withUnsafeBytes({ write($0, at: place) }) { throw failure }
    sampleByteCount += samples.count
  }

  /// Completes the file and gives it its name.
  consuming func finish(_ table: ChipTable) throws(PlatformError) {
    let bytes: Data
    do {
      bytes = try JSON.encoder().encode(table)
    } catch {
      throw .file(step: "write", path: cache.url.path, reason: "\(error)")
    }
    let head = ChipCache.Head(
      fingerprint: cache.fingerprint, tableDigest: Digest.sha256(bytes),
      sampleByteCount: sampleByteCount, tableByteCount: bytes.count)
    for (data, place) in [(bytes, ChipCache.firstPage + sampleByteCount), (head.bytes, 0)] {
      if let failure = data.withUnsafeBytes({ write($0, at: place) }) { throw failure }
    }
    try DurableFile.publish(temporary, as: cache.url)
  }

  /// Writes bytes at a place of the file; what went wrong, if anything did.
  private func write(_ bytes: UnsafeRawBufferPointer, at place: Int) -> PlatformError? {
    var done = 0
    while done < bytes.count {
      let count = pwrite(
        descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(place + done))
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        return .file(
          step: "write", path: cache.url.path, reason: String(cString: strerror(errno)))
      }
      done += count
    }
    return nil
  }

  /// Removes what a killed run left of this file; one that is being written is not an hour old.
  private static func removeRemains(of cache: ChipCache, in folder: URL) {
    let start = ".\(cache.url.lastPathComponent)."
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for name in names where name.hasPrefix(start) && name.hasSuffix(".part") {
      let url = folder.appending(path: name)
      let changed = try? url.resourceValues(forKeys: [.contentModificationDateKey])
        .contentModificationDate
      if let changed, changed.timeIntervalSinceNow < -3600 { unlink(url.path) }
    }
  }

  deinit {
    close(descriptor)
    // Published files have another name by now.
    unlink(temporary.path)
  }
}
