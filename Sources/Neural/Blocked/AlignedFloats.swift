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
/// Together, blocks in use and kept ones are at most twice what was in use at once.
private enum AlignedBlocks {
  /// The bytes of a cache line, and of the widest vector.
  private static let alignment = 64
  /// Blocks from here on come from the system and go back to it, page by page; the allocator's
  /// heap would seldom find their places again and grow.
  private static let largeBytes = 1 << 20
  private static let state = Mutex(State())

  private struct State: Sendable {
    /// Kept blocks, the longest unused first: addresses as numbers, as pointers are not Sendable.
    var kept: [(address: UInt, bytes: Int)] = []
    var keptBytes = 0
    var usedBytes = 0
    var mostUsedBytes = 0

    /// Twice what was needed at once: with less, blocks of one part of a step drive out those of
    /// another, and every step maps its memory anew.
    var allowedBytes: Int { mostUsedBytes * 2 + AlignedBlocks.largeBytes }

    /// Counts a block in; returns a kept one of its size, and those for which there is no room.
    mutating func take(_ bytes: Int) -> (found: UInt?, surplus: [(address: UInt, bytes: Int)]) {
      usedBytes += bytes
      mostUsedBytes = max(mostUsedBytes, usedBytes)
      let match = kept.lastIndex { $0.bytes == bytes }.map { kept.remove(at: $0) }
      if match != nil { keptBytes -= bytes }
      var surplus: [(address: UInt, bytes: Int)] = []
      while usedBytes + keptBytes > allowedBytes, !kept.isEmpty {
        surplus.append(kept.removeFirst())
        keptBytes -= surplus.last?.bytes ?? 0
      }
      return (match?.address, surplus)
    }
  }

  static func take(floats: Int) -> UnsafeMutablePointer<Float> {
    let bytes = size(of: floats)
    let (found, surplus) = state.withLock { $0.take(bytes) }
    for block in surplus { release(block.address, bytes: block.bytes) }
    let memory = found.flatMap { UnsafeMutableRawPointer(bitPattern: $0) } ?? reserve(bytes)
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

  /// Whole lines, and for large blocks whole pages.
  private static func size(of floats: Int) -> Int {
    let bytes = max(floats, 1) * MemoryLayout<Float>.stride
    let unit = bytes < largeBytes ? alignment : Int(getpagesize())
    return (bytes + unit - 1) / unit * unit
  }

  private static func reserve(_ bytes: Int) -> UnsafeMutableRawPointer {
    if bytes < largeBytes {
      if let memory = aligned_alloc(alignment, bytes) { return memory }
    } else if let memory = mmap(
      nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      memory != MAP_FAILED
    {
      return memory
    }
    preconditionFailure("There is no memory for \(bytes) bytes.")
  }

  private static func release(_ address: UInt, bytes: Int) {
    let memory = UnsafeMutableRawPointer(bitPattern: address)
    if bytes < largeBytes { free(memory) } else { munmap(memory, bytes) }
  }
}
