// SPDX-License-Identifier: Apache-2.0

import Foundation
import PatchDrop
import Synchronization

/// The models that jobs use, each read once for as long as its file stays the same.
final class BundleShelf: Sendable {
  /// How many models are kept; all are let go when there would be one more.
  private static let mostBundles = 4

  /// What changes when a file does.
  private struct Stamp: Equatable {
    let fileNumber: UInt64
    let byteCount: UInt64
    let modifiedAt: Date

    init?(_ url: URL) {
      // A file that cannot be asked about is read, and the reading says why it cannot be.
      guard let attributes = try? FileManager.default.attributesOfItem(atPath: url.path),
        let fileNumber = attributes[.systemFileNumber] as? UInt64,
        let byteCount = attributes[.size] as? UInt64,
        let modifiedAt = attributes[.modificationDate] as? Date
      else { return nil }
      self.fileNumber = fileNumber
      self.byteCount = byteCount
      self.modifiedAt = modifiedAt
    }
  }

  private let bundles = Mutex<[URL: (stamp: Stamp, bundle: ModelBundle)]>([:])

  /// The bundle of a file; blocks where it must be read.
  ///
  /// - Throws: `ModelError`.
  func bundle(at url: URL) throws(ModelError) -> ModelBundle {
    let stamp = Stamp(url)
    if let kept = bundles.withLock({ $0[url] }), kept.stamp == stamp { return kept.bundle }
    let bundle = try ModelBundle.load(from: url)
    if let stamp {
      bundles.withLock { bundles in
        if bundles.count >= Self.mostBundles { bundles.removeAll() }
        bundles[url] = (stamp, bundle)
      }
    }
    return bundle
  }
}
