// SPDX-License-Identifier: Apache-2.0

import Foundation
import Neural
import Platform

/// The stages of a training, one file each, so that a training can be taken up again: finished
/// ones, and the one that is under way after each of its epochs.
///
/// A file counts only where it was made from the same data, design and options. Files appear
/// whole; one that is damaged all the same is not taken, and its stage runs again.
struct Checkpoints {
  let folder: URL
  /// What each stage depends on; a checkpoint with another one is of another training.
  let fingerprints: [TrainingStage: String]
  let log: TrainingLog

  /// The tensors of a finished stage; nil where it is not finished or was made differently.
  func load(_ stage: TrainingStage) throws -> [String: Tensor]? {
    try read(url(stage), of: stage)?.tensors()
  }

  /// Keeps a finished stage.
  func save(_ tensors: [String: Tensor], of stage: TrainingStage) throws {
    try write(SafeTensors(tensors), to: url(stage), of: stage)
  }

  /// A stage after the last of its epochs that an earlier run finished; nil where there is none.
  func progress(of stage: TrainingStage) throws -> StageProgress? {
    try read(progressURL(stage), of: stage).map { try StageProgress($0) }
  }

  /// Keeps a stage between two epochs.
  func save(_ progress: StageProgress, of stage: TrainingStage) throws {
    try write(try progress.file(), to: progressURL(stage), of: stage)
  }

  /// Removes what only an unfinished stage needs.
  func removeProgress(of stage: TrainingStage) throws {
    let url = progressURL(stage)
    guard FileManager.default.fileExists(atPath: url.path) else { return }
    try FileManager.default.removeItem(at: url)
  }

  private func url(_ stage: TrainingStage) -> URL {
    folder.appending(path: "\(stage.rawValue).safetensors")
  }

  private func progressURL(_ stage: TrainingStage) -> URL {
    folder.appending(path: "\(stage.rawValue).progress.safetensors")
  }

  private func read(_ url: URL, of stage: TrainingStage) throws -> SafeTensors? {
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    do {
      let file = try SafeTensors(contentsOf: url)
      return file.metadata["fingerprint"] == fingerprints[stage] ? file : nil
    } catch NeuralError.invalidSafeTensors(let reason) {
      log.say("\(stage.rawValue): \(url.path) is damaged and not taken: \(reason)")
      return nil
    }
  }

  private func write(_ file: SafeTensors, to url: URL, of stage: TrainingStage) throws {
    var file = file
    file.metadata["fingerprint"] = fingerprints[stage] ?? ""
    try DurableFile.createFolder(folder)
    try DurableFile.write(file.encoded(), to: url)
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
