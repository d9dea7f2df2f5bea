// SPDX-License-Identifier: Apache-2.0

/// Fork and join over pieces of work.
///
/// The caller takes part and waits, so call it from a plain thread, never from Swift's
/// cooperative pool. What a piece is never depends on the number of threads, and sums over pieces
/// are taken in their order: results are the same to the bit for any number of threads.
enum Workers {
  /// Into how many pieces a sum over a batch is split.
  static let reductionPieceCount = 8

  /// Calls `body` once for each piece, on up to `threads` threads at a time.
  static func forEach(pieces: Int, threads: Int, _ body: (_ piece: Int) -> Void) {
    let workers = min(pieces, threads)
    guard workers > 1 else {
      for piece in 0..<pieces { body(piece) }
      return
    }
    WorkerCrew.shared.run(pieces: pieces, helpers: workers - 1, body)
  }

  /// Calls `body` for ranges that together cover `0..<count`, each at least `minimum` long but
  /// for the last.
  static func forEachRange(
    count: Int, minimum: Int, threads: Int, _ body: (_ range: Range<Int>) -> Void
  ) {
    let length = max(minimum, (count + 15) / 16, 1)
    forEach(pieces: (count + length - 1) / length, threads: threads) { piece in
      body(piece * length..<min((piece + 1) * length, count))
    }
  }

  /// The piece's share of `count` things split into `pieces` runs of nearly equal length.
  static func share(_ piece: Int, of pieces: Int, count: Int) -> Range<Int> {
    piece * count / pieces..<(piece + 1) * count / pieces
  }
}
