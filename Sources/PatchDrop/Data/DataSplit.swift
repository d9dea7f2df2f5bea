// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform

/// What an image is for.
public enum DataSplit: String, Sendable, Codable, CaseIterable {
  /// Weights are fitted to it.
  case train
  /// Checkpoints, thresholds and temperatures are chosen on it: a tenth of `train`.
  case tune
  /// Only reported.
  case val

  /// The share of the training images that is set apart.
  static let tuneDivisor = 10

  /// Sets a tenth of each class's training images apart, those with the lowest SHA-256 of their
  /// path: the same ones on every machine and in every order.
  static func settingTuneApart(
    _ splits: [DataSplit], paths: [String], labels: [Int]
  ) -> [DataSplit] {
    var splits = splits
    for label in Set(labels).sorted() {
      let members = splits.indices.filter { labels[$0] == label && splits[$0] == .train }
      let digests = members.map { (Digest.sha256(Data(paths[$0].utf8)), $0) }
      let count = (members.count + tuneDivisor / 2) / tuneDivisor
      for (_, index) in digests.sorted(by: { $0 < $1 }).prefix(count) { splits[index] = .tune }
    }
    return splits
  }
}
