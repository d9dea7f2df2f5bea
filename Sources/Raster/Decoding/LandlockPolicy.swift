// SPDX-License-Identifier: Apache-2.0

/// What is done where the kernel has no Landlock, the second wall around a decoder.
public enum LandlockPolicy: String, Sendable, Hashable, CaseIterable {
  /// Nothing is decoded.
  case required
  /// The filter of system calls, which refuses every open by itself, is enough.
  case ifAvailable = "if-available"
}
