// SPDX-License-Identifier: Apache-2.0

/// What one process measured of a survey: one line of JSON, ours with the keys of the peers'
/// script.
struct SurveyMeasurement: Codable {
  /// The seconds of each part, and `total`.
  var seconds: [String: Double]
  /// The chips of the scene.
  var chips: Int
  /// Those whose HR pixels were read, and which were then classified.
  var chipsRead: Int
  /// The patches that were chosen.
  var patchesChosen: Int
  /// How many chips each class has.
  var classCounts: [Int]
  /// The largest resident memory of the process.
  var peakMiB: Double

  enum CodingKeys: String, CodingKey {
    case seconds, chips
    case chipsRead = "chips_read"
    case patchesChosen = "patches_chosen"
    case classCounts = "class_counts"
    case peakMiB = "peak_rss_mb"
  }

  /// Seconds of some parts together.
  func seconds(of parts: [String]) -> Double { parts.reduce(0) { $0 + (seconds[$1] ?? 0) } }

  /// What differs from another's choice and answers, in words; nil where nothing does.
  func difference(from other: SurveyMeasurement) -> String? {
    var differences: [String] = []
    for (what, mine, theirs) in [
      ("chips", chips, other.chips), ("chips read", chipsRead, other.chipsRead),
      ("patches chosen", patchesChosen, other.patchesChosen),
    ] where mine != theirs {
      differences.append("\(mine) \(what), the peer \(theirs)")
    }
    // The peer leaves out the last classes where no chip has them.
    let length = max(classCounts.count, other.classCounts.count)
    let counts = [classCounts, other.classCounts].map { counts in
      counts + [Int](repeating: 0, count: length - counts.count)
    }
    let moved = zip(counts[0], counts[1]).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
    if moved > 0 { differences.append("\(moved) chips of other classes") }
    return differences.isEmpty ? nil : differences.joined(separator: "; ")
  }
}
