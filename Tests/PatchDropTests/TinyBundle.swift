// SPDX-License-Identifier: Apache-2.0

import Foundation
import Neural
import PatchDrop
import TestSupport

/// A whole bundle of tiny networks, hardly trained, with all variants and comparison systems.
struct TinyBundle: Sendable {
  let chips: LabelledChips
  /// The weights before they were rounded.
  let tensors: [String: Tensor]
  /// The file's bytes.
  let data: Data
  /// The bytes of a second file, written from the same weights.
  let again: Data

  /// Made once for all tests.
  static let shared = Result { try TinyBundle() }

  private init() throws {
    let folder = try TemporaryFolder()
    chips = StripedChips.make(count: 192)
    let training = try StripedChips.training(
      chips, in: folder.url.appending(path: "stages"), options: StripedChips.shortOptions)
    let files = try ["tiny", "again"].map { file in
      let url = folder.url.appending(path: file)
      _ = try training.writeBundle(
        name: "tiny", source: ("made up", "none"), command: "test", to: url)
      return try Data(contentsOf: url)
    }
    (data, again) = (files[0], files[1])
    tensors = try training.run(through: .stochasticFt2)
  }
}
