// SPDX-License-Identifier: Apache-2.0

/// What is known of decoded images but for their pixels.
struct ChipTable: Codable, Equatable, Sendable {
  struct Unreadable: Codable, Equatable, Sendable {
    let path: String
    let reason: String
  }

  let classes: [String]
  let bandCount: Int
  let side: Int
  var paths: [String] = []
  var labels: [Int] = []
  var splits: [DataSplit] = []
  var unreadable: [Unreadable] = []

  /// Samples of one image.
  var sampleCount: Int { bandCount * side * side }

  /// Whether the lists are of one length and name only classes that are there: a file could say
  /// anything.
  var isConsistent: Bool {
    bandCount > 0 && bandCount < 1 << 10 && side > 0 && side < 1 << 15
      && labels.count == paths.count && splits.count == paths.count
      && labels.allSatisfy { classes.indices.contains($0) }
  }
}
