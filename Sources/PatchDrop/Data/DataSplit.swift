// SPDX-License-Identifier: Apache-2.0

import Foundation
import Platform

/// What an image is for.
public enum DataSplit: String, Sendable, Codable, CaseIterable {
  /// Weights are fitted to it.
  case train
  /// Checkpoints, thresholds and temperatures are chosen on it: a tenth of `train` where the data
  /// set names none.
  case tune
  /// Only reported: a fifth of each class where the data set names none.
  case val

  /// What published sets call their parts, in the names of folders and tables.
  static let ofFolder: [String: DataSplit] = [
    "train": .train, "tune": .tune, "val": .val, "test": .val,
  ]

  /// What the parts of a set are for: with both `val` and `test`, one is for choosing.
  static func ofFolders(_ names: Set<String>) -> [String: DataSplit] {
    var splits = ofFolder.filter { names.contains($0.key) }
    if splits["val"] != nil, splits["test"] != nil, splits["tune"] == nil { splits["val"] = .tune }
    return splits
  }

  private static let valDivisor = 5
  private static let tuneDivisor = 10

  /// The splits of images, where those that are nil are made: the same ones on every machine and
  /// in every order.
  ///
  /// - Parameter splits: all nil, or none.
  static func completed(_ splits: [DataSplit?], paths: [String], labels: [Int]) -> [DataSplit] {
    let isSplit = splits.contains { $0 != nil }
    var splits = splits.map { $0 ?? .train }
    if !isSplit { setApart(.val, valDivisor, of: &splits, paths: paths, labels: labels) }
    if !splits.contains(.tune) {
      setApart(.tune, tuneDivisor, of: &splits, paths: paths, labels: labels)
    }
    return splits
  }

  /// Takes a share of each class's training images, those with the lowest SHA-256 of their path.
  private static func setApart(
    _ split: DataSplit, _ divisor: Int, of splits: inout [DataSplit], paths: [String],
    labels: [Int]
  ) {
    var members: [Int: [Int]] = [:]
    for index in splits.indices where splits[index] == .train {
      members[labels[index], default: []].append(index)
    }
    for images in members.values {
      let digests = images.map { (Digest.sha256(Data(paths[$0].utf8)), $0) }
      let count = (images.count + divisor / 2) / divisor
      for (_, index) in digests.sorted(by: { $0 < $1 }).prefix(count) { splits[index] = split }
    }
  }
}
