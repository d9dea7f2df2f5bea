// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Synchronization

/// Float32 memory that starts on a cache line, for the kernels in C.
///
/// Unchecked because the memory is plain: whoever holds the only reference may write, and before
/// that is shared, writing is over; `BlockedImages` copies where it is not the only holder.
final class AlignedFloats: @unchecked Sendable {
  /// The first float.
  let address: UnsafeMutablePointer<Float>
  /// How many there are.
  let count: Int

  /// Makes memory of any content.
  init(count: Int) {
    self.count = count
    address = AlignedBlocks.take(floats: count)
  }

  /// Makes memory of zeros.
  convenience init(zeros count: Int) {
    self.init(count: count)
    address.update(repeating: 0, count: count)
  }

  /// Calls `body` with working memory of any content.
  static func withTemporary(count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    let memory = AlignedFloats(count: count)
    withExtendedLifetime(memory) { body(memory.address) }
  }

  deinit {
    AlignedBlocks.give(address, floats: count)
  }
}

/// Blocks of memory that are used again.
///
/// A training step asks for the same hundreds of megabytes as the one before; were they given back
/// in between, the system would clear their pages again each time, which took a quarter of a step.
/// Together, blocks in use and kept ones are never more than were in use at once.
private enum AlignedBlocks {
  /// The bytes of a cache line, and of the widest vector.
  private static let alignment = 64
  private static let state = Mutex(State())

  private struct State: Sendable {
    /// Kept blocks, the longest unused first: addresses as numbers, as pointers are not Sendable.
    var kept: [(address: UInt, bytes: Int)] = []
    var keptBytes = 0
    var usedBytes = 0
    var mostUsedBytes = 0
  }

  static func take(floats: Int) -> UnsafeMutablePointer<Float> {
    let bytes = size(of: floats)
    let (found, surplus) = state.withLock { state in
      state.usedBytes += bytes
      state.mostUsedBytes = max(state.mostUsedBytes, state.usedBytes)
      let match = state.kept.lastIndex { $0.bytes == bytes }.map { state.kept.remove(at: $0) }
      if match != nil { state.keptBytes -= bytes }
      var surplus: [UInt] = []
      while state.usedBytes + state.keptBytes > state.mostUsedBytes, !state.kept.isEmpty {
        let oldest = state.kept.removeFirst()
        state.keptBytes -= oldest.bytes
        surplus.append(oldest.address)
      }
      return (match?.address, surplus)
    }
    for address in surplus { free(UnsafeMutableRawPointer(bitPattern: address)) }
    guard
      let memory = found.flatMap({ UnsafeMutableRawPointer(bitPattern: $0) })
        ?? aligned_alloc(alignment, bytes)
    else { preconditionFailure("There is no memory for \(bytes) bytes.") }
    return memory.bindMemory(to: Float.self, capacity: bytes / MemoryLayout<Float>.stride)
  }

  static func give(_ address: UnsafeMutablePointer<Float>, floats: Int) {
    let bytes = size(of: floats)
    state.withLock { state in
      state.usedBytes -= bytes
      state.keptBytes += bytes
      state.kept.append((UInt(bitPattern: address), bytes))
    }
  }

  /// Whole lines, and for large blocks whole pages, so that more of them are equal.
  private static func size(of floats: Int) -> Int {
    let bytes = max(floats, 1) * MemoryLayout<Float>.stride
    let unit = bytes > 1 << 16 ? 4096 : alignment
    return (bytes + unit - 1) / unit * unit
  }
}
