// SPDX-License-Identifier: Apache-2.0

/// The name that a person probably meant: for messages about unknown keys and fields.
public enum NearestName {
  /// The candidate with the least edit distance to `name`; nil when none is near.
  ///
  /// Near means that at most a third of the letters, and at least two, may differ.
  public static func of(_ name: String, among candidates: [String]) -> String? {
    let nearest = candidates.map { (name: $0, distance: distance(name, $0)) }
      .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
    guard let nearest, nearest.distance <= max(2, name.count / 3) else { return nil }
    return nearest.name
  }

  /// Levenshtein's distance: insertions, deletions and substitutions from one text to the other.
  private static func distance(_ first: String, _ second: String) -> Int {
    let target = Array(second.prefix(80))
    var row = Array(0...target.count)
    for (i, character) in first.prefix(80).enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for j in target.indices {
        let substituted = diagonal + (character == target[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substituted, diagonal + 1, row[j] + 1)
      }
    }
    return row[target.count]
  }
}
