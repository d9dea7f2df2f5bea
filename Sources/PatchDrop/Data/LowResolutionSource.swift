// SPDX-License-Identifier: Apache-2.0

/// Where a chip's LR pixels come from.
public enum LowResolutionSource: String, Sendable, Codable, CaseIterable {
  /// The mean of each block of HR pixels, in integers, rounded half up: a coarse sensor.
  case area
  /// The top-left pixel of each block, as in the authors' code; aliased.
  case nearest
}
