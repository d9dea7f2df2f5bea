// SPDX-License-Identifier: Apache-2.0

import Foundation
import Neural
import PatchDrop
import Platform
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

  /// The file with one variant and one comparison system alone, for tests that read it often.
  let small: Data

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
    small = try Self.reduced(data)
  }

  private static func reduced(_ data: Data) throws -> Data {
    var file = try SafeTensors(data)
    var card = try JSONDecoder().decode(
      ModelCard.self, from: Data((file.metadata["fovea"] ?? "").utf8))
    card.variants = card.variants.filter { $0.key == "ft2" }
    card.comparisons = card.comparisons.filter { $0.system == .stochastic && $0.stage == .ft2 }
    file.metadata["fovea"] = String(decoding: try JSON.encoder().encode(card), as: UTF8.self)
    let kept = ["hr.", "lr.", "ft2.", "stochastic.ft2."]
    file.entries = file.entries.filter { name, _ in kept.contains { name.hasPrefix($0) } }
    return file.encoded()
  }
}
