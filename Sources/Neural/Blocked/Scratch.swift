// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Working memory that is used again: fresh pages cost as much as filling them.
final class Scratch: Sendable {
  /// How many unused pieces are kept; more are given back to the system.
  private static let keptCount = 16
  /// What convolutions work in.
  private static let shared = Scratch()

  private let unused = Mutex<[AlignedFloats]>([])

  /// Calls `body` with `count` floats of any content, shared by all passes.
  static func withFloats(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    shared.withFloats(count, body)
  }

  /// Calls `body` with `count` floats of any content.
  func withFloats(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    let memory = take(atLeast: count)
    body(memory.address)
    unused.withLock { unused in
      if unused.count >= Self.keptCount { unused.removeFirst() }
      unused.append(memory)
    }
  }

  private func take(atLeast count: Int) -> AlignedFloats {
    let found = unused.withLock { unused -> AlignedFloats? in
      let fitting = unused.indices.filter { unused[$0].count >= count }
      return fitting.min { unused[$0].count < unused[$1].count }.map { unused.remove(at: $0) }
    }
    return found ?? AlignedFloats(count: count)
  }
}
