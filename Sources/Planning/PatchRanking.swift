// SPDX-License-Identifier: Apache-2.0

import Acquisition

/// What is worth most first, over the whole region, when there is too little money for all.
///
/// A chip's patches come in the policy's order: keep probabilities say which patch of a chip, not
/// which chip. How much goes to which chip is said by the gains that were measured with the model:
/// the upper concave envelope of each chip's curve is cut into pieces of one slope, and the pieces
/// come by slope, so that what is bought has the greatest measured gain that so many patches can
/// have. (A piece stays together: where two patches do nothing and the third settles it, the three
/// are one piece.) Pieces may be made coarser, for vendors whose first patch of a place costs more than
/// the next ones: a tile of a file, a minimum area. Among equals the chip that the LR classifier is least sure of is first, by the
/// calibrated margin between its two best classes, then the place. Without gains that is all that
/// counts, and chips are bought whole.
struct PatchRanking {
  /// Some patches of one chip that are bought together.
  private struct Piece {
    let candidate: Int
    let ranks: Range<Int>
    let slope: Double
  }

  /// The patches in the order of buying.
  let patches: [PatchPosition]

  /// Ranks what is available of the chips.
  ///
  /// - Parameter grain: how many patches a piece has at least, but for the last of a chip.
  init(
    _ candidates: [ChipCandidate], gains: PatchGains?, grain: Int = 1, on grid: ChipGrid
  ) {
    var pieces: [Piece] = []
    for (place, candidate) in candidates.enumerated() where !candidate.ranked.isEmpty {
      pieces += Self.pieces(of: candidate, place, gains, grain)
    }
    pieces.sort { left, right in
      let (one, two) = (candidates[left.candidate], candidates[right.candidate])
      if left.slope != right.slope { return left.slope > right.slope }
      if one.answer.margin != two.answer.margin { return one.answer.margin < two.answer.margin }
      return (one.chip, left.ranks.lowerBound) < (two.chip, right.ranks.lowerBound)
    }
    patches = pieces.flatMap { piece in
      let candidate = candidates[piece.candidate]
      return candidate.ranked[piece.ranks].map {
        PatchPosition(chip: candidate.chip, patch: $0, in: grid.patchGrid)
      }
    }
  }

  private static func pieces(
    of candidate: ChipCandidate, _ place: Int, _ gains: PatchGains?, _ grain: Int
  ) -> [Piece] {
    let count = candidate.ranked.count
    guard let gains else { return [Piece(candidate: place, ranks: 0..<count, slope: 0)] }
    let curve = (0...count).map { candidate.gain(buying: $0, gains) }
    // The corners of the envelope: a corner goes when the next slope is no smaller than its own.
    var corners = [0]
    func slope(_ from: Int, _ to: Int) -> Double { (curve[to] - curve[from]) / Double(to - from) }
    for next in 1...count where next % grain == 0 || next == count {
      while corners.count > 1,
        slope(corners[corners.count - 1], next)
          >= slope(corners[corners.count - 2], corners[corners.count - 1])
      { corners.removeLast() }
      corners.append(next)
    }
    return zip(corners, corners.dropFirst()).map { from, to in
      Piece(candidate: place, ranks: from..<to, slope: slope(from, to))
    }
  }
}

extension ChipCandidate {
  /// What so many of the available patches are worth, with those that are owned.
  func gain(buying count: Int, _ gains: PatchGains) -> Double {
    gains.gain(margin: answer.plainMargin, patchCount: owned.count + count)
  }

  /// The probability of a right answer, having bought so many.
  func estimatedAccuracy(buying count: Int, _ gains: PatchGains) -> Double {
    min(1, Double(answer.probability) + gain(buying: count, gains))
  }
}
