// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Neural

/// A network as the peers' script exports it: weights, a batch, and what must come of it.
struct Export {
  /// What the export's JSON says.
  struct Facts: Decodable {
    struct Deviation: Decodable {
      let logitsEval: Double
      let logitsTrain: Double
      let gradients: Double

      enum CodingKeys: String, CodingKey {
        case logitsEval = "logits_eval"
        case logitsTrain = "logits_train"
        case gradients
      }
    }

    let net: String
    let kind: String
    let blocks: [Int]
    let channels: [Int]
    let outputs: Int
    let side: Int
    let images: Int
    let labels: [Int]
    let lossTrain: Double
    let torch: Deviation

    enum CodingKeys: String, CodingKey {
      case net, kind, blocks, channels, outputs, side, images, labels
      case lossTrain = "loss_train"
      case torch = "float32_deviation_of_torch"
    }
  }

  let facts: Facts
  private let folder: URL

  /// All exports of a folder, by name.
  static func all(in folder: URL) throws -> [Export] {
    // A folder that cannot be read has no exports, which is what the person is told.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let exports = names.filter { $0.hasSuffix(".json") }.sorted()
    guard !exports.isEmpty else {
      throw ValidationError(
        "\(folder.path) has no exports. Make them there: peer_networks.py --export FOLDER.")
    }
    return try exports.map { name in
      let data = try Data(contentsOf: folder.appending(path: name))
      return Export(facts: try JSONDecoder().decode(Facts.self, from: data), folder: folder)
    }
  }

  /// The network with its weights.
  func network() throws -> Network {
    let isLarge = facts.kind == "imagenet"
    let description = NetworkDescription.Residual(
      inputs: 3,
      stem: .init(
        kernel: isLarge ? 7 : 3, stride: isLarge ? 2 : 1, width: facts.channels[0],
        maxPool: isLarge),
      stages: zip(facts.blocks, facts.channels).enumerated().map { index, stage in
        .init(blocks: stage.0, width: stage.1, stride: index == 0 ? 1 : 2)
      },
      outputs: facts.outputs)
    return try Network(.residual(description), state: tensors("weights"))
  }

  /// The batch that went in.
  func input() throws -> Tensor {
    try numbers("input", [facts.images, 3, facts.side, facts.side])
  }

  /// The logits that must come out, `logits_eval` or `logits_train`.
  func logits(_ part: String) throws -> Tensor {
    try numbers(part, [facts.images, facts.outputs])
  }

  /// The tensors of one of the export's safetensors files.
  func tensors(_ part: String) throws -> [String: Tensor] {
    try SafeTensors(contentsOf: file("\(part).safetensors")).tensors()
  }

  private func numbers(_ part: String, _ shape: [Int]) throws -> Tensor {
    let data = try Data(contentsOf: file("\(part).bin"))
    guard data.count == 4 * shape.reduce(1, *) else {
      throw NeuralError.wrongShape(
        name: "\(facts.net).\(part).bin", expected: shape, found: [data.count / 4])
    }
    return try SafeTensors.Entry(type: .float32, shape: shape, bytes: data).tensor(named: part)
  }

  private func file(_ suffix: String) -> URL { folder.appending(path: "\(facts.net).\(suffix)") }
}
