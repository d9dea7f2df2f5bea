// SPDX-License-Identifier: Apache-2.0

import Foundation
import Neural
import Platform

/// The finished stages of a training, one file each, so that a training can be taken up again.
///
/// A checkpoint counts only where it was made from the same data, design and options.
struct Checkpoints {
  let folder: URL
  /// What each stage depends on; a checkpoint with another one is of another training.
  let fingerprints: [TrainingStage: String]

  private func url(_ stage: TrainingStage) -> URL {
    folder.appending(path: "\(stage.rawValue).safetensors")
  }

  /// The tensors of a finished stage; nil where it is not finished or was made differently.
  func load(_ stage: TrainingStage) throws -> [String: Tensor]? {
    guard FileManager.default.fileExists(atPath: url(stage).path) else { return nil }
    let file = try SafeTensors(contentsOf: url(stage))
    guard file.metadata["fingerprint"] == fingerprints[stage] else { return nil }
    return try file.tensors()
  }

  /// Keeps a finished stage.
  func save(_ tensors: [String: Tensor], of stage: TrainingStage) throws {
    try DurableFile.createFolder(folder)
    let file = SafeTensors(tensors, metadata: ["fingerprint": fingerprints[stage] ?? ""])
    try DurableFile.write(file.encoded(), to: url(stage))
  }
}

extension [String: Tensor] {
  /// The tensors whose names start with `prefix`, by the rest of their names.
  func part(_ prefix: String) -> [String: Tensor] {
    var found: [String: Tensor] = [:]
    for (name, tensor) in self where name.hasPrefix(prefix) {
      found[String(name.dropFirst(prefix.count))] = tensor
    }
    return found
  }

  /// The same tensors with `prefix` before each name.
  func named(_ prefix: String) -> [String: Tensor] {
    var found: [String: Tensor] = [:]
    for (name, tensor) in self { found[prefix + name] = tensor }
    return found
  }
}
