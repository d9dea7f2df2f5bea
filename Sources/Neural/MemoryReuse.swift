// SPDX-License-Identifier: Apache-2.0
internal import CKernels

/// How the process gives memory back.
///
/// A training step frees and asks again for hundreds of megabytes. Each time they went back to
/// the system, their pages would have to be made anew, which took a seventh of all time.
enum MemoryReuse {
  /// The largest block that the allocator takes from its heap, and the most that glibc accepts.
  private static let blockLimitBytes: Int32 = 32 << 20
  /// How much unused memory the process keeps.
  private static let keptBytes: Int32 = 256 << 20

  /// Set for the whole process once it has a network; false where the allocator cannot.
  static let isOn = ck_keep_memory(blockLimitBytes, keptBytes) == 1
}
