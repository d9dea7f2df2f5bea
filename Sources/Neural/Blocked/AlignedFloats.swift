// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// Float32 memory that starts on a cache line, for the kernels in C.
///
/// Unchecked because the memory is plain: whoever holds the only reference may write, and before
/// that is shared, writing is over; `BlockedImages` copies where it is not the only holder.
final class AlignedFloats: @unchecked Sendable {
  /// The bytes of a cache line, and of the widest vector.
  private static let alignment = 64

  /// The first float.
  let address: UnsafeMutablePointer<Float>
  /// How many there are.
  let count: Int

  /// Makes memory of any content.
  init(count: Int) {
    self.count = count
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    let rounded = (bytes + Self.alignment - 1) / Self.alignment * Self.alignment
    guard let memory = aligned_alloc(Self.alignment, rounded) else {
      preconditionFailure("There is no memory for \(rounded) bytes.")
    }
    address = memory.bindMemory(to: Float.self, capacity: max(count, 1))
  }

  /// Makes memory of zeros.
  convenience init(zeros count: Int) {
    self.init(count: count)
    address.update(repeating: 0, count: count)
  }

  deinit {
    free(address)
  }
}
